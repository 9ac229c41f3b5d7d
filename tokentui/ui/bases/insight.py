"""What opens from a row: agents, responses, turns and calls; and the screens of advice and comparing."""

from __future__ import annotations

import asyncio

from textual import on

from tokentui.ui import messages, requests
from tokentui.ui.bases.budgeting import BudgetingApp
from tokentui.ui.keymap.spelled import first_key


class InsightApp(BudgetingApp):
    """Opens the screens below a session, and those that span sessions."""

    @on(requests.OpenAgent)
    def open_agent(self, message: requests.OpenAgent) -> None:
        """Open the responses of an agent."""
        from tokentui.ui.screens.agent import AgentScreen

        self.push_screen(AgentScreen(message.session_id, message.agent_id))

    @on(requests.OpenResponse)
    def open_response(self, message: requests.OpenResponse) -> None:
        """Open one response."""
        from tokentui.ui.panes.session.trail import Trail
        from tokentui.ui.screens.response import ResponseScreen

        crumbs = self.live_screen.query_one(Trail).crumbs
        self.push_screen(ResponseScreen(message.response_id, crumbs))

    @on(requests.OpenTurn)
    def open_turn(self, message: requests.OpenTurn) -> None:
        """Open the responses of a turn."""
        from tokentui.ui.screens.turn import TurnScreen

        self.push_screen(TurnScreen(message.session_id, message.number))

    @on(requests.OpenCalls)
    def open_calls(self, message: requests.OpenCalls) -> None:
        """Open the calls of a tool."""
        from tokentui.ui.screens.calls import CallsScreen

        self.push_screen(CallsScreen(message.session_id, message.by, message.name))

    def action_advice(self) -> None:
        """Open the advice screen, or go back to it."""
        from tokentui.ui.screens.advice import AdviceScreen

        self.open_one(AdviceScreen())

    def action_compare(self) -> None:
        """Compare two models if their pane has the focus, else this week with the last."""
        is_about_models = self.focused is not None and self.focused.id == "models"
        self.post_message(requests.OpenComparison("model" if is_about_models else "week"))

    @on(requests.OpenComparison)
    def open_comparison(self, message: requests.OpenComparison) -> None:
        """Open the compare screen, or go back to it."""
        from tokentui.ui.screens.compare import CompareScreen

        self.open_one(CompareScreen(message.kind, message.one, message.other))

    @on(requests.MarkFinding)
    def mark_finding(self, message: requests.MarkFinding) -> None:
        """Store that a finding is dismissed or shown again; in a thread, since the database may be busy."""
        mark = self._settings.mark_finding
        if mark is None:
            self.notify("nothing can be dismissed here", markup=False)
            return

        async def act() -> None:
            try:
                await asyncio.to_thread(mark, message.key, message.is_dismissed)
                self.post_message(messages.FindingMarked(message.key, is_dismissed=message.is_dismissed))
            except Exception as error:  # shown, like every failure below the screen
                self.post_message(messages.ActionDone(f"{type(error).__name__}: {error}", has_failed=True))

        self.run_worker(act(), group="act", exit_on_error=False)

    @on(messages.FindingMarked)
    def show_marked(self, message: messages.FindingMarked) -> None:
        """Bring the advice screen up to date, and say how to take a dismissal back."""
        from tokentui.ui.screens.advice import AdviceScreen

        self._threads.forget_slow_answers()
        for screen in self.screen_stack:
            if isinstance(screen, AdviceScreen):
                screen.marked(message.key, is_dismissed=message.is_dismissed)
        undo = first_key("undo_dismiss", self.scene.keymap)
        self.notify(f"dismissed; {undo} takes it back" if message.is_dismissed else "shown again", markup=False)
