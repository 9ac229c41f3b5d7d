"""The past: the same screens as they stood at a moment, and the way back to the present."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from textual import on

from tokentui.ui import requests
from tokentui.ui.bases.explaining import ExplainingApp
from tokentui.ui.screens.dashboard import DashboardScreen


class PastApp(ExplainingApp):
    """Shows a moment of the past, steps through time, and returns to the present."""

    @on(requests.ShowMoment)
    def show_moment(self, message: requests.ShowMoment) -> None:
        """Show the dashboard as it stood at that moment; all other screens are closed."""
        while not isinstance(self.screen, DashboardScreen):
            self.pop_screen()
        self._go_to(message.moment)

    @on(requests.ShowPresent)
    def action_present(self) -> None:
        """Return to the present."""
        self._go_to(None)

    def action_step_time(self, seconds: int) -> None:
        """Step this many seconds later, or earlier if negative."""
        self._go_to((self.scene.view.as_of or self._clock()) + timedelta(seconds=seconds))

    def _go_to(self, moment: datetime | None) -> None:
        """Show that moment, or the present for None and for a moment still to come; this ends a freeze."""
        if moment is not None:
            moment = None if moment >= self._clock() else moment.astimezone(UTC)
        if moment != self.scene.view.as_of:
            self.let_go()
            self.look(self.scene.view._replace(as_of=moment))
