"""Lines of plain pieces with named inks: measured, cut and folded by cells."""

from __future__ import annotations

from collections.abc import Iterable

from rich.cells import cell_len

from tokentui.ui import words
from tokentui.widths import shorten_end

Piece = tuple[str, str]
"""Text and the name of its ink (a class of the style sheet without its `ink--`; empty for the pane's own colour)."""
Line = tuple[Piece, ...]


def line_width(line: Iterable[Piece]) -> int:
    """Cells that a line takes."""
    # A picture asks for a thousand widths, most of plain letters.
    return sum([len(text) if text.isascii() else cell_len(text) for text, _ in line])


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
    """One line with a left and a right part; without room for both, the right part is left out."""
    gap = width - line_width(start) - line_width(end)
    return (*start, (" " * gap, ""), *end) if gap > 0 else clip(start, width)


def fold(text: str, width: int) -> list[str]:
    """Text folded at spaces into lines of at most `width` cells."""
    lines, current = [], ""
    for word in text.split():
        if current and cell_len(current) + 1 + cell_len(word) > width:
            lines.append(current)
            current = ""
        current = f"{current} {word}" if current else shorten_end(word, width)
    return [*lines, current] if current else lines


def folded(line: Line, width: int) -> list[Line]:
    """A line of one piece folded into as many lines as it needs; any other line as it is."""
    if len(line) != 1 or line_width(line) <= width:
        return [line]
    return [((f" {part}", line[0][1]),) for part in fold(line[0][0], width - 2)]
