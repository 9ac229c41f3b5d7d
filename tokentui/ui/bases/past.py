"""The app's way into the past and back: the same screens, as they stood at a moment."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from textual import on

from tokentui.ui import requests
from tokentui.ui.bases.explaining import ExplainingApp
from tokentui.ui.screens.dashboard import DashboardScreen


class PastApp(ExplainingApp):
    """Shows a moment, steps away from it, and comes back to the present."""

    @on(requests.ShowMoment)
    def show_moment(self, message: requests.ShowMoment) -> None:
        """The dashboard as it stood then, whatever screen it was asked for on."""
        while not isinstance(self.screen, DashboardScreen):
            self.pop_screen()
        self._go_to(message.moment)

    @on(requests.ShowPresent)
    def action_present(self) -> None:
        """Live again."""
        self._go_to(None)

    def action_step_time(self, seconds: int) -> None:
        """So much earlier or later; from the present there is only the past to go to."""
        self._go_to((self.scene.view.as_of or self._clock()) + timedelta(seconds=seconds))

    def _go_to(self, moment: datetime | None) -> None:
        """A moment that has not come yet is the present; a picture that was held is let go."""
        if moment is not None:
            moment = None if moment >= self._clock() else moment.astimezone(UTC)
        if moment != self.scene.view.as_of:
            self.let_go()
            self.look(self.scene.view._replace(as_of=moment))
