"""The app's ways out: leaving, stopping for a while, and what still comes in while it does."""

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
"""How long a terminal may leave a picture unread once the program is left: somebody may well wait to see it end."""
INTERRUPT_SECONDS = 3.0
"""How soon Ctrl+C must be pressed again to leave."""


class LeavingApp(App[str]):
    """Ends in order, whatever is typed meanwhile."""

    _threads: Threads
    _interrupted_at = -INTERRUPT_SECONDS

    @property
    def has_screens(self) -> bool:
        """Whether there is any to show something on; none is left once the app closes."""
        return any(isinstance(screen, LiveScreen) for screen in self.screen_stack)

    async def on_event(self, event: Event) -> None:
        """Take what is typed and clicked, until the app is left."""
        if not (isinstance(event, InputEvent) and (self._exit or not self.has_screens)):
            await super().on_event(event)

    async def run_action(
        self,
        action: str | ActionParseResult,
        default_namespace: DOMNode | None = None,
        namespaces: Mapping[str, DOMNode] | None = None,
    ) -> bool:
        """Do what a key says; nothing for one that was pressed after the one that leaves, for all screens come down."""
        return self._exit or await super().run_action(action, default_namespace, namespaces)

    def action_help_quit(self) -> None:
        """Ctrl+C says how to leave, and leaves when pressed again."""
        now = time.monotonic()
        if now - self._interrupted_at < INTERRUPT_SECONDS:
            self._leave()
        self._interrupted_at = now
        self.notify("Ctrl+C again leaves", timeout=INTERRUPT_SECONDS)

    def hurry(self, *patience_seconds: float) -> None:
        """Wait no longer for a terminal that does not read: told to end from outside, hardly at all."""
        if hurry := getattr(self._driver, "hurry", None):
            hurry(*patience_seconds)

    def action_redraw(self) -> None:
        """Put right what something else has written on the screen."""
        if redraw := getattr(self._driver, "redraw", None):
            redraw()

    def action_suspend(self) -> None:
        """Give the terminal back to the shell; the first program of a terminal has none to go back to."""
        if self._driver is not None and self._driver.can_suspend and os.getsid(0) != os.getpid():
            self.action_suspend_process()
        else:
            self.notify("there is no shell to go back to", markup=False)

    async def action_quit(self) -> None:
        """Leave at once."""
        self._leave()

    def _leave(self) -> None:
        self._threads.stop()
        self.hurry(LEFT_UNREAD_SECONDS)
        self.exit()
