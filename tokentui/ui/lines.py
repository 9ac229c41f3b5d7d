"""The base of everything that draws text: plain pieces and named inks in, only the changed lines repainted."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual.content import Content
from textual.geometry import Region
from textual.reactive import reactive
from textual.strip import Strip
from textual.widget import Widget

from tokentui.text import shorten_end
from tokentui.ui import words
from tokentui.ui.scene import Scene
from tokentui.ui.themes import style_for

Piece = tuple[str, str]
"""Text and the name of its ink (a component class without its `ink--`; empty for the pane's own colour)."""
Line = tuple[Piece, ...]

INKS = (
    "muted", "strong", "title", "accent", "good", "warn", "bad", "spark", "cursor", "cursor-blurred", "header", "key",
    "frozen", "banner", "live", "demo",
)  # fmt: skip
"""Component classes `ink--…`; any other name is one of the charts' styles."""


def line_width(line: Iterable[Piece]) -> int:
    """Cells that a line takes."""
    return sum(cell_len(text) for text, _ in line)


def fit(line: Line, width: int, *, flush_right: bool = False) -> Line:
    """A line in exactly `width` cells: padded, or clipped with `…`."""
    missing = width - line_width(line)
    if missing > 0:
        return ((" " * missing, ""), *line) if flush_right else (*line, (" " * missing, ""))
    return clip(line, width) if missing < 0 else line


def clip(line: Line, width: int) -> Line:
    """A line in at most `width` cells."""
    if line_width(line) <= width:
        return line
    kept: list[Piece] = []
    for text, ink in line:
        room = width - line_width(kept)
        if cell_len(text) > room - 1:
            kept.append((words.left(text + "  ", room) if room > 0 else "", ink))
            break
        kept.append((text, ink))
    return tuple(kept)


def spread(start: Line, end: Line, width: int) -> Line:
    """One line with a left and a right part; the right part goes first when there is no room."""
    gap = width - line_width(start) - line_width(end)
    return (*start, (" " * gap, ""), *end) if gap > 0 else clip(start, width)


class LinePane(Widget, can_focus=True):
    """Draws a scene as lines. A failure while drawing stays inside the pane."""

    ALLOW_SELECT = False
    COMPONENT_CLASSES = {f"ink--{ink}" for ink in INKS}  # noqa: RUF012 - Textual declares it so

    scene: reactive[Scene | None] = reactive(None, init=False)

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id, classes=classes)
        self._inks: dict[str, Style] = {}
        self._lines: Sequence[Line] = ()
        self._drawn_width = -1

    def draw(self, scene: Scene, width: int, height: int) -> Sequence[Line]:
        """The pane's lines, from the top."""
        raise NotImplementedError

    def titles(self, scene: Scene, width: int) -> tuple[str, str]:
        """What stands in the frame: on the left and on the right; empty for nothing."""
        return "", ""

    def watch_scene(self) -> None:
        """Draw the new scene."""
        self.redraw()

    def on_resize(self) -> None:
        """Draw for the new size."""
        self.redraw()

    def redraw(self) -> None:
        """Draw again and repaint the lines that came out different."""
        if self.scene is None or not self.size.area or not self.is_attached:
            return
        width, height = self.size
        lines = self._drawn(self.scene, width, height)
        old = self._lines if self._drawn_width == width else ()
        self._lines, self._drawn_width = lines, width
        changed = [
            Region(0, y, width, 1)
            for y in range(height)
            if (lines[y] if y < len(lines) else ()) != (old[y] if y < len(old) else None)
        ]
        if changed:
            self.refresh(*changed)

    def _drawn(self, scene: Scene, width: int, height: int) -> Sequence[Line]:
        try:
            self._set_titles(*self.titles(scene, self.outer_size.width - 6))
            return self.draw(scene, width, height)
        except Exception as error:  # a crash of one pane must leave the others alive
            reason = f"{type(error).__name__}: {error}"
            return ((("this pane failed", "bad"),), *(((part, "muted"),) for part in fold(reason, width)))

    def _set_titles(self, title: str, subtitle: str) -> None:
        if str(self.border_title or "") != title:
            self.border_title = Content(title)  # type: ignore[assignment] # plain text, never markup
        if str(self.border_subtitle or "") != subtitle:
            self.border_subtitle = Content(subtitle)  # type: ignore[assignment]

    def ink(self, name: str) -> Style:
        """The style of an ink in the present theme."""
        style = self._inks.get(name)
        if style is None:
            style = self._inks[name] = self._mixed(name)
        return style

    def _mixed(self, name: str) -> Style:
        if name in INKS:
            return self.get_component_rich_style(f"ink--{name}")
        return self.rich_style + style_for(name, self.app.current_theme) if name else self.rich_style

    def notify_style_update(self) -> None:
        """Forget the colours of the old theme."""
        super().notify_style_update()
        self._inks.clear()

    def render_line(self, y: int) -> Strip:
        """One line of cells."""
        width = self.size.width
        line = self._lines[y] if y < len(self._lines) else ()
        return Strip([Segment(text, self.ink(ink)) for text, ink in line]).adjust_cell_length(width, self.ink(""))


def fold(text: str, width: int) -> list[str]:
    """Text folded at spaces into lines of at most `width` cells."""
    lines, current = [], ""
    for word in text.split():
        if current and cell_len(current) + 1 + cell_len(word) > width:
            lines.append(current)
            current = ""
        current = f"{current} {word}" if current else shorten_end(word, width)
    return [*lines, current] if current else lines
