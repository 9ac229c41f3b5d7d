"""Tables of any length as plain text: on a terminal in its width, on a pipe as wide as they have to be."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Sequence
from typing import NamedTuple

import click

from tokentui.text import cell_width, shorten_end

_GAP = "  "
_LEAST_TEXT = 8
"""Cells that a column of words keeps where the terminal is narrow."""
_BLOCK = 1_000
"""Lines that are written at a time."""


class Column(NamedTuple):
    """One column: words on the left of it, or figures on the right."""

    header: str
    is_figure: bool = False


Line = Sequence[str]


def terminal_width() -> int | None:
    """Cells of the terminal on standard output; None where there is none."""
    return shutil.get_terminal_size().columns if sys.stdout.isatty() else None


def widths_of(columns: Sequence[Column], lines: Sequence[Line]) -> list[int]:
    """Cells of each column's widest text."""
    headers = [column.header for column in columns]
    return [max(map(cell_width, texts)) for texts in zip(headers, *lines, strict=True)]


def table_width(widths: Sequence[int]) -> int:
    """Cells of a whole line."""
    return sum(widths) + len(_GAP) * (len(widths) - 1)


def print_lines(columns: Sequence[Column], lines: Sequence[Line], last: Line = ()) -> None:
    """Print rows below their headers, and one below them that stands out like those."""
    widths = widths_of(columns, [*lines, last] if last else lines)
    if (width := terminal_width()) is not None:
        widths = _fitting(columns, widths, width)
    click.echo(_bold(_text(columns, widths, [column.header for column in columns])))
    for start in range(0, len(lines), _BLOCK):
        click.echo("\n".join(_text(columns, widths, line) for line in lines[start : start + _BLOCK]))
    if last:
        click.echo(_bold(_text(columns, widths, last)))


def print_folded(text: str) -> None:
    """Print a sentence; on a terminal in lines that fit, broken between words, all but the first indented."""
    room = terminal_width()
    line = ""
    for word in text.split(" "):
        longer = f"{line} {word}" if line else word
        if room and line.strip() and cell_width(longer) > room:
            click.echo(line)
            longer = f"  {word}"
        line = longer
    click.echo(line)


def _fitting(columns: Sequence[Column], widths: list[int], width: int) -> list[int]:
    """Words give way to figures, the longest first."""
    widths = list(widths)
    words = [place for place, column in enumerate(columns) if not column.is_figure]
    while (excess := table_width(widths) - width) > 0:
        place = max(words, key=widths.__getitem__, default=None)
        if place is None or widths[place] <= _LEAST_TEXT:
            break
        next_longest = max((widths[other] for other in words if other != place), default=_LEAST_TEXT)
        widths[place] = max(widths[place] - excess, min(next_longest, widths[place] - 1), _LEAST_TEXT)
    return widths


def _text(columns: Sequence[Column], widths: Sequence[int], line: Line) -> str:
    cells = map(_cell, columns, widths, line)
    return _GAP.join(cells).rstrip()


def _cell(column: Column, width: int, text: str) -> str:
    taken = cell_width(text)
    if taken > width:
        return shorten_end(text, width)
    return " " * (width - taken) + text if column.is_figure else text + " " * (width - taken)


def _bold(text: str) -> str:
    is_plain = not sys.stdout.isatty() or os.environ.get("TERM") in ("dumb", "unknown")
    return text if is_plain else click.style(text, bold=True)
