"""Stacked columns as cells: how high each series reaches, and the glyph and owners of each cell."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

from tokentui.ui.charts.alphabet import Alphabet, braille_cell
from tokentui.ui.charts.scale import resample
from tokentui.ui.charts.segments import Segment

_DOTS_KEPT = (
    ((1, 1), (1, 1)),
    ((1, 1), (0, 1)),
    ((1, 0), (0, 1)),
    ((1, 0), (0, 0)),
)
"""Braille fills by place in the stack: each keeps only dots of the one before, so more is never less."""
_LEVELS_FOR_TRACES = 2
"""With at least this many levels for each part, every part is drawn, however small."""


class Column(NamedTuple):
    """What stands in one column of cells."""

    tops: tuple[tuple[int, ...] | None, ...]
    """For each value side by side: the level each series reaches, bottom series first; None is a gap."""
    is_partial: bool

    @property
    def is_gap(self) -> bool:
        """Whether nothing was recorded here."""
        return all(top is None for top in self.tops)


def stacked_columns(
    series: Sequence[Sequence[float | None]],
    columns: int,
    rows: int,
    ceiling: float,
    alphabet: Alphabet,
    *,
    partial_last: bool,
) -> tuple[Column, ...]:
    """The series fitted to `columns` columns of `rows` cells; `ceiling` reaches the top of the highest."""
    per_cell = alphabet.columns
    buckets = max(map(len, series), default=0)
    padded = [(*one, *(None,) * (buckets - len(one))) for one in series]
    fitted = list(zip(*(resample(one, columns * per_cell) for one in padded), strict=True))
    fitted = fitted or [()] * columns * per_cell
    tops = [_tops(values, ceiling, rows * alphabet.levels) for values in fitted]
    last_from = (buckets - 1) * columns / buckets if buckets else columns
    return tuple(
        Column(tuple(tops[at * per_cell : (at + 1) * per_cell]), partial_last and at + 1 > last_from)
        for at in range(columns)
    )


def _tops(values: Sequence[float | None], ceiling: float, most: int) -> tuple[int, ...] | None:
    """The level up to which each stacked series reaches, bottom series first; None for a gap.

    The total is rounded to a level, and at least 1 unless it is 0. In a column that is high enough, each series that is
    not 0 gets at least one level while there is room; in a lower one a series may vanish in rounding.
    """
    if all(value is None for value in values):
        return None
    total = sum(value or 0.0 for value in values)
    whole = max(round(min(total / ceiling, 1.0) * most), 1) if total else 0
    trace = int(whole >= _LEVELS_FOR_TRACES * len(values))
    tops: list[int] = []
    below, top = 0.0, 0
    for value in values:
        below += value or 0.0
        if value:
            level = whole if below >= total else round(min(below / ceiling, 1.0) * most)
            top = min(max(level, top + trace), whole, most)
        tops.append(top)
    return tuple(tops)


@lru_cache(256)  # most columns of a chart drawn again are unchanged
def column_cells(column: Column, rows: int, alphabet: Alphabet, patterns: bool) -> tuple[Segment, ...]:
    """The cells of a column of so many plot rows, from the bottom up."""
    return tuple(_cell(column, row, alphabet, patterns) for row in range(rows))


def _cell(column: Column, row: int, alphabet: Alphabet, patterns: bool) -> Segment:
    low = row * alphabet.levels
    owners = [_owners(tops, low, alphabet.levels) for tops in column.tops]
    if not any(owners):
        return Segment(" ")
    cell = _braille(owners, patterns) if alphabet.columns == 2 else _block(owners[0], alphabet, patterns)
    if patterns and alphabet.splits_cells and cell.text not in alphabet.fills:
        cell = _patterned(owners[0], alphabet, is_lowest=row == 0)
    return Segment(cell.text, f"{cell.style} partial") if column.is_partial else cell


def _owners(tops: tuple[int, ...] | None, low: int, levels: int) -> list[int]:
    """The series at each filled level of a cell, from the bottom up."""
    owners: list[int] = []
    for series, top in enumerate(tops or ()):
        owners += [series] * (min(top - low, levels) - len(owners))
    return owners


def _majority(owners: Sequence[int]) -> int:
    return max(owners, key=lambda owner: (owners.count(owner), owner))


def _block(owners: list[int], alphabet: Alphabet, patterns: bool) -> Segment:
    main = _majority(owners)
    if len(owners) < alphabet.levels:
        return Segment(alphabet.rising[len(owners)], f"series-{main}")
    if patterns or not alphabet.splits_cells or owners[0] == owners[-1]:
        distinct = patterns or alphabet.name == "ascii"
        return Segment(alphabet.fills[main % len(alphabet.fills) if distinct else 0], f"series-{main}")
    rest = [owner for owner in owners if owner != main]
    lower, upper = sorted((main, _majority(rest)))
    split = max(at + 1 for at, owner in enumerate(owners) if owner <= lower)
    return Segment(alphabet.rising[split], f"series-{lower} on series-{upper}")


def _patterned(owners: list[int], alphabet: Alphabet, *, is_lowest: bool) -> Segment:
    """A partly filled cell drawn whole, since a solid part would look like the series whose pattern is solid."""
    if not is_lowest and 2 * len(owners) < alphabet.levels:
        return Segment(" ")
    main = _majority(owners)
    return Segment(alphabet.fills[main % len(alphabet.fills)], f"series-{main}")


def _braille(owners: Sequence[list[int]], patterns: bool) -> Segment:
    style = f"series-{_majority([owner for side in owners for owner in side])}"
    sides = []
    for at, side in enumerate(owners):
        top = len(side) - 1  # always drawn, so that a growing stack never loses dots
        kept = [
            not patterns or level == top or _DOTS_KEPT[min(owner, 3)][level % 2][at] for level, owner in enumerate(side)
        ]
        sides.append(sum(1 << level for level, keep in enumerate(kept) if keep))
    return Segment(braille_cell(sides[0], sides[1]), style)
