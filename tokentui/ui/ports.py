"""What the screen needs from below: answers to questions, and a loop that reads logs. Nothing else crosses."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Protocol

from tokentui.queries.results import (
    AgentResponses,
    IngestReport,
    ResponseDetail,
    SessionTree,
    Snapshot,
)
from tokentui.view import View


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


QuestionsFactory = Callable[[], Questions]
