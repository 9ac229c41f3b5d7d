"""The one-line filter above the table."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal
from textual.content import Content
from textual.message import Message
from textual.timer import Timer
from textual.widgets import Input, Static

from tokentui.filters import FilterError, parse_filter
from tokentui.ui.chrome.typed import TypedInput
from tokentui.ui.keymap import keys
from tokentui.ui.requests import SetFilter

PAUSE_SECONDS = 0.15
"""The filter applies when nothing was typed for this long."""
_EXAMPLES = "words  !word  model:opus  project:x  cost>1  tokens>=1m  agents>3  since:2h"


class FilterInput(TypedInput):
    """The input of the bar; Enter and Escape are handled by the bar."""

    BINDINGS: ClassVar[list[BindingType]] = list(keys.bindings("filter"))

    def action_keep(self) -> None:
        """Apply the filter and go back to the table, unless it is wrong."""
        self.post_message(FilterBar.Left(must_be_right=True))

    def action_close(self) -> None:
        """Go back to the table; the last good filter stays until Escape on the dashboard clears it."""
        self.post_message(FilterBar.Left(must_be_right=False))


class FilterBar(Horizontal):
    """Parses what is typed, and asks the app for that filter or shows what is wrong with it."""

    class Left(Message):
        """The user leaves the line; with `must_be_right`, only if the filter in it is right."""

        def __init__(self, *, must_be_right: bool) -> None:
            super().__init__()
            self.must_be_right = must_be_right

    def __init__(self) -> None:
        super().__init__(id="filter")
        self._timer: Timer | None = None
        self._applied = ""

    def compose(self) -> ComposeResult:
        """A slash, the input and the place for an error."""
        yield Static("/", id="filter-sign")
        yield FilterInput(placeholder=_EXAMPLES, compact=True, id="filter-input", select_on_focus=False)
        yield Static("", id="filter-error")

    def open(self, text: str) -> None:
        """Start typing, from the filter in force."""
        self._applied = text
        self._say("")
        line = self.query_one(FilterInput)
        line.value = text
        line.cursor_position = len(text)
        self.screen.set_focus(line)

    def on_filter_bar_left(self, event: Left) -> None:
        """Apply what is typed before the screen hears of it; a wrong filter that must be right keeps the line open."""
        if not self.apply() and event.must_be_right:
            event.stop()

    def on_input_changed(self, event: Input.Changed) -> None:
        """Apply the filter once typing pauses."""
        event.stop()
        if self._timer is not None:
            self._timer.stop()
        self._timer = self.set_timer(PAUSE_SECONDS, self.apply)

    def apply(self) -> bool:
        """Ask for the filter in the line; if it is wrong, say so and keep the last good one."""
        if self._timer is not None:
            self._timer.stop()
        text = self.query_one(FilterInput).value
        try:
            wanted = parse_filter(text)
        except FilterError as error:
            self._say(f"at {error.position + 1}: {error.message}")
            return False
        self._say("")
        if wanted.source != self._applied:
            self._applied = wanted.source
            self.post_message(SetFilter(wanted))
        return True

    def _say(self, message: str) -> None:
        self.set_class(bool(message), "-wrong")
        self.query_one("#filter-error", Static).update(Content(message))
