"""The made-up limits of a plan: the five hours are used up in the first round, the week rises with them."""

from __future__ import annotations

import sqlite3
import threading
from bisect import bisect_right
from collections.abc import Callable
from contextlib import closing, suppress
from datetime import datetime, timedelta
from pathlib import Path

from tokentui.demo.player import utc_now
from tokentui.instants import ms_of
from tokentui.store.database import StoreError, open_writer
from tokentui.store.plan_limits import PlanLimit, record_plan_limits

TELL_SECONDS = 2.0
_LIMIT_SECONDS = 402.0
"""When a session of the play is told that the five hours are used up."""
_USED = ((0.0, 0.58), (30.0, 0.60), (150.0, 0.86), (205.0, 0.89), (290.0, 0.96), (_LIMIT_SECONDS, 1.0))
"""(seconds, used share of the five hours): the steep part is the storm."""
_WEEK_BEFORE, _WEEK_PER_FIVE_HOURS = 0.31, 0.12
_CALM_PER_HOUR = 0.15
_FIVE_HOURS = timedelta(hours=5)


def plan_limits(start_at: datetime, at: datetime) -> tuple[PlanLimit, ...]:
    """What Claude Code would tell at that moment of a run that began at `start_at`."""
    resets_at = _whole_hour(start_at + timedelta(seconds=_LIMIT_SECONDS)) + timedelta(hours=2)
    passed, later = divmod(at - resets_at, _FIVE_HOURS)
    if passed < 0:
        used = total = _used_share((at - start_at).total_seconds())
    else:
        used = min(1.0, later / timedelta(hours=1) * _CALM_PER_HOUR)
        total = 1.0 + used
        resets_at += (passed + 1) * _FIVE_HOURS
    week_ends_at = _whole_hour(start_at) + timedelta(days=3)
    week = min(1.0, _WEEK_BEFORE + _WEEK_PER_FIVE_HOURS * total)
    told_at_ms = ms_of(at)
    return (
        PlanLimit("five_hour", round(used, 2), ms_of(resets_at), told_at_ms),
        PlanLimit("seven_day", round(week, 2), ms_of(week_ends_at), told_at_ms),
    )


def _used_share(seconds: float) -> float:
    place = bisect_right(_USED, (max(seconds, 0.0), 2.0))
    if place == len(_USED):
        return _USED[-1][1]
    (begin, least), (end, most) = _USED[place - 1], _USED[place]
    return least + (most - least) * (max(seconds, 0.0) - begin) / (end - begin)


def _whole_hour(at: datetime) -> datetime:
    return at.replace(minute=0, second=0, microsecond=0)


def record_plan(database: Path, start_at: datetime, at: datetime) -> None:
    """Keep what would be told at that moment, as `tokentui statusline` does. Raises StoreError and sqlite3.Error."""
    with closing(open_writer(database)) as writer:
        record_plan_limits(writer, plan_limits(start_at, at))


def tell_plan(
    database: Path, stop: threading.Event, clock: Callable[[], datetime] = utc_now, every_seconds: float = TELL_SECONDS
) -> None:
    """Go on recording from now until told to stop; what fails is made good the next time."""
    start_at = clock()
    while not stop.is_set():
        with suppress(StoreError, sqlite3.Error):
            record_plan(database, start_at, clock())
        stop.wait(every_seconds)
