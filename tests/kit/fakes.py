"""Stand-ins for the questions and the ingest loop: they implement the ports and say what a test wants."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from tests.kit import canned_across, canned_insight
from tests.kit.canned import LIVE, NOW, busy
from tests.kit.canned_billed import well, with_days
from tests.kit.canned_budgets import SIDE
from tests.kit.canned_drill import agents, detail, responses
from tokentui.ingest.report import IngestReport
from tokentui.queries.advice.advise import AdviceView
from tokentui.queries.alert_rows import AlertLog
from tokentui.queries.budgets.screen import BudgetSide
from tokentui.queries.compare.screen import Comparison
from tokentui.queries.compare.subjects import SideKind
from tokentui.queries.reckoning.billing import BillingGrouping
from tokentui.queries.reckoning.screen import BilledSide
from tokentui.queries.results import Snapshot
from tokentui.queries.session.drills import ToolCalls, TurnResponses
from tokentui.queries.session.parts import PartName, SessionInsight
from tokentui.queries.session.results import AgentResponses, ResponseDetail, SessionTree
from tokentui.queries.session.tools import ToolGrouping
from tokentui.ui.ports import Synced
from tokentui.view import View


@dataclass
class CannedQuestions:
    """Answers from the tin. Set `fail` to make every question raise; `snapshots` are shown one after another."""

    make: Callable[[View], Snapshot] = busy
    fail: str = ""
    log: AlertLog = field(default_factory=lambda: AlertLog(NOW, (), ()))
    closed: threading.Event = field(default_factory=threading.Event)
    asked: list[View] = field(default_factory=list)
    side: BudgetSide = SIDE
    make_billed: Callable[[BillingGrouping], BilledSide] = well

    def __call__(self) -> CannedQuestions:
        """Be the factory as well."""
        return self

    def snapshot(self, view: View) -> Snapshot:
        if self.fail:
            raise RuntimeError(self.fail)
        self.asked.append(view)
        return self.make(view)

    def at(self, moment: datetime | None) -> CannedQuestions:
        return self

    def session_tree(self, session_id: str) -> SessionTree | None:
        row = next((row for row in self.snapshot(View()).sessions if row.session_id == session_id), None)
        return SessionTree(NOW, row, agents()) if row else None

    def session_insight(self, session_id: str, name: PartName, agent_id: str) -> SessionInsight | None:
        tree = self.session_tree(session_id)
        return canned_insight.insight(tree, name, agent_id) if tree else None

    def turn_responses(self, session_id: str, number: int, limit: int) -> TurnResponses | None:
        tree = self.session_tree(session_id)
        return canned_insight.turn_responses(tree, number, limit) if tree else None

    def tool_calls(self, session_id: str, by: ToolGrouping, name: str, limit: int) -> ToolCalls | None:
        tree = self.session_tree(session_id)
        return canned_insight.tool_calls(tree, by, name) if tree else None

    def agent_responses(self, session_id: str, agent_id: str, limit: int) -> AgentResponses | None:
        tree = self.session_tree(session_id)
        agent = next((row for row in tree.agents if row.agent_id == agent_id), None) if tree else None
        if tree is None or agent is None:
            return None
        return AgentResponses(NOW, tree.session, agent, responses()[:limit], 1_204)

    def response(self, response_id: int) -> ResponseDetail | None:
        row = next((row for row in responses() if row.response_id == response_id), None)
        if row is None:
            return None
        return detail(row)

    def alert_log(self, limit: int) -> AlertLog:
        return AlertLog(self.log.as_of, self.log.alerts[:limit], self.log.mutes)

    def budgets(self, windows: int) -> BudgetSide:
        return self.side

    def billed(self, by: BillingGrouping, days: int) -> BilledSide:
        return with_days(self.make_billed(by), days)

    def advice(self, days: int) -> AdviceView:
        return canned_across.advice()

    def comparison(self, kind: SideKind, one: str, other: str) -> Comparison:
        return canned_across.comparison(kind, one, other)

    def close(self) -> None:
        self.closed.set()


@dataclass
class CannedIngest:
    """An ingest loop that says one thing and waits; `change` and `report` speak through it later."""

    first: IngestReport = LIVE
    fail: str = ""
    is_history_stopped: bool = False
    over: threading.Event = field(default_factory=threading.Event)
    on_change: Callable[[], None] | None = None
    on_report: Callable[[IngestReport], None] | None = None

    def run(
        self, stop: threading.Event, on_report: Callable[[IngestReport], None], on_change: Callable[[], None]
    ) -> None:
        self.on_report, self.on_change = on_report, on_change
        on_report(self.first)
        if self.fail:
            raise OSError(self.fail)
        stop.wait()
        self.over.set()

    def stop_history(self) -> None:
        self.is_history_stopped = True


@dataclass
class CannedSync:
    """Syncs as it is told: each run waits until `go` is set, then ends as `result` says or raises `fail`."""

    result: Synced = field(default_factory=Synced)
    fail: Exception | None = None
    last: datetime | None = None
    go: threading.Event = field(default_factory=threading.Event)
    runs: list[bool] = field(default_factory=list)
    """Whether each run was asked for everything."""
    stops: list[threading.Event] = field(default_factory=list)

    def last_done_at(self) -> datetime | None:
        return self.last

    def once(self, stop: threading.Event, everything: bool) -> Synced:
        self.runs.append(everything)
        self.stops.append(stop)
        self.go.wait(10)
        if self.fail:
            raise self.fail
        return self.result
