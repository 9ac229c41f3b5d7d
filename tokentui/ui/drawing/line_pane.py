"""The base of all panes: subclasses return lines with named inks, and only changed lines are repainted."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Literal

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual.dom import DOMNode
from textual.geometry import Region, Size
from textual.reactive import reactive
from textual.strip import Strip
from textual.widget import Widget

from tokentui.ui import words
from tokentui.ui.colours.contrast import GRAPHIC_CONTRAST, TEXT_CONTRAST
from tokentui.ui.colours.themes import legible, style_for
from tokentui.ui.drawing.lines import Line, fit, fold
from tokentui.ui.scene import Scene

Frame = Literal["none", "rule", "box"]
"""Nothing around a pane, one rule on top, or a full box."""
INKS = (
    "muted", "strong", "title", "accent", "good", "warn", "bad", "spark", "cursor", "cursor-blurred", "header", "key",
    "frozen", "banner", "alarm", "calm", "live", "demo", "rule", "name",
)  # fmt: skip
"""Classes `ink--…` of the style sheet; any other name is one of the charts' styles."""
_LEAST_CONTRAST = {"spark": GRAPHIC_CONTRAST, "rule": 1.0}
"""Of the inks that words are not written in; frames say nothing and may be faint."""
_STEERING = re.compile("[\x00-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
"""Characters that control a terminal or break its encoding: removed when logs are read, and once more here."""


def room_beside(name: str, width: int) -> int:
    """Cells left for the right title of a frame, given its left title and the width passed to `LinePane.titles`."""
    return width - 3 - cell_len(name)


class _Ink(DOMNode):
    """A named ink of one pane, as the style sheet has it.

    Made when it is first drawn with: Textual's component classes are all styled anew, for every pane, with each change
    of a style, which took longer than everything else about the first picture.
    """

    def __init__(self, name: str, pane: Widget) -> None:
        super().__init__(classes=f"ink--{name}")
        self._attach(pane)
        pane.app.stylesheet.apply(self)


class _Row(Strip):
    """A strip without the reference to itself that Textual's strips cache when cut, which keeps them until
    collected."""

    __slots__ = ()

    def divide(self, cuts: Iterable[int]) -> Sequence[Strip]:
        """Cut the strip; a single cut at its end returns the strip itself, uncached."""
        inside = [cut for cut in cuts if cut <= self.cell_length]
        return [self] if inside == [self.cell_length] else super().divide(inside)


class LinePane(Widget, can_focus=True):
    """Draws a scene as lines; an error while drawing is shown inside the pane."""

    ALLOW_SELECT = False

    scene: reactive[Scene | None] = reactive(None, init=False, repaint=False)
    frame: reactive[Frame] = reactive("none", init=False, repaint=False)

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id, classes=classes)
        self._inks: dict[str, Style] = {}
        self._lines: Sequence[Line] = ()
        self._drawn_width = -1

    def draw(self, scene: Scene, width: int, height: int) -> Sequence[Line]:
        """The pane's lines inside the frame, from the top."""
        raise NotImplementedError

    def titles(self, scene: Scene, width: int) -> tuple[str, str]:
        """The texts in the frame, left and right; empty for none."""
        return "", ""

    @property
    def inner_size(self) -> Size:
        """The room inside the frame."""
        return self._inside(self.size)

    def _inside(self, size: Size) -> Size:
        across, down = {"none": (0, 0), "rule": (0, 1), "box": (2, 2)}[self.frame]
        return Size(max(0, size.width - across), max(0, size.height - down))

    @property
    def inner_offset(self) -> tuple[int, int]:
        """Where the room inside the frame begins."""
        return {"none": (0, 0), "rule": (0, 1), "box": (1, 1)}[self.frame]

    def watch_scene(self) -> None:
        """Draw the new scene."""
        self.redraw()

    def watch_frame(self) -> None:
        """Draw with the new frame."""
        self.redraw()

    def on_resize(self) -> None:
        """Draw for the new size."""
        self.redraw()

    def redraw(self) -> None:
        """Draw again and repaint the lines that came out different."""
        size = self.size  # asked once: Textual works it out anew each time
        if self.scene is None or not size.area or not self.is_attached:
            return
        width, height = size
        lines = self._framed(self.scene, size)
        old = self._lines if self._drawn_width == width else ()
        self._lines, self._drawn_width = lines, width
        changed = [
            Region(0, y, width, 1)
            for y in range(height)
            if (lines[y] if y < len(lines) else ()) != (old[y] if y < len(old) else None)
        ]
        if changed:
            self.refresh(*changed)

    def _framed(self, scene: Scene, size: Size) -> Sequence[Line]:
        inner = self._inside(size)
        try:
            titles = self.titles(scene, size.width - 6) if self.frame != "none" else ("", "")
            lines = self.draw(scene, inner.width, inner.height)[: inner.height] if inner.area else ()
        except Exception as error:  # a crash of one pane must leave the others alive
            reason = f"{type(error).__name__}: {error}"
            titles = ((self.id or "").capitalize(), "")
            lines = (
                ((" this pane failed", "bad"),),
                *(((f" {part}", "muted"),) for part in fold(reason, inner.width - 2)),
            )
        return _FRAMES[self.frame](lines, titles, size)

    def _segment(self, text: str, ink: str) -> Segment:
        """A piece of text in its ink; solid blocks also get their colour as background, so that no hairline shows."""
        style = self.ink(ink)
        if not text.isprintable():
            text = _STEERING.sub("", text)
        if text.startswith("█") and not text.strip("█"):
            style += Style(bgcolor=style.color)
        return Segment(text, style)

    def ink(self, name: str) -> Style:
        """The style of an ink in the present theme."""
        style = self._inks.get(name)
        if style is None:
            style = self._inks[name] = self._mixed(name)
        return style

    def _mixed(self, name: str) -> Style:
        has_few_colours = self.app.console.color_system in ("standard", "windows")
        if name in INKS:
            least_contrast = _LEAST_CONTRAST.get(name, TEXT_CONTRAST)
            return legible(_Ink(name, self).rich_style, least_contrast, has_few_colours=has_few_colours)
        drawn = style_for(name, self.app.current_theme, has_few_colours=has_few_colours)
        return self.rich_style + drawn if drawn else legible(self.rich_style, has_few_colours=has_few_colours)

    def notify_style_update(self) -> None:
        """Forget the colours of the old theme, or of the old focus."""
        super().notify_style_update()
        if self._inks:
            self._inks.clear()
            self.refresh()

    def render_lines(self, crop: Region) -> list[Strip]:
        """The lines as strips that are freed as soon as others replace them."""
        return [_Row(strip, strip.cell_length) for strip in super().render_lines(crop)]

    def render_line(self, y: int) -> Strip:
        """One line of cells."""
        width = self.size.width
        line = self._lines[y] if y < len(self._lines) else ()
        return Strip([self._segment(text, ink) for text, ink in line]).adjust_cell_length(width, self.ink(""))


def _unframed(lines: Sequence[Line], _titles: tuple[str, str], _size: Size) -> Sequence[Line]:
    return lines


def _ruled(lines: Sequence[Line], titles: tuple[str, str], size: Size) -> Sequence[Line]:
    return [_rule("─", "─", titles, size.width), *lines]


def _boxed(lines: Sequence[Line], titles: tuple[str, str], size: Size) -> Sequence[Line]:
    width, height = size
    blank = [()] * (height - 2 - len(lines))
    sides = [(("│", "rule"), *fit(line, width - 2), ("│", "rule")) for line in (*lines, *blank)]
    return [_rule("╭", "╮", titles, width), *sides[: height - 2], ((f"╰{'─' * (width - 2)}╯", "rule"),)]


def _rule(start: str, end: str, titles: tuple[str, str], width: int) -> Line:
    """The upper edge, with the left title, and the right one if there is room for both."""
    name, more = (f" {title} " if title else "" for title in titles)
    gap = width - 4 - cell_len(name) - cell_len(more)
    if gap < 1:
        more, gap = "", width - 4 - cell_len(name)
    if gap < 0:
        name, gap = words.left(name, width - 4), 0
    return ((f"{start}─", "rule"), (name, "name"), ("─" * gap, "rule"), (more, "muted"), (f"─{end}", "rule"))


_FRAMES = {"none": _unframed, "rule": _ruled, "box": _boxed}
