"""What every chart returns: rows of text with semantic style names, which the screen maps to colours.

A style is one word: `series-0` … `series-5`, `axis`, `label`, `gap`, `track`, `mark`, `pace`, `gauge-ok`,
`gauge-warn`, `gauge-over`, `state-ok`, `state-warn`, `state-over`; or it is empty. Two words joined by `on`
are foreground and background, and a last word `partial` says that the figure is still growing.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby
from typing import NamedTuple


class Segment(NamedTuple):
    """A run of text in one style."""

    text: str
    style: str = ""


Row = tuple[Segment, ...]


class ChartRows(NamedTuple):
    """A drawn chart, top row first; every row has exactly `width` cells."""

    width: int
    rows: tuple[Row, ...]

    def __str__(self) -> str:
        """The picture without its colours."""
        return "\n".join(plain(row) for row in self.rows)


def plain(row: Iterable[Segment]) -> str:
    """The text of a row."""
    return "".join(segment.text for segment in row)


def joined(cells: Iterable[Segment]) -> Row:
    """The same row with neighbours of one style made one segment."""
    runs = groupby((cell for cell in cells if cell.text), key=lambda cell: cell.style)
    return tuple(Segment("".join(cell.text for cell in run), style) for style, run in runs)
