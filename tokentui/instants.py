"""Moments as the store counts them, in milliseconds since 1970 UTC, and where days and weeks begin in a time zone."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta, tzinfo

SECOND_MS, MINUTE_MS, HOUR_MS, DAY_MS = 1_000, 60_000, 3_600_000, 86_400_000
QUARTER_MS = 15 * MINUTE_MS
"""Every time zone in use is a multiple of this away from UTC, so sums of quarters add up to days in any of them."""
EARLIEST_MS, LATEST_MS = -(10**8) * DAY_MS, 10**8 * DAY_MS
"""The ends of time: bounds before and after any date."""
AHEAD_MS = 10_000
"""A time further ahead of the clock than this does not count as now: a clock was set back, or is wrong."""
_EPOCH_DAY = date(1970, 1, 1).toordinal()


def ms_of(moment: datetime) -> int:
    """The nearest millisecond to an aware moment."""
    return round(moment.timestamp() * 1000)


def moment_of(ms: int) -> datetime:
    """The moment, in UTC."""
    return datetime.fromtimestamp(ms / 1000, UTC)


def moment_or_none(ms: int | None) -> datetime | None:
    """The moment, in UTC; None for an unknown time."""
    return None if ms is None else moment_of(ms)


def utc_day(ms: int) -> date:
    """The UTC day in which a moment lies."""
    return date.fromordinal(_EPOCH_DAY + ms // DAY_MS)


def day_ms(day: date) -> int:
    """The moment at which a UTC day begins, in milliseconds since 1970."""
    return (day.toordinal() - _EPOCH_DAY) * DAY_MS


def midnight(day: date, zone: tzinfo = UTC) -> datetime:
    """The first moment of a day in a zone, given in UTC.

    Right also on days whose clock skips midnight; where the clock repeats midnight, it is the first of the two.
    """
    start = datetime.combine(day, time(), zone).astimezone(UTC)
    while start.astimezone(zone).date() < day:
        start += timedelta(minutes=1)
    return start


def week_of(day: date, week_start: int = 0) -> date:
    """First day of the week that a day lies in; `week_start` is 0 for Monday."""
    return day - timedelta(days=(day.weekday() - week_start) % 7)
