"""What the screen needs from below: answers to questions, and a loop that reads logs. Nothing else crosses."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple, Protocol

from tokentui.queries.billed_side import BilledSide
from tokentui.queries.results import (
    AgentResponses,
    IngestReport,
    ResponseDetail,
    SessionTree,
    Snapshot,
)
from tokentui.view import View

if TYPE_CHECKING:
    from tokentui.queries.billing import BillingGrouping


class Questions(Protocol):
    """Answers from the store. Made, used and closed in the query thread alone."""

    def snapshot(self, view: View) -> Snapshot:
        """Everything the dashboard shows."""
        ...

    def session_tree(self, session_id: str, view: View) -> SessionTree | None:
        """A session's agents; None where the session is unknown."""
        ...

    def agent_responses(self, session_id: str, agent_id: str, view: View, limit: int) -> AgentResponses | None:
        """The newest responses of one agent; `agent_id` is empty for the main thread."""
        ...

    def response(self, response_id: int) -> ResponseDetail | None:
        """One response in full."""
        ...

    def billed(self, by: BillingGrouping) -> BilledSide:
        """Local estimates beside what was billed."""
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
