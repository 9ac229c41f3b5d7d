"""Lines of text that are longer than their room."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual import events
from textual.binding import BindingType

from tokentui.ui.drawing.line_pane import LinePane
from tokentui.ui.drawing.lines import Line
from tokentui.ui.keymap import keys
from tokentui.ui.scene import Scene


class ScrolledLines(LinePane):
    """Shows a part of its text; the movement keys shift it."""

    BINDINGS: ClassVar[list[BindingType]] = list(keys.bindings("scrolling"))

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id, classes=classes)
        self._top = 0
        self._subject = ""

    def begin(self, subject: str) -> None:
        """Scroll to the top if the text is about another thing than before."""
        if subject != self._subject:
            self._subject, self._top = subject, 0
        self.redraw()

    def text(self, scene: Scene, width: int) -> Sequence[Line]:
        """All lines."""
        raise NotImplementedError

    def draw(self, scene: Scene, width: int, height: int) -> Sequence[Line]:
        """The lines in sight; the last row says how much is below."""
        lines = self.text(scene, width)
        self._top = max(0, min(self._top, len(lines) - height))
        shown = list(lines[self._top : self._top + height])
        below = len(lines) - self._top - height
        if below > 0 and height > 1:
            shown[-1] = ((f" ↓ {below + 1} more lines", "muted"),)
        return shown

    def action_move(self, lines: int) -> None:
        """Scroll by lines."""
        self._top = max(0, self._top + lines)
        self.redraw()

    def action_page(self, pages: int) -> None:
        """Scroll by pages."""
        self.action_move(pages * max(1, self.inner_size.height - 1))

    def action_move_to_end(self, direction: int) -> None:
        """Scroll to the first or the last line."""
        self.action_move(direction * 100_000)

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        """Scroll three lines down."""
        event.stop()
        self.action_move(3)

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        """Scroll three lines up."""
        event.stop()
        self.action_move(-3)
