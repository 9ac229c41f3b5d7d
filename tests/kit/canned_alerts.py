"""Made-up alerts in the states that matter, and a watch that does what a test wants."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Literal

from tests.kit.canned import HOSTILE, NOW, busy, session
from tokentui.queries.alert_rows import AlertLog, AlertRow, Mute, Sent
from tokentui.queries.results import Snapshot
from tokentui.ui.ports import Listener
from tokentui.view import View
from tokentui.watch.interrupt import Refusal, Target
from tokentui.watch.processes import Process

EVIDENCE = '14 agents working, usual 2; 9 spawned in 60 s; $31.20/min · session "refactor-api", 82 % of it'

STORM = AlertRow(
    alert_id=31, rule="agents_at_once", title="too many agents at once", grade="alarm", state="alarm", subject="",
    session_id=session(1).session_id, session_title=session(1).title, agents=("a2", "a3"), unit="agents",
    evidence=EVIDENCE, value=14, limit=10, peak=17, peak_at=NOW - timedelta(seconds=20), peak_evidence=EVIDENCE,
    raised_at=NOW - timedelta(seconds=95), last_at=NOW, ended_at=None, times=1, acknowledged_at=None,
    sent=(
        Sent("webhook", NOW - timedelta(seconds=90), 4, "the server answered 503 [/b]"),
        Sent("desktop", NOW - timedelta(seconds=94), 1, ""),
    ),
)  # fmt: skip
LOOP = replace(
    STORM, alert_id=30, rule="tool_loop", title="an agent goes in circles", session_id=session(4).session_id,
    session_title=HOSTILE, agents=("a4",), unit="calls", evidence="14 × Bash with the same input · \x1b[2J[/b]",
    peak_evidence="", sent=(), grade="warn",
)  # fmt: skip
BUDGET = replace(
    STORM, alert_id=29, rule="budget_level", title="a budget reaches a mark", session_id="", session_title="",
    agents=(), unit="usd", evidence="daily: $11.92 of $10.00", peak_evidence="", value=11.92, limit=10.0, peak=11.92,
    sent=(Sent("told with alert 28", NOW, 0, ""),), acknowledged_at=NOW - timedelta(minutes=3),
    raised_at=NOW - timedelta(hours=2),
)  # fmt: skip
NOTE = replace(LOOP, alert_id=28, grade="note", session_id=session(2).session_id)
RATE = replace(LOOP, alert_id=27, rule="tokens_per_minute", title="too many tokens per minute", unit="tokens",
               peak=3_060_000.0, limit=61_000.0)  # fmt: skip
DOLLARS = replace(RATE, alert_id=26, rule="session_usd_per_minute", unit="usd", peak=33.48, limit=1.5)
OVER = replace(STORM, alert_id=12, state="over", raised_at=NOW - timedelta(days=2),
               ended_at=NOW - timedelta(days=2) + timedelta(minutes=4), times=3)  # fmt: skip
LOG = AlertLog(NOW, (STORM, LOOP, BUDGET, NOTE, OVER), (Mute("tool_loop", "", NOW + timedelta(minutes=30)),))


def stormy(view: View | None = None) -> Snapshot:
    """A busy afternoon that runs away."""
    return replace(busy(view), alerts=(STORM, BUDGET, LOOP, NOTE))


def with_alerts(*alerts: AlertRow) -> Callable[[View], Snapshot]:
    """A busy afternoon with these alerts."""
    return lambda view: replace(busy(view), alerts=alerts)


TARGET = Target(session(0).session_id, Process(4_100, 1_000, 0, ("claude", "--resume [/b]")))


@dataclass
class CannedWatch:
    """A watch that says nothing until a test speaks through `listener`, and notes what was asked of it."""

    fail: str = ""
    found: Target | Refusal = TARGET
    refusal: Refusal | None = None
    done: list[tuple[str, ...]] = field(default_factory=list)
    listener: Listener | None = None
    woken: threading.Event = field(default_factory=threading.Event)
    over: threading.Event = field(default_factory=threading.Event)

    def run(self, stop: threading.Event, woken: threading.Event, listener: Listener) -> None:
        self.listener, self.woken = listener, woken
        if self.fail == "run":
            raise OSError("the rules are gone [/b]")
        stop.wait()
        self.over.set()

    def _note(self, *what: str) -> None:
        if self.fail:
            raise OSError(f"{self.fail} [/b]")
        self.done.append(what)

    def acknowledge(self, alert_id: int) -> None:
        self._note("acknowledge", str(alert_id))

    def mute(self, rule: str, session_id: str) -> None:
        self._note("mute", rule, session_id)

    def formulas(self) -> Mapping[str, str]:
        return {"agents_at_once": "working agents ≥ max(10, 2 × usual p95)", "tool_loop": "same tool ≥ 10"}

    def find_target(self, session_id: str) -> Target | Refusal:
        self._note("find", session_id)
        return self.found

    def interrupt(self, target: Target, how: Literal["interrupt", "end"]) -> Refusal | None:
        self._note(how, target.session_id)
        return self.refusal
