"""What the user wants to look at: filter, order, range, and a picture that is held still."""

from __future__ import annotations

from dataclasses import replace

from textual import on

from tokentui.ui import requests
from tokentui.ui.bases.showing import ShowingApp
from tokentui.ui.steps import STEPS
from tokentui.view import View


class LookingApp(ShowingApp):
    """Changes the view as keys, clicks and panes ask for, and has the new one answered."""

    def look(self, view: View) -> None:
        """Show this view, and ask for its figures if it is a new one."""
        if view != self.scene.view:
            self._show(replace(self.scene, view=view))
            self.ask_again()
            self.refresh_bindings()

    @on(requests.SetFilter)
    def set_filter(self, message: requests.SetFilter) -> None:
        """Filter the sessions."""
        self.look(self.scene.view._replace(filter=message.wanted))

    @on(requests.SetColumns)
    def set_columns(self, message: requests.SetColumns) -> None:
        """Ask for as many slices as the chart can draw."""
        self.look(self.scene.view._replace(chart_columns=max(1, message.columns)))

    @on(requests.SetSort)
    def set_sort(self, message: requests.SetSort) -> None:
        """Sort by the clicked column; a second click on it turns the order around."""
        view = self.scene.view
        is_same = view.sort == message.sort
        self.look(view._replace(sort=message.sort, reverse=is_same and not view.reverse))

    def action_look(self, step: str) -> None:
        """Change the view by one of `STEPS`; a screen with a range of its own changes that one."""
        if step.endswith("_range") and self.live_screen.RANGE == "own":
            self.live_screen.change_range(step)
        else:
            self.look(STEPS[step](self.scene.view))

    def action_reset_range(self) -> None:
        """Go back to the range that the program started with."""
        if self.live_screen.RANGE == "own":
            self.live_screen.change_range("first_range")
        else:
            self.look(self.scene.view._replace(range=self._settings.view.range))

    def hold(self) -> None:
        """Freeze the picture as it is now."""
        self._show(replace(self.scene, frozen_at=self.scene.now))

    def let_go(self) -> None:
        """End a freeze, and show the latest snapshot."""
        if self.scene.frozen_at is not None:
            self._show(replace(self.scene, frozen_at=None, snapshot=self.scene.latest))
