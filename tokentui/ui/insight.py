"""The app's ways down: from a session to its turns, tools, agents and responses."""

from __future__ import annotations

from textual import on

from tokentui.ui import messages
from tokentui.ui.explaining import ExplainingApp
from tokentui.ui.screens.agent import AgentScreen
from tokentui.ui.screens.drill import Trail
from tokentui.ui.screens.response import ResponseScreen


class InsightApp(ExplainingApp):
    """Opens what a row stands for."""

    @on(messages.OpenAgent)
    def open_agent(self, message: messages.OpenAgent) -> None:
        """One level down: the responses."""
        self.push_screen(AgentScreen(message.session_id, message.agent_id))

    @on(messages.OpenResponse)
    def open_response(self, message: messages.OpenResponse) -> None:
        """One level down: the response."""
        crumbs = self.live_screen.query_one(Trail).crumbs
        self.push_screen(ResponseScreen(message.response_id, crumbs))

    @on(messages.OpenTurn)
    def open_turn(self, message: messages.OpenTurn) -> None:
        """One level down: the responses of a turn."""
        from tokentui.ui.screens.turn import TurnScreen

        self.push_screen(TurnScreen(message.session_id, message.number))

    @on(messages.OpenCalls)
    def open_calls(self, message: messages.OpenCalls) -> None:
        """One level down: the calls of a tool."""
        from tokentui.ui.screens.calls import CallsScreen

        self.push_screen(CallsScreen(message.session_id, message.by, message.name))
