"""Which local minute, hour, day, week or month a moment belongs to, on days of any length."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Literal

from tokentui.watch.windows import week_of

TimeGrouping = Literal["minute", "hour", "day", "week", "month"]
_SECONDS = {"minute": 60, "hour": 3600}

Label = Callable[[int], str]
"""UTC seconds since 1970 → the bucket's name; names sort by time within one grouping and offset."""


def labels(by: TimeGrouping, zone: tzinfo, week_start: int) -> Label:
    """The function that names buckets: `2026-11`, a day, the first day of a week, or a start with its offset."""
    if by in _SECONDS:
        return lambda second: _start_of(second, _SECONDS[by], zone)
    if by == "month":
        return lambda second: datetime.fromtimestamp(second, zone).strftime("%Y-%m")
    if by == "day":
        return lambda second: datetime.fromtimestamp(second, zone).date().isoformat()
    return lambda second: week_of(datetime.fromtimestamp(second, zone).date(), week_start).isoformat()


def _start_of(second: int, length: int, zone: tzinfo) -> str:
    """Start of the local minute or hour; the hour that the clock repeats is two, told apart by their offset."""
    local = datetime.fromtimestamp(second, zone)
    offset = local.utcoffset() or timedelta()
    into = (local.minute * 60 + local.second) % length
    start = local.astimezone(UTC) - timedelta(seconds=into)
    return (start.replace(tzinfo=None) + offset).isoformat() + _offset_text(offset)


def _offset_text(offset: timedelta) -> str:
    minutes = int(offset.total_seconds()) // 60
    sign = "-" if minutes < 0 else "+"
    return f"{sign}{abs(minutes) // 60:02}:{abs(minutes) % 60:02}"
