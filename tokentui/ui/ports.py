"""What the screen needs from below: answers to questions, and a loop that reads logs. Nothing else crosses."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Literal, NamedTuple, Protocol

if TYPE_CHECKING:
    from tokentui.config.budget_edit import BudgetDraft
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
    from tokentui.view import View
    from tokentui.watch.interrupt import Refusal, Target  # only where somebody asks: it reads processes


class Questions(Protocol):
    """Answers from the store. Made, used and closed in the query thread alone."""

    def snapshot(self, view: View) -> Snapshot:
        """Everything the dashboard shows."""
        ...

    def at(self, moment: datetime | None) -> Questions:
        """Questions about a moment in the past; these themselves for now."""
        ...

    def session_tree(self, session_id: str) -> SessionTree | None:
        """A session's agents; None where the session is unknown."""
        ...

    def session_insight(self, session_id: str, name: PartName, agent_id: str) -> SessionInsight | None:
        """A session's agents and one more part; None where the session is unknown."""
        ...

    def turn_responses(self, session_id: str, number: int, limit: int) -> TurnResponses | None:
        """What was billed in a turn; None where there is no such turn."""
        ...

    def tool_calls(self, session_id: str, by: ToolGrouping, name: str, limit: int) -> ToolCalls | None:
        """The calls of a tool, an MCP server, a skill or a type of agent; None where the session is unknown."""
        ...

    def agent_responses(self, session_id: str, agent_id: str, limit: int) -> AgentResponses | None:
        """The newest responses of one agent; `agent_id` is empty for the main thread."""
        ...

    def response(self, response_id: int) -> ResponseDetail | None:
        """One response in full."""
        ...

    def alert_log(self, limit: int) -> AlertLog:
        """The newest alerts, and what is kept quiet."""
        ...

    def budgets(self, windows: int) -> BudgetSide:
        """Every budget, with so many past windows."""
        ...

    def billed(self, by: BillingGrouping, days: int) -> BilledSide:
        """Local estimates beside what was billed, over so many UTC days."""
        ...

    def advice(self, days: int) -> AdviceView:
        """Findings of the last days; takes seconds on a long history."""
        ...

    def comparison(self, kind: SideKind, one: str, other: str) -> Comparison:
        """Two of a kind side by side, and what else there is; may take a second on a long history."""
        ...

    def close(self) -> None:
        """Give the connection back."""
        ...


class IngestLoop(Protocol):
    """Reads logs until `stop` is set. Runs in a thread of its own."""

    def run(
        self, stop: threading.Event, on_report: Callable[[IngestReport], None], on_change: Callable[[], None]
    ) -> None:
        """Catch up, then follow; call `on_change` whenever the store has something new."""
        ...

    def stop_history(self) -> None:
        """Stop reading old logs; keep following what changes. Callable from any thread."""
        ...


class Listener(NamedTuple):
    """Who hears what the watch comes to; every part may be called from its thread."""

    on_change: Callable[[], None]
    """An alert was raised, ended or told."""
    on_trouble: Callable[[str, str], None]
    """A part and why it fails; empty once it works again."""
    write_terminal: Callable[[str], None]
    """A bell, a title, a notification, as the terminal wants them."""
    is_caught_up: Callable[[], bool]
    """Whether all old logs have been read."""


class Watch(Protocol):
    """Applies the rules until `stop` is set, in a thread of its own; the rest is callable from any thread, and waits.

    Each may raise an error that is shown.
    """

    def run(self, stop: threading.Event, woken: threading.Event, listener: Listener) -> None:
        """Look every second, and at once when woken."""
        ...

    def acknowledge(self, alert_id: int) -> None:
        """Somebody has seen an alert."""
        ...

    def mute(self, rule: str, session_id: str) -> None:
        """Keep a rule quiet for an hour, or a session for good."""
        ...

    def formulas(self) -> Mapping[str, str]:
        """Rule → its formula with the figures that hold."""
        ...

    def find_target(self, session_id: str) -> Target | Refusal:
        """The process of a session, or why it cannot be interrupted from here."""
        ...

    def interrupt(self, target: Target, how: Literal["interrupt", "end"]) -> Refusal | None:
        """Send SIGINT, or SIGTERM to end it; None where it was sent."""
        ...


class BudgetBook(Protocol):
    """Keeps budgets in the configuration file. Callable from any thread, and waits; an error it raises is shown."""

    def save(self, draft: BudgetDraft) -> str:
        """Add a budget, or change the one of that name; what was written, in a sentence."""
        ...

    def remove(self, name: str) -> str:
        """Take a budget out; what became of it, in a sentence."""
        ...


class Synced(NamedTuple):
    """How one run of sync ended."""

    error: str = ""
    """Why it failed or left something out, and how to mend it; empty where it did not."""
    too_soon: str = ""
    """Why nothing was asked; empty where something was."""


class Sync(Protocol):
    """Brings Anthropic's reports up to date. Runs in a thread of its own; no part of it ever shows the key."""

    def last_done_at(self) -> datetime | None:
        """End of the last run that left nothing out, by whatever program; None before the first."""
        ...

    def once(self, stop: threading.Event, everything: bool) -> Synced:
        """One run; without `everything` the reports by day only where they are due."""
        ...


QuestionsFactory = Callable[[], Questions]
