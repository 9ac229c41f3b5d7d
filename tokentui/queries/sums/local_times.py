"""Finds the local minute, hour, day, week or month of a moment, on days of any length."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date, datetime, timedelta, tzinfo
from functools import cache
from typing import Literal

from tokentui.instants import midnight, week_of

TimeGrouping = Literal["minute", "hour", "day", "week", "month"]
_SECONDS = {"minute": 60, "hour": 3600}

_DAY, _SECOND, _MOMENT = timedelta(days=1), timedelta(seconds=1), timedelta(milliseconds=1)
_EPOCH = datetime(1970, 1, 1)
"""1970 by the local clock."""

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


def local_stretches(
    days: Iterable[datetime], by: TimeGrouping, zone: tzinfo, week_start: int
) -> list[tuple[str, tuple[datetime, datetime]]]:
    """(name, (start, end)) of the local days, weeks or months that some UTC days lie in, in order of time."""
    dates = {moment.astimezone(zone).date() for day in days for moment in (day, day + _DAY - _MOMENT)}
    if by == "month":
        firsts = {day.replace(day=1) for day in dates}
        return [
            (day.strftime("%Y-%m"), _between(day, (day + 31 * _DAY).replace(day=1), zone)) for day in sorted(firsts)
        ]
    length = _DAY if by == "day" else 7 * _DAY
    firsts = dates if by == "day" else {week_of(day, week_start) for day in dates}
    return [(day.isoformat(), _between(day, day + length, zone)) for day in sorted(firsts)]


def _between(first: date, after: date, zone: tzinfo) -> tuple[datetime, datetime]:
    return midnight(first, zone), midnight(after, zone)


def finest_offset_seconds(days: Iterable[datetime], zone: tzinfo) -> int:
    """3600 if the zone is whole hours from UTC on all of these days, else 900."""
    offsets = (zone.utcoffset((day + timedelta(hours=hour)).astimezone(zone)) for day in days for hour in range(25))
    return 3600 if all(offset is not None and offset.seconds % 3600 == 0 for offset in offsets) else 900


def _start_of(second: int, length: int, zone: tzinfo) -> str:
    """Start of the local minute or hour; an hour that the clock repeats counts as two, which differ in their offset."""
    offset = datetime.fromtimestamp(second, zone).utcoffset() or timedelta()
    wall = second + offset // _SECOND
    return (_EPOCH + timedelta(seconds=wall - wall % length)).isoformat() + _offset_text(offset)


@cache
def _offset_text(offset: timedelta) -> str:
    minutes = int(offset.total_seconds()) // 60
    sign = "-" if minutes < 0 else "+"
    return f"{sign}{abs(minutes) // 60:02}:{abs(minutes) % 60:02}"
