"""How the app is left: for good, or for the shell; and what is typed while it closes."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping

from textual.actions import ActionParseResult
from textual.app import App
from textual.dom import DOMNode
from textual.events import Event, InputEvent

from tokentui.ui.background.threads import Threads
from tokentui.ui.screens.live import LiveScreen

LEFT_UNREAD_SECONDS = 3.0
"""How long a terminal may leave a picture unread after the user has left: the user may be waiting for the end."""
INTERRUPT_SECONDS = 3.0
"""Ctrl+C leaves when it is pressed twice within this time."""


class LeavingApp(App[str]):
    """Ends in order, whatever is typed while it closes."""

    _threads: Threads
    _interrupted_at = -INTERRUPT_SECONDS

    @property
    def has_screens(self) -> bool:
        """Whether a screen is left to show something on; there is none once the app closes."""
        return any(isinstance(screen, LiveScreen) for screen in self.screen_stack)

    async def on_event(self, event: Event) -> None:
        """Handle an event; ignore keys and clicks once the app is closing."""
        if not (isinstance(event, InputEvent) and (self._exit or not self.has_screens)):
            await super().on_event(event)

    async def run_action(
        self,
        action: str | ActionParseResult,
        default_namespace: DOMNode | None = None,
        namespaces: Mapping[str, DOMNode] | None = None,
    ) -> bool:
        """Do what a key says, unless it was pressed after the key that leaves: the screens it acts on are going."""
        return self._exit or await super().run_action(action, default_namespace, namespaces)

    def action_help_quit(self) -> None:
        """Say how to leave at the first Ctrl+C, and leave at the second."""
        now = time.monotonic()
        if now - self._interrupted_at < INTERRUPT_SECONDS:
            self._leave()
        self._interrupted_at = now
        self.notify("Ctrl+C again leaves", timeout=INTERRUPT_SECONDS)

    def hurry(self, *patience_seconds: float) -> None:
        """Have the driver wait only this long, or its own short time, for a terminal that does not read."""
        if hurry := getattr(self._driver, "hurry", None):
            hurry(*patience_seconds)

    def action_redraw(self) -> None:
        """Draw the whole screen anew, after another program has written on it."""
        if redraw := getattr(self._driver, "redraw", None):
            redraw()

    def action_suspend(self) -> None:
        """Suspend to the shell; the first program of a terminal has no shell to go back to."""
        if self._driver is not None and self._driver.can_suspend and os.getsid(0) != os.getpid():
            self.action_suspend_process()
        else:
            self.notify("there is no shell to go back to", markup=False)

    async def action_quit(self) -> None:
        """Leave without asking."""
        self._leave()

    def _leave(self) -> None:
        self._threads.stop()
        self.hurry(LEFT_UNREAD_SECONDS)
        self.exit()
