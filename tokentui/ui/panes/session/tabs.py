"""The line that says which view of a session is on screen, and which others there are."""

from __future__ import annotations

from collections.abc import Sequence

from textual import events
from textual.message import Message

from tokentui.ui.drawing.line_pane import LinePane
from tokentui.ui.drawing.lines import Line, Piece, line_width
from tokentui.ui.keymap.insight_keys import VIEWS
from tokentui.ui.keymap.spelled import first_key
from tokentui.ui.scene import Scene

_Tab = tuple[str, Line]


class ViewTabs(LinePane, can_focus=False):
    """One line; a click opens a view."""

    class Chosen(Message):
        """A view was clicked."""

        def __init__(self, name: str) -> None:
            super().__init__()
            self.name = name

    shown = VIEWS[0][0]

    def draw(self, scene: Scene, width: int, height: int) -> Sequence[Line]:
        """Digits and names of the views; a narrow line names only the one on screen."""
        return [tuple(piece for _, line in self._tabs(scene, width) for piece in line)]

    def _tabs(self, scene: Scene, width: int) -> list[_Tab]:
        tabs = [(name, self._tab(name, scene, is_named=True)) for name, _ in VIEWS]
        if sum(line_width(line) for _, line in tabs) > width:
            tabs = [(name, self._tab(name, scene, is_named=name == self.shown)) for name, _ in VIEWS]
        return tabs

    def _tab(self, name: str, scene: Scene, *, is_named: bool) -> Line:
        is_shown = name == self.shown
        pieces: list[Piece] = [("▸" if is_shown else " ", "accent"), (first_key(f"view_{name}", scene.keymap), "key")]
        if is_named:
            pieces.append((f" {name}", "title" if is_shown else "muted"))
        return (*pieces, (" ", ""))

    def on_click(self, event: events.Click) -> None:
        """Open the view under the pointer."""
        start = 0
        for name, line in self._tabs(self.scene, self.size.width) if self.scene else ():
            end = start + line_width(line)
            if start <= event.x < end:
                self.post_message(self.Chosen(name))
            start = end
