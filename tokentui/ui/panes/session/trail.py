"""The trail: the way down from the sessions to this screen, and a line or two of figures."""

from __future__ import annotations

from collections.abc import Sequence

from tokentui.ui.drawing.facts import whole_facts
from tokentui.ui.drawing.line_pane import LinePane
from tokentui.ui.drawing.lines import Line, Piece, line_width
from tokentui.ui.scene import Scene
from tokentui.widths import shorten_end


class Trail(LinePane, can_focus=False):
    """Breadcrumbs and a line or two of figures."""

    def __init__(self) -> None:
        super().__init__(id="trail")
        self.crumbs: tuple[str, ...] = ()
        self.figures: tuple[Line, ...] = ()

    def show(self, crumbs: tuple[str, ...], figures: tuple[Line, ...] = ()) -> None:
        """Show these breadcrumbs and figures."""
        self.crumbs, self.figures = crumbs, figures
        self.redraw()

    def draw(self, scene: Scene, width: int, height: int) -> Sequence[Line]:
        """The trail, then the figures."""
        return [_trail(("sessions", *self.crumbs), width), *(whole_facts(line, width) for line in self.figures)]


def _trail(crumbs: tuple[str, ...], width: int) -> Line:
    """The breadcrumbs as `sessions › Fix the login › reviewer`; the last one gets the most room."""
    room = max(8, (width - 2 - 3 * len(crumbs)) // len(crumbs))
    pieces: list[Piece] = [(" ", "")]
    for place, crumb in enumerate(crumbs):
        is_last = place == len(crumbs) - 1
        spare = width - line_width(pieces) - 1
        pieces.append((shorten_end(crumb, spare if is_last else room), "title" if is_last else "muted"))
        if not is_last:
            pieces.append((" › ", "muted"))
    return tuple(pieces)
