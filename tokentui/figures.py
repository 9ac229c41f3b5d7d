"""Formats numbers, money, times and names of models in few terminal cells.

Every `format_…` keeps to a greatest width, so that the columns of a table never jump.
"""

from __future__ import annotations

import math

from tokentui.records import PICO_PER_CENT

_DURATIONS = ((60, 1, "ms", 3600), (3600, 60, "hm", 86_400), (86_400, 3600, "dh", 8_640_000))
"""(seconds in the larger unit, seconds in the smaller, the signs of both, seconds from which on both do not fit)."""


def plural(number: int, noun: str) -> str:
    """`1 session`, `5 sessions`, `1,284 responses`."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def model_name(name: str) -> str:
    """A model as people call it: `claude-opus-4-5-20251101` is `opus-4-5`."""
    short = name.removeprefix("claude-")
    head, _, tail = short.rpartition("-")
    return head if head and len(tail) == 8 and tail.isdigit() else short


def format_count(count: float, lower_bound: bool = False) -> str:
    """A number of things in at most 5 cells (`999`, `12.3k`, `1.23M`), 6 with the `≥` of a lower bound.

    A lower bound is rounded down, so that it stays one. A negative number shows as `0`, NaN as `–`.
    """
    count = max(min(count, 10**15), 0)
    if math.isnan(count):
        return "–"
    text = _compact(count, lower_bound)
    return f"≥{text}" if lower_bound else text


def _compact(count: float, down: bool) -> str:
    """At most 5 cells; `count` is not negative."""
    if count >= 999_500_000_000_000:
        return ">999T"
    if count < 9.95 and count != int(count):
        return _rounded(count, 1, 1, down)
    if count < 999.5:
        return _rounded(count, 1, 0, down)
    for unit, sign, places in ((10**3, "k", 1), (10**6, "M", 2), (10**9, "G", 1), (10**12, "T", 1)):
        for digits in range(places, -1, -1):
            text = _rounded(count, unit, digits, down)
            if len(text) <= (4 if digits else 3):
                return text + sign
    return ">999T"


def _rounded(count: float, unit: int, digits: int, down: bool) -> str:
    amount = count * 10**digits // unit / 10**digits if down else count / unit
    return f"{amount:.{digits}f}"


def format_usd(pico_usd: int | None, unpriced: bool = False, lower_bound: bool = False) -> str:
    """Money in at most 8 cells: `$0.00` for exactly nothing, `<$0.01`, `$12.34`, `$1,234`, `$12.3k`.

    `unpriced` says that part of the sum has no known price, `lower_bound` that some counts are not final: either
    puts a `≥` before the sum, which is then rounded down. A sum of which nothing could be priced shows as `?`.
    """
    if pico_usd is None or (unpriced and pico_usd == 0):
        return "?"
    at_least = unpriced or lower_bound
    amount = abs(pico_usd)
    if 0 < amount < PICO_PER_CENT and not at_least:
        return "<$0.01" if pico_usd > 0 else ">-$0.01"
    shown = _dollars(amount, at_least)
    return f"{'≥' if at_least else ''}{'-' if pico_usd < 0 else ''}{shown}"


def _dollars(pico_usd: int, down: bool) -> str:
    cents = (pico_usd + (0 if down else PICO_PER_CENT // 2)) // PICO_PER_CENT
    if cents < 100_000:
        return f"${cents // 100}.{cents % 100:02}"
    dollars = (pico_usd + (0 if down else 50 * PICO_PER_CENT)) // (100 * PICO_PER_CENT)
    return f"${dollars:,}" if dollars < 10_000 else f"${_compact(min(dollars, 10**15), down)}"


def whole_percent(share: float) -> int:
    """A share as a whole percentage, rounded down: 0.999 is 99, only what is used up is 100."""
    return math.floor(round(share * 100, 6))


def format_share(share: float | None) -> str:
    """A share of 0 to 1 in at most 6 cells: `84.4 %`, `<0.1 %`, `100 %` only for all of it, `–` for None."""
    if share is None or math.isnan(share) or share < 0:
        return "–"
    percent = share * 100
    if 0 < percent < 0.1:
        return "<0.1 %"
    if percent < 100:
        return f"{min(percent, 99.9):.1f} %"
    return f"{percent:.0f} %" if percent < 999.5 else ">999 %"


def format_age(seconds: float | None) -> str:
    """How long ago, in at most 4 cells: `now`, `3s`, `2m`, `5h`, `12d`, `3y`; `–` for None."""
    if seconds is None or math.isnan(seconds):
        return "–"
    if seconds < 1:
        return "now"
    for unit, sign, below in ((1, "s", 60), (60, "m", 3600), (3600, "h", 86_400), (86_400, "d", 86_400_000)):
        if seconds < below:
            return f"{int(seconds // unit)}{sign}"
    return f"{int(min(seconds, 31_556_952 * 999) // 31_556_952)}y"


def format_duration_ms(duration_ms: float | None) -> str:
    """A length of time in at most 6 cells: `850ms`, `4.2s`, `42s`, `3m12s`, `2h05m`, `3d04h`, or `–`."""
    if duration_ms is None or math.isnan(duration_ms):
        return "–"
    if duration_ms < 999.5:
        return f"{max(duration_ms, 0):.0f}ms"
    if duration_ms < 59_500:
        return f"{duration_ms / 1000:.{1 if duration_ms < 9_950 else 0}f}s"
    seconds = int(min(duration_ms, 8.6399e12) / 1000 + 0.5)
    for unit, smaller, signs, below in _DURATIONS:
        if seconds < below:
            return f"{seconds // unit}{signs[0]}{seconds % unit // smaller:02}{signs[1]}"
    return f"{seconds // 86_400}d"


def format_bytes(size_bytes: float) -> str:
    """A size in at most 7 cells, in powers of 1000: `512 B`, `12.3 kB`, `4.1 GB`."""
    size = max(min(size_bytes, 10**15), 0)
    if math.isnan(size):
        return "–"
    for unit, sign in ((1, "B"), (10**3, "kB"), (10**6, "MB"), (10**9, "GB"), (10**12, "TB")):
        if size < 999.5 * unit:
            places = 0 if unit == 1 or size >= 99.95 * unit else 1
            return f"{size / unit:.{places}f} {sign}"
    return ">999 TB"
