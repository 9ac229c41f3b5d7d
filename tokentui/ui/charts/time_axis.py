"""The horizontal axis: local times at round hours, days and months, as many as fit without touching."""

from __future__ import annotations

import math
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, tzinfo
from functools import lru_cache
from itertools import count, takewhile
from typing import NamedTuple

_MINUTE, _HOUR, _DAY, _MONTH = 60, 3600, 86_400, 30 * 86_400
_STEPS = (
    *(5, 10, 15, 30),
    *(minutes * _MINUTE for minutes in (1, 2, 5, 10, 15, 30)),
    *(hours * _HOUR for hours in (1, 2, 3, 6, 12)),
    *(days * _DAY for days in (1, 2, 7, 14)),
    *(months * _MONTH for months in (1, 3, 6, 12, 24, 60)),
)
"""From tick to tick, in seconds; those of months are as long as the calendar makes them."""
_LABEL_CELLS, _SECONDS_LABEL_CELLS = 6, 8
"""The widest label: `14 Nov`, and `14:02:30` on the shortest axes."""


class TimeAxis(NamedTuple):
    """What the columns of a chart stand for."""

    start_at: datetime
    """When the first bucket begins, with its zone."""
    bucket_seconds: float
    timezone: tzinfo = UTC
    """The zone of the labels."""

    def ticks(self, buckets: int, columns: int) -> tuple[TimeTick, ...]:
        """Round local times."""
        return time_ticks(self, buckets, columns)


class TimeTick(NamedTuple):
    """A label and the column it stands for, counted from the left edge of the plot."""

    column: int
    label: str


@lru_cache(64)
def time_ticks(axis: TimeAxis, buckets: int, columns: int) -> tuple[TimeTick, ...]:
    """Round local times for `buckets` buckets over `columns` columns, in order, two columns or more apart."""
    span = axis.bucket_seconds * buckets
    if span <= 0 or columns < 1:
        return ()
    step = next((step for step in _STEPS if span / step <= max(columns // (_cells(step) + 3), 1)), _STEPS[-1])
    start = axis.start_at.astimezone(UTC)
    ticks: list[TimeTick] = []
    for at in _round_times(axis.start_at.astimezone(axis.timezone), timedelta(seconds=span), step):
        column = math.floor((at.astimezone(UTC) - start).total_seconds() / span * columns)
        if 0 <= column < columns and (not ticks or column - ticks[-1].column >= _cells(step) + 2):
            ticks.append(TimeTick(column, _label(at, step)))
    return tuple(ticks)


def _round_times(start: datetime, span: timedelta, step: int) -> Iterator[datetime]:
    """Local times on the calendar's or clock's multiples of the step, from before `start` on, without skipped hours."""
    zone = start.tzinfo
    end = start.replace(tzinfo=None) + span + timedelta(hours=1)
    times = _first_days(start, step // _MONTH) if step >= _MONTH else _even_times(start, step)
    for naive in takewhile(lambda time: time <= end, times):
        at = naive.replace(tzinfo=zone)
        if at.astimezone(UTC).astimezone(zone).replace(tzinfo=None) == naive:
            yield at


def _first_days(start: datetime, months: int) -> Iterator[datetime]:
    """The first days of every so many months, without a zone."""
    month = start.year * 12 + start.month - 1
    for first in count(month - month % months, months):
        yield datetime(first // 12, first % 12 + 1, 1)


def _even_times(start: datetime, step: int) -> Iterator[datetime]:
    """Times that are so many seconds apart, from a midnight on, without a zone."""
    midnight = datetime(start.year, start.month, start.day)
    if step >= _DAY:
        midnight -= timedelta(days=(midnight.toordinal() - 1) % (step // _DAY))
    return (midnight + timedelta(seconds=step) * index for index in count())


def _cells(step: int) -> int:
    """The widest label at that step."""
    return _LABEL_CELLS if step >= _MINUTE else _SECONDS_LABEL_CELLS


def _label(at: datetime, step: int) -> str:
    """The time as short as its neighbours allow: a year stands where it begins, as does a day among hours."""
    if step >= _MONTH:
        return f"{at:%Y}" if at.month == 1 else f"{at:%b}"
    if step >= _DAY or (at.hour, at.minute) == (0, 0):
        return f"{at.day} {at:%b}"
    return f"{at:%H:%M}" if step >= _MINUTE else f"{at:%H:%M:%S}"
