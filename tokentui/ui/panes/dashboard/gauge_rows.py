"""Rows of gauges: a name, a bar, how much is used, and figures or words beside or below it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from tokentui.ui import words
from tokentui.ui.charts.alphabet import Alphabet
from tokentui.ui.charts.gauge import THRESHOLDS, GaugeState, gauge, gauge_state
from tokentui.ui.drawing.lines import Line
from tokentui.widths import cell_width

LEAST_NAME_CELLS = 5
_PERCENT_CELLS, _STATE_CELLS, _LEAST_BAR_CELLS = 6, 12, 4
_BESIDE_CELLS = 16
_WIDE = 48


@dataclass(frozen=True, slots=True)
class GaugeRow:
    """One limit and how far it is used."""

    name: str
    used: float | None
    """Used share of the limit, from 0, 1 at the limit; None if unknown."""
    beside: Sequence[str]
    """Words behind the bar where there is one line, from long to short."""
    below: Sequence[str]
    """Words below the bar where there are two lines, from long to short."""
    pace: float | None = None
    """The share that even use would have reached by now."""
    thresholds: Sequence[int] = THRESHOLDS
    is_stale: bool = False
    """Whether the figure is old and so only a lower bound, which is drawn quietly."""


def name_cells(rows: Sequence[GaugeRow], width: int) -> int:
    """Cells for the names, the same for all rows."""
    return min(max((LEAST_NAME_CELLS, *(cell_width(row.name) for row in rows))), 12 if width >= _WIDE else 9)


def one_line(row: GaugeRow, width: int, name_width: int, alphabet: Alphabet) -> Line:
    """`day   ▄▄▖▁┃│▁▁││    21%    ≥$8.75 of $40`."""
    state = gauge_state(row.used, row.thresholds)
    room = width - name_width - _PERCENT_CELLS - 5
    beside_width = min(_BESIDE_CELLS if width < _WIDE else 30, room - _LEAST_BAR_CELLS)
    percent = _told(state, row).removesuffix(f" {state.level}")
    return (
        (f" {words.left(row.name, name_width)} ", "muted"),
        *_bar(row, room - beside_width, alphabet),
        (f" {words.right(words.fitting(_PERCENT_CELLS, percent, percent.replace(' ', '')), _PERCENT_CELLS)} ",
         _ink(state, row)),
        (words.right(words.fitting(beside_width, *row.beside), beside_width), "muted" if row.is_stale else ""),
    )  # fmt: skip


def two_lines(row: GaugeRow, width: int, name_width: int, alphabet: Alphabet) -> list[Line]:
    """The bar with its state in words, and below it all there is to say."""
    state = gauge_state(row.used, row.thresholds)
    bar_width = max(_LEAST_BAR_CELLS, width - name_width - _STATE_CELLS - 4)
    return [
        (
            (f" {words.left(row.name, name_width)} ", ""),
            *_bar(row, bar_width, alphabet),
            (f" {words.right(_told(state, row), _STATE_CELLS)} ", _ink(state, row)),
        ),
        ((" " * (name_width + 2), ""), (words.fitting(width - name_width - 3, *row.below), "muted")),
    ]


def _bar(row: GaugeRow, width: int, alphabet: Alphabet) -> Line:
    drawn = gauge(row.used, width, pace=row.pace, thresholds=row.thresholds, alphabet=alphabet)
    return tuple((text, "muted" if row.is_stale and ink == "gauge-ok" else ink) for text, ink in drawn)


def _told(state: GaugeState, row: GaugeRow) -> str:
    """The state in words; an old figure has a `≥`, since use only grows until the reset."""
    if row.used is None:
        return "–"
    return re.sub(r"(?=\d)", "≥", state.text, count=1) if row.is_stale else state.text


def _ink(state: GaugeState, row: GaugeRow) -> str:
    return "muted" if row.is_stale and state.level == "ok" else state.style
