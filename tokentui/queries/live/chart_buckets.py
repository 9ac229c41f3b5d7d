"""The stretch of time that a view shows, cut into the buckets of its chart."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo

from tokentui.instants import ms_of
from tokentui.view import RANGES, View

_BUCKETS_SECONDS = (
    5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 2 * 3600, 3 * 3600, 6 * 3600, 12 * 3600, 86400, 7 * 86400,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Buckets:
    """Buckets of equal length, the last one running."""

    start_at: datetime
    """Start of the first bucket, UTC."""
    range_start_ms: int
    """Where the range begins: at or after the start of the first bucket, within it."""
    seconds: int
    count: int

    @property
    def start_ms(self) -> int:
        """Start of the first bucket."""
        return ms_of(self.start_at)


def buckets_of(connection: sqlite3.Connection, view: View, now: datetime, time_zone: tzinfo) -> Buckets:
    """The buckets of a view, as of now."""
    length = RANGES[view.range]
    start_at = now - length if length is not None else _first_use(connection, now)
    seconds = max((now - start_at).total_seconds(), 60.0)
    columns = max(view.chart_columns, 10)
    fitting = (bucket for bucket in _BUCKETS_SECONDS if seconds / bucket <= columns)
    bucket = next(fitting, _BUCKETS_SECONDS[-1])
    offset = _offset_seconds(now, time_zone) if bucket > 3600 else 0
    first = (int(start_at.timestamp()) + offset) // bucket * bucket - offset
    last = (int(now.timestamp()) + offset) // bucket * bucket - offset
    return Buckets(
        datetime.fromtimestamp(first, now.tzinfo),
        ms_of(start_at),
        bucket,
        (last - first) // bucket + 1,
    )


def _offset_seconds(now: datetime, time_zone: tzinfo) -> int:
    """The shift of buckets against UTC: those of an hour or more begin with local hours and days."""
    offset = now.astimezone(time_zone).utcoffset() or timedelta()
    return int(offset.total_seconds())


def _first_use(connection: sqlite3.Connection, now: datetime) -> datetime:
    row = connection.execute("SELECT min(at_ms) FROM response").fetchone()
    if row[0] is None:
        return now - timedelta(hours=1)
    return datetime.fromtimestamp(row[0] / 1000, now.tzinfo)
