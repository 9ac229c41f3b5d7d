"""The windows in which budgets are counted: local days, weeks and months, or the last so many hours."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta, tzinfo

from tokentui.instants import midnight, week_of

_ROLLING = r"rolling (\d+)h"


def window_of(window: str, now: datetime, zone: tzinfo, week_start: int = 0) -> tuple[datetime, datetime]:
    """Start and end, in UTC, of the window that `now` lies in; the end is exclusive.

    `window` is `day`, `week`, `month` or `rolling <hours>h`; `week_start` is 0 for Monday. A day lasts from one
    local midnight to the next, so 23 or 25 hours when the clock changes. ValueError for any other window.
    """
    if rolling := re.fullmatch(_ROLLING, window):
        end_at = now.astimezone(UTC)
        return end_at - timedelta(hours=int(rolling[1])), end_at
    today = now.astimezone(zone).date()
    first, after = _days(window, today, week_start)
    return midnight(first, zone), midnight(after, zone)


def _days(window: str, today: date, week_start: int) -> tuple[date, date]:
    """First day of the window, and first day after it."""
    if window == "day":
        return today, today + timedelta(days=1)
    if window == "week":
        first = week_of(today, week_start)
        return first, first + timedelta(days=7)
    if window == "month":
        first = today.replace(day=1)
        return first, (first + timedelta(days=31)).replace(day=1)
    raise ValueError(f"{window!r} is no window: expected day, week, month or rolling 5h")
