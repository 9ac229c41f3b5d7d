"""What the terminal shows, cell by cell, so that only changes need to be written.

When anything in a line of a widget changes, Textual writes the line whole, and each piece of text with its whole style:
about 10,000 bytes a second where 100 cells change, too much for a slow line.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import groupby, repeat
from operator import itemgetter

from tokentui.ui.terminal.strips import Cell, Strip, strips_of
from tokentui.ui.terminal.styles import PLAIN, change_of_style

_CHANGES_NO_CELL = re.compile(r"\x1b\[\?2026[hl]|\x07|\x1b\][^\x07\x1b]*\x07")
"""Begin and end of a picture, the bell, a title, a notification."""
_NEAR = 8
"""Up to this many unchanged cells are written again rather than skipped: moving the cursor takes as many bytes."""


@dataclass(slots=True)
class _Row:
    cells: list[Cell | None] = field(default_factory=list)
    """What each cell shows; None if unknown."""
    even: int = sys.maxsize
    """All cells before this index have only ever held characters one cell wide."""


class Shown:
    """What one terminal shows, as far as is known."""

    def __init__(self) -> None:
        self._rows: dict[int, _Row] = {}
        self._cursor: tuple[int, int] | None = None
        self._size = (0, 0)

    def changes(self, written: str, size: tuple[int, int]) -> str:
        """The shorter text that shows the same as `written`, on a terminal of `size` (columns, rows)."""
        if size != self._size:
            self._size = size
            self._forget()
        if _CHANGES_NO_CELL.fullmatch(written):
            return written
        strips = strips_of(written)
        if not strips or any(_is_beyond(size, strip) for strip in strips):
            self._forget()
            return written
        told = "".join(_told(change for strip in strips for change in self._changes(strip)))
        before, self._cursor = self._cursor, strips[-1][:2]
        return told + _move(*self._cursor) if told or before != self._cursor else ""

    def _forget(self) -> None:
        self._rows.clear()
        self._cursor = None

    def _changes(self, strip: Strip) -> Iterator[Strip]:
        """The parts of a strip that differ from what is shown; the strip counts as shown afterwards."""
        row, start, end = self._rows.setdefault(strip.row, _Row()), strip.column, strip.column + len(strip.cells)
        row.cells.extend(repeat(None, end - len(row.cells)))
        before = row.cells[start:end]
        if before == strip.cells:
            return
        row.cells[start:end] = strip.cells
        if strip.even < len(strip.cells):
            row.even = min(row.even, start + strip.even)
        for first, last in _stretches(before, strip.cells, max(row.even - start, 0)):
            yield strip._replace(column=start + first, cells=strip.cells[first:last])


def _is_beyond(size: tuple[int, int], strip: Strip) -> bool:
    """Whether a strip ends outside the terminal, because it was drawn before the terminal shrank."""
    columns, rows = size
    return strip.row >= rows or strip.column + len(strip.cells) > columns


def _stretches(before: Sequence[Cell | None], after: Sequence[Cell], even: int) -> Iterator[tuple[int, int]]:
    """Ranges (first, last + 1) of cells to write: those that differ, short gaps between them, and uneven text whole."""
    different = [place for place, cells in enumerate(zip(before[:even], after, strict=False)) if cells[0] != cells[1]]
    if before[even:] != after[even:]:
        different += range(even, len(after))
    first = last = different[0]
    for place in different:
        if place - last > _NEAR:
            yield first, last + 1
            first = place
        last = place
    yield first, last + 1


def _told(changes: Iterable[Strip]) -> Iterator[str]:
    """The sequences that write the strips, beginning and ending without a style."""
    style = PLAIN
    for row, column, cells, _ in changes:
        yield _move(row, column)
        for after, alike in groupby(cells, itemgetter(1)):
            yield change_of_style(style, after)
            yield from map(itemgetter(0), alike)
            style = after
    yield change_of_style(style, PLAIN)


def _move(row: int, column: int) -> str:
    return f"\x1b[{row + 1};{column + 1}H"
