"""Tables of any length as plain text: on a terminal in its width, on a pipe as wide as they have to be."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from typing import NamedTuple

import click

from tokentui.cli.printing.folding import print_folded, terminal_width
from tokentui.widths import cell_width, shorten_end

_GAP, _NARROW_GAP = "  ", " "
_LEAST_TEXT = 8
"""Cells that a column of words keeps on a narrow terminal."""
_BLOCK = 1_000
"""Lines that are written at a time."""


class Column(NamedTuple):
    """One column: words on the left of it, or figures on the right."""

    header: str
    is_figure: bool = False
    is_whole: bool = False
    """Whether its words mean nothing when shortened, as a day or the name of a price."""
    gives_way: int = 0
    """The higher, the sooner it is left out if there is no room; 0 for never."""


Line = Sequence[str]


def widths_of(columns: Sequence[Column], lines: Sequence[Line]) -> list[int]:
    """Cells of each column's widest text."""
    headers = [column.header for column in columns]
    return [max(map(cell_width, texts)) for texts in zip(headers, *lines, strict=True)]


def table_width(widths: Sequence[int], gap: str = _GAP) -> int:
    """Cells of a whole line."""
    return sum(widths) + len(gap) * (len(widths) - 1)


def has_room(columns: Sequence[Column], lines: Sequence[Line]) -> bool:
    """Whether the table, its headers in one line, is no wider than the terminal; always where there is none."""
    room = terminal_width()
    return room is None or table_width(widths_of(columns, lines)) <= room


def fits(columns: Sequence[Column], lines: Sequence[Line]) -> bool:
    """Whether the table has room once headers are folded, words cut and columns left out."""
    room = terminal_width()
    if room is None:
        return True
    widths, left_out = _fitting(columns, _least_headers(columns, lines), room)
    return _width_without(widths, left_out, _NARROW_GAP) <= room


def print_lines(columns: Sequence[Column], lines: Sequence[Line], last: Line = ()) -> None:
    """Print a table with headers and, if given, a last line in bold; then name the columns that had no room.

    Where the terminal is too narrow for its figures, each line becomes a block with a column below the other.
    """
    every = [*lines, last] if last else lines
    widths, left_out, gap = widths_of(columns, every), list[int](), _GAP
    if (room := terminal_width()) is not None and table_width(widths) > room:
        widths, left_out = _fitting(columns, _least_headers(columns, every), room)
        gap = _GAP if _width_without(widths, left_out) <= room else _NARROW_GAP
        if _width_without(widths, left_out, gap) > room:
            _print_blocks(columns, every, room)
            return
    shown = [place for place in range(len(columns)) if place not in left_out]
    kept, widths = [columns[place] for place in shown], [widths[place] for place in shown]
    for header in _headers(kept, widths):
        click.echo(_bold(_text(gap, kept, widths, header)))
    for start in range(0, len(lines), _BLOCK):
        block = lines[start : start + _BLOCK]
        click.echo("\n".join(_text(gap, kept, widths, [line[place] for place in shown]) for line in block))
    if last:
        click.echo(_bold(_text(gap, kept, widths, [last[place] for place in shown])))
    if left_out:
        names = ", ".join(columns[place].header for place in sorted(left_out))
        print_folded(f"Left out for want of room: {names}. A wider terminal shows all.")


def _print_blocks(columns: Sequence[Column], lines: Sequence[Line], room: int) -> None:
    """Print each line as a block of headers and texts below each other, with an empty line between blocks."""
    width = max(cell_width(column.header) for column in columns)
    left = max(room - width - len(_GAP), _LEAST_TEXT)
    names = Column("")
    for number, line in enumerate(lines):
        if number:
            click.echo()
        for column, text in zip(columns, line, strict=True):
            if text:
                shown = text if column.is_figure else shorten_end(text, left)
                click.echo(f"{_cell(names, width, column.header)}{_GAP}{shown}")


def _least_headers(columns: Sequence[Column], lines: Sequence[Line]) -> list[int]:
    """Cells of each column if its header has a line for each of its words."""
    words = [max(column.header.split(" "), key=cell_width) for column in columns]
    return widths_of([Column(word) for word in words], lines)


def _fitting(columns: Sequence[Column], widths: list[int], room: int) -> tuple[list[int], list[int]]:
    """Widths, and indexes of columns left out: first those that may be, then words are cut, the longest first."""
    left_out: list[int] = []
    for other in sorted(range(len(columns)), key=lambda place: -columns[place].gives_way):
        if not columns[other].gives_way or _width_without(widths, left_out) <= room:
            break
        left_out.append(other)
    words = [i for i, column in enumerate(columns) if not (column.is_figure or column.is_whole or i in left_out)]
    while (excess := _width_without(widths, left_out) - room) > 0:
        place = max(words, key=widths.__getitem__, default=None)
        if place is None or widths[place] <= _LEAST_TEXT:
            break
        next_longest = max((widths[other] for other in words if other != place), default=_LEAST_TEXT)
        widths[place] = max(widths[place] - excess, min(next_longest, widths[place] - 1), _LEAST_TEXT)
    return widths, left_out


def _width_without(widths: Sequence[int], left_out: Sequence[int], gap: str = _GAP) -> int:
    return table_width([width for place, width in enumerate(widths) if place not in left_out], gap)


def _headers(columns: Sequence[Column], widths: Sequence[int]) -> list[Line]:
    """The headers folded to the widths of their columns, with their last words in the bottom line."""
    folded = [_folded(column.header, width) for column, width in zip(columns, widths, strict=True)]
    height = max(map(len, folded))
    return list(zip(*([""] * (height - len(lines)) + lines for lines in folded), strict=True))


def _folded(header: str, width: int) -> list[str]:
    """A header in as many lines as it needs."""
    lines: list[str] = []
    for word in header.split(" "):
        if lines and cell_width(f"{lines[-1]} {word}") <= width:
            lines[-1] += f" {word}"
        else:
            lines.append(word)
    return lines


def _text(gap: str, columns: Sequence[Column], widths: Sequence[int], line: Line) -> str:
    return gap.join(map(_cell, columns, widths, line)).rstrip()


def _cell(column: Column, width: int, text: str) -> str:
    taken = cell_width(text)
    if taken > width:
        return shorten_end(text, width)
    return " " * (width - taken) + text if column.is_figure else text + " " * (width - taken)


def _bold(text: str) -> str:
    is_plain = not sys.stdout.isatty() or os.environ.get("TERM") in ("dumb", "unknown")
    return text if is_plain else click.style(text, bold=True)
