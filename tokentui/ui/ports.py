"""What the screen needs from below, as protocols: answers, the ingest loop, the watch, budgets and syncing."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Literal, NamedTuple, Protocol

if TYPE_CHECKING:
    from tokentui.config.budget_drafts import BudgetDraft
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
    from tokentui.watch.interrupt import Refusal, Target  # imported only when needed: it reads processes


class Questions(Protocol):
    """Answers from the store; created, used and closed in one thread."""

    def snapshot(self, view: View) -> Snapshot:
        """Everything the dashboard shows."""
        ...

    def at(self, moment: datetime | None) -> Questions:
        """Questions about a moment in the past, or these themselves for None."""
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
        """The newest alerts, and the mutes in force."""
        ...

    def budgets(self, windows: int) -> BudgetSide:
        """Every budget with this many past windows."""
        ...

    def billed(self, by: BillingGrouping, days: int) -> BilledSide:
        """Local estimates beside billed money, over this many UTC days."""
        ...

    def advice(self, days: int) -> AdviceView:
        """Findings of the last days; takes seconds on a long history."""
        ...

    def comparison(self, kind: SideKind, one: str, other: str) -> Comparison:
        """Two of a kind side by side, and the others to choose from; may take a second on a long history."""
        ...

    def close(self) -> None:
        """Close the connection."""
        ...


class IngestLoop(Protocol):
    """Reads logs, in a thread of its own."""

    def run(
        self, stop: threading.Event, on_report: Callable[[IngestReport], None], on_change: Callable[[], None]
    ) -> None:
        """Catch up, then follow until `stop` is set; call `on_change` whenever the store has something new."""
        ...

    def stop_history(self) -> None:
        """Stop reading old logs, but go on following new lines. Callable from any thread."""
        ...


class Listener(NamedTuple):
    """What the watch calls, from its own thread."""

    on_change: Callable[[], None]
    """Called when an alert was raised, has ended or was sent."""
    on_trouble: Callable[[str, str], None]
    """Called with a part and why it fails, or an empty reason once it works again."""
    write_terminal: Callable[[str], None]
    """Called with the control sequence of a bell, a title or a notification."""
    is_caught_up: Callable[[], bool]
    """Says whether all old logs have been read."""


class Watch(Protocol):
    """Applies the rules until `stop` is set, in a thread of its own; the rest is callable from any thread, and waits.

    Each may raise an error that is shown.
    """

    def run(self, stop: threading.Event, woken: threading.Event, listener: Listener) -> None:
        """Apply the rules every second and when woken, until `stop` is set."""
        ...

    def acknowledge(self, alert_id: int) -> None:
        """Store that an alert was seen."""
        ...

    def mute(self, rule: str, session_id: str) -> None:
        """Mute a rule for an hour, or a session for good."""
        ...

    def formulas(self) -> Mapping[str, str]:
        """Rule → its formula with the present settings."""
        ...

    def find_target(self, session_id: str) -> Target | Refusal:
        """The process of a session, or why it cannot be interrupted from here."""
        ...

    def interrupt(self, target: Target, how: Literal["interrupt", "end"]) -> Refusal | None:
        """Send SIGINT, or SIGTERM to end the process; None if it was sent, else why not."""
        ...


class BudgetBook(Protocol):
    """Changes budgets in the configuration file. Its methods block, and their errors are shown."""

    def save(self, draft: BudgetDraft) -> str:
        """Add a budget, or change the one of that name; returns a sentence about what was written."""
        ...

    def remove(self, name: str) -> str:
        """Remove a budget; returns a sentence about what was done."""
        ...


class Synced(NamedTuple):
    """How one run of sync ended."""

    error: str = ""
    """Why it failed or is incomplete, and how to mend that; empty if it succeeded."""
    too_soon: str = ""
    """Why nothing was fetched, since the last sync was too recent; empty if something was."""


class Sync(Protocol):
    """Fetches Anthropic's reports, in a thread of its own; nothing it returns contains the key."""

    def last_done_at(self) -> datetime | None:
        """When the last complete sync ended, by this or another program; None before the first."""
        ...

    def once(self, stop: threading.Event, everything: bool) -> Synced:
        """Sync once; without `everything`, daily reports are fetched only when due."""
        ...


QuestionsFactory = Callable[[], Questions]
