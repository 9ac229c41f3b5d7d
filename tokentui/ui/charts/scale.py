"""The vertical scale: round ceilings that do not jump, round ticks, and values fitted to columns."""

from __future__ import annotations

import math
import sys
from collections.abc import Sequence

_NICE = (1.0, 1.5, 2.0, 2.5, 3.0, 4.0, 5.0, 6.0, 8.0, 10.0)
_SHRINK_BELOW = 0.6
"""The share of the scale that must be left unused before it shrinks."""


def finite(value: float | None) -> float | None:
    """The value, negative as 0; None for what is no number or infinite."""
    if value is None or not math.isfinite(value):
        return None
    return max(float(value), 0.0)


def nice_ceiling(value: float) -> float:
    """The smallest round number (1, 1.5, 2, 2.5, 3, 4, 5, 6, 8 × 10ⁿ) not below `value`, at least 1."""
    amount = finite(value)
    if amount is None or amount <= 1.0:
        return 1.0
    power = 10.0 ** min(math.floor(math.log10(amount)), 306)
    return next((step * power for step in _NICE if step * power >= amount), amount)


def sticky_ceiling(previous: float | None, value: float) -> float:
    """The next picture's ceiling: grows at once, shrinks one round step a time and only when far too high."""
    wanted = nice_ceiling(value)
    before = finite(previous)
    if before is None or wanted >= before:
        return wanted
    if (finite(value) or 0.0) > before * _SHRINK_BELOW:
        return before
    power = 10.0 ** math.floor(math.log10(before))
    lower = [step * power for step in (0.8, *_NICE) if step * power < before * 0.999]
    return max(wanted, lower[-1]) if lower else wanted


def stack_peak(series: Sequence[Sequence[float | None]]) -> float:
    """The highest stack of all buckets, 0 without any; the ceiling must not lie below it."""
    length = max(map(len, series), default=0)
    return max((sum(finite(one[at]) or 0.0 for one in series if at < len(one)) for at in range(length)), default=0.0)


def y_ticks(ceiling: float, rows: int) -> tuple[tuple[int, float], ...]:
    """Plot rows (0 at the bottom) and the round values at their upper edges, the ceiling always one."""
    parts = max(range(1, 7), key=lambda count: _tick_merit(ceiling, rows, count))
    return tuple((max(round(rows * part / parts) - 1, 0), ceiling * part / parts) for part in range(1, parts + 1))


def _tick_merit(ceiling: float, rows: int, parts: int) -> tuple[bool, float, int]:
    """Round steps first, then about one tick in four rows, better on the edge of a row than near it."""
    step = ceiling / parts
    mantissa = step / 10.0 ** math.floor(math.log10(step)) if step > 0 else 0.0
    is_round = any(math.isclose(mantissa, nice) for nice in (1.0, 1.5, 2.0, 2.5, 3.0, 4.0, 5.0))
    off_edge = 0 if rows % parts == 0 else 2
    alone = 3 if parts == 1 else 0
    return parts == 1 or (is_round and rows >= 2 * parts), -abs(parts - rows / 3.5) - off_edge - alone, parts


def resample(values: Sequence[float | None], columns: int) -> tuple[float | None, ...]:
    """Exactly `columns` values: each bucket repeated where there is room, else means weighted by overlap.

    A column is None where most of what it covers is None.
    """
    clean = [finite(value) for value in values]
    if not clean or columns < 1:
        return (None,) * max(columns, 0)
    if len(clean) <= columns:
        return tuple(clean[at * len(clean) // columns] for at in range(columns))
    return tuple(_mean(clean, at / columns, (at + 1) / columns) for at in range(columns))


def _mean(values: list[float | None], start: float, end: float) -> float | None:
    """The mean of the values between `start` and `end`, both from 0 to 1."""
    low, high = start * len(values), end * len(values)
    total = weight = 0.0
    for at in range(math.floor(low), min(math.ceil(high - 1e-9), len(values))):
        value = values[at]
        if value is not None:
            overlap = min(at + 1, high) - max(at, low)
            weight += overlap
            total += value * overlap
    return min(total / weight, sys.float_info.max) if weight * 2 >= high - low else None
