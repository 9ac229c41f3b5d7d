"""Answers the screen's questions, all from one reading connection, in one thread."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from tokentui.instants import ms_of
from tokentui.queries.alert_rows import AlertLog, AlertRow
from tokentui.queries.budgets.screen import BudgetSide, KeptBudgetSide
from tokentui.queries.circumstances import Circumstances
from tokentui.queries.dashboard import Dashboard
from tokentui.queries.live.one_session import one_session
from tokentui.queries.live.working import Working, working_now
from tokentui.queries.reckoning.screen import USUAL_DAYS, BilledSide, KeptBilledSide
from tokentui.queries.results import Snapshot
from tokentui.queries.runaway.alerts import alert_log, mutes_now, open_alerts
from tokentui.queries.session.responses import agent_responses, response_detail
from tokentui.queries.session.results import AgentResponses, ResponseDetail, SessionTree
from tokentui.queries.sums.recent import RecentSums
from tokentui.transcripts.registry import LiveRegistry
from tokentui.view import View

if TYPE_CHECKING:
    from tokentui.queries.advice.advise import AdviceView
    from tokentui.queries.compare.screen import Comparison
    from tokentui.queries.compare.subjects import SideKind
    from tokentui.queries.reckoning.billing import BillingGrouping
    from tokentui.queries.session.drills import ToolCalls, TurnResponses
    from tokentui.queries.session.insight import SessionViews
    from tokentui.queries.session.parts import PartName, SessionInsight
    from tokentui.queries.session.tools import ToolGrouping


class StoredQuestions:
    """Answers the screen's questions; made, used and closed in one thread."""

    def __init__(self, connection: sqlite3.Connection, circumstances: Circumstances, *, is_live: bool = True) -> None:
        """With `is_live`, the first answers leave out what is usual, which is worked out in small steps."""
        self._connection, self._around, self._is_live = connection, circumstances, is_live
        self._recent_sums = RecentSums()
        self._dashboard = Dashboard(connection, circumstances, self._recent_sums, is_live=is_live)
        self._registry = LiveRegistry(circumstances.read_registry)
        self._billed = KeptBilledSide(circumstances.read_rates)
        self._budgets = KeptBudgetSide(connection, circumstances.time_zone, circumstances.week_start)
        self._made_views: SessionViews | None = None
        self._is_in_session = False

    def snapshot(self, view: View) -> Snapshot:
        """Everything that the dashboard shows, as of one state of the store.

        Answers kept for a session are dropped once a snapshot is asked for without a question about that session.
        """
        if not self._is_in_session:
            self._made_views = None
        self._is_in_session = False
        with self._now_stored() as now:
            return self._dashboard.snapshot(view, now, self._working(now))

    def at(self, moment: datetime | None) -> StoredQuestions:
        """These questions themselves: they know only one moment."""
        return self

    def session_tree(self, session_id: str) -> SessionTree | None:
        """A session's agents; None if the session is unknown."""
        with self._now_stored() as now:
            return self._tree(session_id, now)

    def session_insight(self, session_id: str, name: PartName, agent_id: str = "") -> SessionInsight | None:
        """A session's agents and one of its other views; None if the session is unknown."""
        with self._now_stored() as now:
            tree = self._tree(session_id, now)
            return None if tree is None else self._views.insight(self._connection, tree, name, agent_id)

    def turn_responses(self, session_id: str, number: int, limit: int) -> TurnResponses | None:
        """The responses of a turn; None if there is no such turn."""
        with self._now_stored() as now:
            tree = self._tree(session_id, now)
            return None if tree is None else self._views.turn(self._connection, tree, number, limit)

    def tool_calls(self, session_id: str, by: ToolGrouping, name: str, limit: int) -> ToolCalls | None:
        """The calls of a tool, an MCP server, a skill or a type of agent; None if the session is unknown."""
        with self._now_stored() as now:
            tree = self._tree(session_id, now)
            return None if tree is None else self._views.calls(self._connection, tree, by, name, limit)

    def agent_responses(self, session_id: str, agent_id: str, limit: int) -> AgentResponses | None:
        """The newest responses of one agent; `agent_id` is empty for the main thread."""
        tree = self.session_tree(session_id)
        agent = next((agent for agent in tree.agents if agent.agent_id == agent_id), None) if tree else None
        if tree is None or agent is None:
            return None
        responses, in_all = agent_responses(self._connection, session_id, agent_id, limit)
        return AgentResponses(tree.as_of, tree.session, agent, responses, in_all)

    def response(self, response_id: int) -> ResponseDetail | None:
        """One response in full."""
        return response_detail(self._connection, response_id)

    def alerts_now(self) -> tuple[AlertRow, ...]:
        """The alerts that hold now, by this connection's clock, the loudest first."""
        return open_alerts(self._connection, self._now())

    def alert_log(self, limit: int) -> AlertLog:
        """The newest alerts, and what is muted."""
        with _one_state(self._connection):
            now = self._now()
            return AlertLog(now, alert_log(self._connection, now, limit), mutes_now(self._connection, now))

    def budgets(self, windows: int) -> BudgetSide:
        """Every budget, with so many past windows; as of this connection's clock, not of the view."""
        with _one_state(self._connection):
            return self._budgets.ask(self._around.read_budgets(), self._now(), windows)

    def billed(self, by: BillingGrouping, days: int = USUAL_DAYS) -> BilledSide:
        """Local estimates beside what Anthropic billed, and the reckoning; about half a minute old at most."""
        return self._billed.ask(self._connection, self._now(), by, days)

    def advice(self, days: int) -> AdviceView:
        """Findings of the last days; takes seconds on a long history."""
        from tokentui.queries.advice.advise import advice_view

        now, connection = self._now(), self._connection
        with _one_state(connection):
            return advice_view(connection, self._around.read_rates(connection), now, now - timedelta(days=days))

    def comparison(self, kind: SideKind, one: str, other: str) -> Comparison:
        """Two of a kind side by side, and what else could be chosen; may take a second on a long history."""
        from tokentui.queries.compare.screen import comparison
        from tokentui.queries.compare.subjects import Calendar

        calendar = Calendar(self._now(), self._around.time_zone, self._around.week_start)
        with _one_state(self._connection):
            return comparison(self._connection, kind, (one, other), calendar)

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()

    def _tree(self, session_id: str, now: datetime) -> SessionTree | None:
        """One session's agents, whether or not the view's range and filter would show it."""
        working = self._working(now)
        session = one_session(self._connection, session_id, working, self._dashboard.latest(now))
        return None if session is None else self._views.tree(self._connection, session, working, now)

    @property
    def _views(self) -> SessionViews:
        """Answers about a session's views; made for the first session that is opened, to save a start from it."""
        self._is_in_session = True
        if self._made_views is None:
            from tokentui.queries.session.insight import SessionViews

            self._made_views = SessionViews(self._around.read_rates)
        return self._made_views

    def _working(self, now: datetime) -> Working:
        return working_now(self._connection, ms_of(now), self._registry.sessions(ms_of(now)))

    @contextmanager
    def _now_stored(self) -> Iterator[datetime]:
        """A read transaction, and the moment that is asked about; nothing is kept for a moment in the past."""
        now = self._now()
        with _one_state(self._connection):
            if not self._is_live:
                yield now
                return
            with self._recent_sums.brought_up(self._connection, ms_of(now)):
                yield now

    def _now(self) -> datetime:
        return self._around.clock().astimezone(UTC)


@contextmanager
def _one_state(connection: sqlite3.Connection) -> Iterator[None]:
    """A read transaction, in which all statements see the same state of the store."""
    connection.execute("BEGIN")
    try:
        yield
    finally:
        connection.execute("COMMIT")
