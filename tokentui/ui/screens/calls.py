"""The calls of one tool, MCP server, skill or type of agent."""

from __future__ import annotations

from typing import ClassVar

from textual import getters
from textual.app import ComposeResult

from tokentui.queries.session.drills import ToolCalls
from tokentui.queries.session.tools import ToolGrouping
from tokentui.text import safe_text
from tokentui.ui.drawing.facts import session_name
from tokentui.ui.panes.session.calls import CallsPane
from tokentui.ui.panes.session.trail import Trail
from tokentui.ui.questions import Answer, AskCalls
from tokentui.ui.screens.live import LiveScreen


class CallsScreen(LiveScreen):
    """Which call took how long, and what it returned."""

    AUTO_FOCUS: ClassVar[str | None] = "#calls"
    trail = getters.query_one(Trail)
    table = getters.query_one(CallsPane)

    def __init__(self, session_id: str, by: ToolGrouping, name: str) -> None:
        super().__init__()
        self.question = AskCalls(session_id, by, name)

    def compose_main(self) -> ComposeResult:
        """The trail and the calls."""
        yield Trail().data_bind(LiveScreen.scene)
        yield CallsPane(id="calls", classes="framed").data_bind(LiveScreen.scene)

    def watch_answer(self, answer: Answer | None) -> None:
        """Show the new calls."""
        if not isinstance(answer, ToolCalls):
            self.trail.show(("this session is not in the store",))
            return
        self.trail.show((session_name(answer.tree.session), f"{answer.by} {safe_text(answer.name)}"))
        self.table.take(answer)
