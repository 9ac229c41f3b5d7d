"""Answers for the screen, all from one reading connection, in one thread."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, tzinfo
from pathlib import Path
from typing import TYPE_CHECKING

from tokentui.config import Budget
from tokentui.instants import ms_of
from tokentui.pricing.book import RateBook
from tokentui.queries.alert_rows import AlertLog
from tokentui.queries.alerts import alert_log, mutes_now, open_alerts
from tokentui.queries.billed_side import USUAL_DAYS, BilledSide, KeptBilledSide
from tokentui.queries.budgets import gauges_of
from tokentui.queries.chart import chart_of
from tokentui.queries.chart_buckets import Buckets, buckets_of
from tokentui.queries.headline import headline_of
from tokentui.queries.responses import agent_responses, response_detail
from tokentui.queries.results import AgentResponses, ResponseDetail, SessionRow, SessionTree, Snapshot, Totals
from tokentui.queries.sessions import Recent, Selection, ordered, recent, select, session_rows
from tokentui.queries.split import cache_of, models_of, shares_of, unpriced_of
from tokentui.queries.sums import Scope, coarse
from tokentui.queries.tree import session_tree
from tokentui.queries.usual import UsualFigures, usual_figures
from tokentui.queries.working import Working, working_now
from tokentui.store.database import open_reader
from tokentui.transcripts.registry import LiveSession
from tokentui.view import View

if TYPE_CHECKING:
    from tokentui.queries.billing import BillingGrouping

USUAL_SECONDS = 60.0
"""How often what is usual is worked out anew."""
USUAL_AT_FIRST_SECONDS = 5.0
"""The same while there is too little history, which may still be on its way in."""
REGISTRY_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What answers depend on besides the store."""

    clock: Callable[[], datetime]
    time_zone: tzinfo
    read_budgets: Callable[[], tuple[Budget, ...]]
    read_registry: Callable[[], Iterable[LiveSession]]
    week_starts_on: int = 0
    """0 Monday to 6 Sunday."""
    read_rates: Callable[[sqlite3.Connection], RateBook] = lambda _: RateBook()
    """The prices that estimates are made with."""


def open_questions(database: Path, circumstances: Circumstances) -> StoredQuestions:
    """Answers from the database at this path. Raises StoreError where it cannot be read."""
    return StoredQuestions(open_reader(database), circumstances)


class StoredQuestions:
    """Answers the screen's questions; made, used and closed in one thread."""

    def __init__(self, connection: sqlite3.Connection, circumstances: Circumstances) -> None:
        self._connection, self._around = connection, circumstances
        self._usual, self._usual_due = UsualFigures(), 0.0
        self._registry: tuple[LiveSession, ...] = ()
        self._registry_due = 0.0
        self._asked = 0
        self._billed = KeptBilledSide(circumstances.read_rates)

    def snapshot(self, view: View) -> Snapshot:
        """Everything the dashboard shows, as of one state of the store."""
        with _one_state(self._connection):
            return self._snapshot(view, self._now())

    def _snapshot(self, view: View, now: datetime) -> Snapshot:
        connection, around = self._connection, self._around
        now_ms, day_ms = ms_of(now), ms_of(self._day_start(now))
        buckets, selection = self._select(view, now)
        working, latest = self._working(now_ms), recent(connection, now_ms, day_ms)
        chart, hit_rates = chart_of(connection, view, buckets, selection.scope)
        by_model, whole = models_of(connection, selection.scope)
        headline = headline_of(connection, now_ms, day_ms, working, self._usual_figures(now))
        lines = ordered(selection, view, working, latest)[: view.row_limit]
        return Snapshot(
            as_of=now,
            view=view,
            headline=headline,
            chart=chart,
            cache=cache_of(headline.tokens_last_minute, whole, hit_rates),
            models=shares_of(by_model, whole),
            budgets=gauges_of(connection, around.read_budgets(), now, around.time_zone, around.week_starts_on),
            sessions=session_rows(connection, lines, selection, working, latest),
            sessions_matching=len(selection.lines),
            sessions_in_range=selection.in_range,
            totals=Totals(*_totals(connection), unpriced_of(by_model), _skipped_lines(connection)),
            alerts=open_alerts(connection, now),
        )

    def session_tree(self, session_id: str, view: View) -> SessionTree | None:
        """A session's agents; None where the session is unknown."""
        with _one_state(self._connection):
            now = self._now()
            session = self._session(session_id, view, now)
            if session is None:
                return None
            return session_tree(self._connection, session, self._working(ms_of(now)), now)

    def agent_responses(self, session_id: str, agent_id: str, view: View, limit: int) -> AgentResponses | None:
        """The newest responses of one agent; `agent_id` is empty for the main thread."""
        tree = self.session_tree(session_id, view)
        agent = next((agent for agent in tree.agents if agent.agent_id == agent_id), None) if tree else None
        if tree is None or agent is None:
            return None
        responses, in_all = agent_responses(self._connection, session_id, agent_id, limit)
        return AgentResponses(tree.as_of, tree.session, agent, responses, in_all)

    def response(self, response_id: int) -> ResponseDetail | None:
        """One response in full."""
        return response_detail(self._connection, response_id)

    def alert_log(self, limit: int) -> AlertLog:
        """The newest alerts, and what is kept quiet."""
        with _one_state(self._connection):
            now = self._now()
            return AlertLog(now, alert_log(self._connection, now, limit), mutes_now(self._connection, now))

    def billed(self, by: BillingGrouping, days: int = USUAL_DAYS) -> BilledSide:
        """Local estimates beside what was billed, and the reckoning; not older than half a minute or so."""
        return self._billed.ask(self._connection, self._now(), by, days)

    def close(self) -> None:
        """Give the connection back."""
        self._connection.close()

    def _select(self, view: View, now: datetime) -> tuple[Buckets, Selection]:
        buckets = buckets_of(self._connection, view, now, self._around.time_zone)
        scope = Scope(buckets.start_ms) if buckets.is_fine else coarse(buckets.start_ms)
        return buckets, select(self._connection, view, scope, buckets.range_start_ms, now)

    def _session(self, session_id: str, view: View, now: datetime) -> SessionRow | None:
        """One session's row, whether or not the view's range and filter would show it."""
        whole = replace(view, range="all", filter=type(view.filter)())
        _, selection = self._select(whole, now)
        lines = [line for line in selection.lines if line.session_id == session_id]
        latest: Recent = recent(self._connection, ms_of(now), ms_of(self._day_start(now)))
        rows = session_rows(self._connection, lines, selection, self._working(ms_of(now)), latest)
        return rows[0] if rows else None

    def _working(self, now_ms: int) -> Working:
        if time.monotonic() >= self._registry_due:
            self._registry = tuple(self._around.read_registry())
            self._registry_due = time.monotonic() + REGISTRY_SECONDS
        return working_now(self._connection, now_ms, self._registry)

    def _usual_figures(self, now: datetime) -> UsualFigures:
        """Worked out once a minute, and not for the first answer, which should be on screen at once."""
        self._asked += 1
        if self._asked > 1 and time.monotonic() >= self._usual_due:
            self._usual = usual_figures(self._connection, now, self._around.time_zone)
            pause = USUAL_AT_FIRST_SECONDS if self._usual.fresh is None else USUAL_SECONDS
            self._usual_due = time.monotonic() + pause
        return self._usual

    def _now(self) -> datetime:
        return self._around.clock().astimezone(UTC)

    def _day_start(self, now: datetime) -> datetime:
        return now.astimezone(self._around.time_zone).replace(hour=0, minute=0, second=0, microsecond=0)


@contextmanager
def _one_state(connection: sqlite3.Connection) -> Iterator[None]:
    """A read transaction: everything asked inside sees the same state of the store."""
    connection.execute("BEGIN")
    try:
        yield
    finally:
        connection.execute("ROLLBACK")


def _totals(connection: sqlite3.Connection) -> tuple[int, int]:
    responses = connection.execute("SELECT count(*) FROM response WHERE part = 0").fetchone()[0]
    return responses, connection.execute("SELECT count(*) FROM session").fetchone()[0]


def _skipped_lines(connection: sqlite3.Connection) -> int:
    return int(connection.execute("SELECT ifnull(sum(skipped_lines), 0) FROM log").fetchone()[0])
