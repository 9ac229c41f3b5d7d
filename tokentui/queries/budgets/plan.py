"""How far the windows of the user's plan are used, as Claude Code reported to `tokentui statusline`."""

from __future__ import annotations

import sqlite3
from datetime import datetime, timedelta

from tokentui.instants import moment_of
from tokentui.queries.results import PlanGauge
from tokentui.store.plan_limits import PLAN_WINDOWS, PlanLimit, last_plan_limits

_FRESH = timedelta(minutes=10)
"""An older figure is only a lower bound, since the plan may be used elsewhere too."""
_REMEMBERED = timedelta(days=1)
"""How long a window is shown after its end, or if it has none, after it was last reported."""
_LENGTHS = {
    "five_hour": timedelta(hours=5),
    "seven_day": timedelta(days=7),
    "seven_day_opus": timedelta(days=7),
    "seven_day_sonnet": timedelta(days=7),
}


def plan_gauges(connection: sqlite3.Connection, now: datetime) -> tuple[PlanGauge, ...]:
    """The windows that run or ended less than a day ago, as last reported; none if nothing ever was."""
    gauges = (_gauge(limit, now) for limit in last_plan_limits(connection))
    return tuple(gauge for gauge in gauges if gauge is not None)


def _gauge(limit: PlanLimit, now: datetime) -> PlanGauge | None:
    told_at = moment_of(limit.seen_at_ms)
    resets_at = moment_of(limit.resets_at_ms) if limit.resets_at_ms else None
    if now - (resets_at or told_at) >= _REMEMBERED:
        return None
    length = _LENGTHS.get(limit.window)
    elapsed = None if resets_at is None or length is None else 1 - (resets_at - now) / length
    return PlanGauge(
        PLAN_WINDOWS[limit.window],
        None if resets_at is not None and resets_at <= now else limit.used_share,
        now - told_at > _FRESH,
        None if elapsed is None else min(max(elapsed, 0.0), 1.0),
        resets_at,
        told_at,
    )
