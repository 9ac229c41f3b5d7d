"""The running UTC month: billed and logged so far, and where both will end."""

from __future__ import annotations

import sqlite3
from calendar import monthrange
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from tokentui.instants import midnight, utc_day
from tokentui.queries.reckoning.logged import logged_estimates
from tokentui.queries.reckoning.reported.one_origin import reported_once
from tokentui.queries.reckoning.reported.reach import Standing

PACE_DAYS = 7
"""The projection goes on at the mean pace of this many days."""


@dataclass(frozen=True, slots=True)
class MonthSoFar:
    """The running UTC month."""

    month: date
    billed_pico_usd: int | None
    billed_until: date | None
    """First day whose bill is not known yet."""
    billed_projected_pico_usd: int | None
    """So far + the mean of the last seven days known × the days left."""
    logged_pico_usd: int
    logged_projected_pico_usd: int
    logged_is_lower_bound: bool = False
    """Whether what was logged so far may cost more."""


def month_so_far(connection: sqlite3.Connection, stands: Standing, as_of: datetime) -> MonthSoFar:
    """The UTC month in which the moment lies."""
    now = as_of.astimezone(UTC)
    first, today = now.date().replace(day=1), now.date()
    after = first + timedelta(days=monthrange(first.year, first.month)[1])
    early, tomorrow = first - timedelta(days=PACE_DAYS), today + timedelta(days=1)
    by_name = logged_estimates(connection, "day", early, tomorrow)
    parts = {date.fromisoformat(day): part for day, part in by_name.items()}
    logged = {day: part.pico_usd for day, part in parts.items()}
    left = (midnight(after) - now) / timedelta(days=1)
    so_far = sum(pico for day, pico in logged.items() if day >= first)
    whole = [logged.get(today - timedelta(days=n), 0) for n in range(1, PACE_DAYS + 1)]
    billed, until, projected = _billed_month(connection, stands, first, today, after)
    expected = so_far + round(sum(whole) / PACE_DAYS * left)
    is_lower_bound = any(part.is_lower_bound for day, part in parts.items() if day >= first)
    return MonthSoFar(first, billed, until, projected, so_far, expected, is_lower_bound)


def _billed_month(
    connection: sqlite3.Connection, stands: Standing, first: date, today: date, after: date
) -> tuple[int | None, date | None, int | None]:
    """Billed so far, the first day not known whole, and the projection."""
    early = first - timedelta(days=PACE_DAYS)
    found = reported_once(connection, stands, early, today + timedelta(days=1), with_months=False, by="day")
    ends = [end for _, end in (*stands.api_cost, *stands.csv_cost)]
    until = min(utc_day(max(ends)), today) if ends else None
    if until is None or until < first:
        return None, None, None
    by_day: dict[date, int] = {}
    for money in found.cost:
        day = utc_day(money.day_ms)
        by_day[day] = by_day.get(day, 0) + money.cost_pico_usd
    billed = sum(pico for day, pico in by_day.items() if day >= first)
    known = sum(pico for day, pico in by_day.items() if first <= day < until)
    pace = sum(by_day.get(until - timedelta(days=n), 0) for n in range(1, PACE_DAYS + 1)) / PACE_DAYS
    return billed, until, max(billed, known + round(pace * (after - until).days))
