"""The stacked column chart of a rate over time, with real axes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tokentui.figures import format_count
from tokentui.ui.charts.alphabet import BLOCK, Alphabet
from tokentui.ui.charts.columns import Column, column_cells, stacked_columns
from tokentui.ui.charts.count_axis import CountAxis
from tokentui.ui.charts.scale import finite, nice_ceiling, y_ticks
from tokentui.ui.charts.segments import ChartRows, Row, Segment, joined
from tokentui.ui.charts.time_axis import TimeAxis, TimeTick
from tokentui.widths import cell_width, shorten_end

_LEAST_CEILING = 1e-9
_GUTTER = 7
"""Cells left of the plot: a count, a space and the axis."""


@dataclass(frozen=True, slots=True)
class AreaLook:
    """How a chart is drawn."""

    alphabet: Alphabet = BLOCK
    patterns: bool = False
    """Whether each series has its own fill as well as its own colour."""
    unit: str = "tok/min"
    """What the y axis counts, in at most seven cells."""
    is_whole: bool = False
    """Whether only whole numbers make sense on the y axis."""
    marks: tuple[float, ...] = ()
    """Places on the x axis, from 0 to 1, that get a sign."""


def plot_columns(width: int, alphabet: Alphabet = BLOCK) -> int:
    """How many buckets a chart of that width can draw side by side: what to ask the query for."""
    return max(width - _gutter(width), 0) * alphabet.columns


def area_chart(
    series: Sequence[Sequence[float | None]],
    width: int,
    height: int,
    *,
    ceiling: float,
    axis: TimeAxis | CountAxis,
    partial_last: bool = False,
    look: AreaLook | None = None,
) -> ChartRows:
    """Series stacked from the bottom up, in exactly `height` rows of `width` cells.

    Values are in the unit of the y axis and `ceiling` is the value at the top of the plot. A bucket in which
    every series is None is a gap. Five rows or more have both axes; with three or four the baseline moves
    into the lowest row; below that, and in fewer than 24 columns, labels give way to the plot.
    """
    look = look or AreaLook()
    top = max(finite(ceiling) or nice_ceiling(0), _LEAST_CEILING)
    has_line, has_labels = height >= 5, height >= 3
    plot_rows = max(height - has_line - has_labels, 0)
    columns = stacked_columns(
        series, max(width - _gutter(width), 0), plot_rows, top, look.alphabet, partial_last=partial_last
    )
    buckets = max(map(len, series), default=0)
    ticks = axis.ticks(buckets, len(columns)) if has_labels else ()
    rows = _plot(columns, plot_rows, width, top, look, baseline=not has_line)
    if has_line:
        rows.append(_axis_line(columns, ticks, width, look))
    if has_labels:
        rows.append(_labels(ticks, width, look))
    return ChartRows(max(width, 0), tuple(rows))


def _gutter(width: int) -> int:
    return _GUTTER if width >= 24 else 0


def _plot(
    columns: Sequence[Column], rows: int, width: int, ceiling: float, look: AreaLook, *, baseline: bool
) -> list[Row]:
    ticks = y_ticks(ceiling, rows) if rows else ()
    named = {row: format_count(value) for row, value in ticks if not look.is_whole or value == int(value)}
    stacks = [column_cells(column, rows, look.alphabet, look.patterns) for column in columns]
    drawn: list[Row] = []
    for row in range(rows - 1, -1, -1):
        cells = [stack[row] for stack in stacks]
        if baseline and row == 0:
            cells = [_on_baseline(cell, column, look) for cell, column in zip(cells, columns, strict=True)]
        drawn.append(joined((*_y_label(named.get(row), width, look), *cells)))
    return drawn


def _on_baseline(cell: Segment, column: Column, look: AreaLook) -> Segment:
    if cell.text != " ":
        return cell
    return Segment(look.alphabet.gap, "gap") if column.is_gap else Segment(look.alphabet.rising[1], "axis")


def _y_label(label: str | None, width: int, look: AreaLook) -> Row:
    if not _gutter(width):
        return ()
    if label is None:
        return (Segment(" " * (_GUTTER - 1) + look.alphabet.y_line, "axis"),)
    return Segment(label.rjust(_GUTTER - 2) + " ", "label"), Segment(look.alphabet.y_tick, "axis")


def _axis_line(columns: Sequence[Column], ticks: Sequence[TimeTick], width: int, look: AreaLook) -> Row:
    marked = {tick.column for tick in ticks}
    signs = {min(int(mark * len(columns)), len(columns) - 1) for mark in look.marks}
    cells: list[Segment] = []
    if _gutter(width):
        cells += [Segment("0".rjust(_GUTTER - 2) + " ", "label"), Segment(look.alphabet.corner, "axis")]
    for at, column in enumerate(columns):
        if at in signs:
            cells.append(Segment("^" if look.alphabet.name == "ascii" else "▲", "state-warn"))
        elif at in marked:
            cells.append(Segment(look.alphabet.x_tick, "axis"))
        elif column.is_gap:
            cells.append(Segment(look.alphabet.gap, "gap"))
        else:
            cells.append(Segment(look.alphabet.x_line, "axis"))
    return joined(cells)


def _labels(ticks: Sequence[TimeTick], width: int, look: AreaLook) -> Row:
    """The unit, then each label centred below its tick, moved inwards at the edges."""
    text = shorten_end(look.unit, _GUTTER).rjust(_GUTTER) if _gutter(width) else ""
    for column, label in ticks:
        centred = _gutter(width) + column - (len(label) - 1) // 2
        start = max(min(centred, width - len(label)), _gutter(width) + 1 if text else 0)
        if start > cell_width(text) or not text:
            text += " " * (start - cell_width(text)) + label
    return joined([Segment(shorten_end(text, width) + " " * (width - cell_width(text)), "label")])
