"""Bars in one line: a share of the whole, and stretches of work on a time axis."""

from __future__ import annotations

from collections.abc import Iterable

from tokentui.ui.charts.alphabet import BLOCK, Alphabet
from tokentui.ui.charts.scale import finite
from tokentui.ui.charts.segments import Row, Segment, joined

_HALVES = {(True, True): "▄", (True, False): "▖", (False, True): "▗"}


def share_of_one(share: float | None, width: int, *, alphabet: Alphabet = BLOCK) -> str:
    """A bar for a share (0 to 1) in exactly `width` cells; any share above 0 shows."""
    used = min(finite(share) or 0.0, 1.0)
    steps = len(alphabet.growing) - 1
    filled = max(round(used * width * steps), 1 if used else 0)
    return "".join(alphabet.growing[max(0, min(filled - at * steps, steps))] for at in range(max(width, 0)))


def lane(
    stretches: Iterable[tuple[float, float]], width: int, *, style: str = "series-0", alphabet: Alphabet = BLOCK
) -> Row:
    """Stretches, from 0 to 1 on the axis, in exactly `width` cells of two halves; a thin line joins them.

    Each stretch leaves a trace, however short it is.
    """
    halves = [False] * (2 * max(width, 0))
    for start, end in stretches:
        first = max(0, min(int(start * len(halves)), len(halves) - 1))
        last = max(first + 1, min(round(end * len(halves)), len(halves)))
        halves[first:last] = [True] * (last - first)
    lit = [at for at, is_lit in enumerate(halves) if is_lit]
    cells: list[Segment] = []
    for at in range(max(width, 0)):
        pair = (halves[2 * at], halves[2 * at + 1])
        if any(pair):
            cells.append(Segment("#" if alphabet.name == "ascii" else _HALVES[pair], style))
        else:
            is_between = bool(lit) and lit[0] < 2 * at < lit[-1]
            cells.append(Segment(alphabet.x_line if is_between else " ", "track" if is_between else ""))
    return joined(cells)
