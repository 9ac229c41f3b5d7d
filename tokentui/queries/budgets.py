"""How far each budget is used, and when it runs out at the recent pace."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from datetime import datetime, timedelta, tzinfo

from tokentui.config import Budget
from tokentui.queries.results import BudgetGauge
from tokentui.queries.sums import Scope, Sums, coarse, total
from tokentui.watch.windows import window_of

_SHORT_WINDOW = timedelta(days=1, hours=1)
"""Up to the longest day of a daylight-saving zone, the pace is that of the last hour; beyond, of the last day."""


def gauges_of(
    connection: sqlite3.Connection, budgets: Iterable[Budget], now: datetime, time_zone: tzinfo, week_start: int
) -> tuple[BudgetGauge, ...]:
    """Every budget in its current window."""
    return tuple(_gauge(connection, budget, now, time_zone, week_start) for budget in budgets)


def _gauge(
    connection: sqlite3.Connection, budget: Budget, now: datetime, time_zone: tzinfo, week_start: int
) -> BudgetGauge:
    start_at, end_at = window_of(budget.window, now, time_zone, week_start)
    is_aligned = not budget.window.startswith("rolling")
    start_ms = round(start_at.timestamp() * 1000)
    used = total(connection, coarse(start_ms) if is_aligned else Scope(start_ms))
    spent = _amount(budget, used)
    look_back = timedelta(hours=1) if end_at - start_at <= _SHORT_WINDOW else timedelta(days=1)
    recent_start = max(now - look_back, start_at)
    recent_ms = round(recent_start.timestamp() * 1000)
    recent = _amount(budget, total(connection, Scope(recent_ms)))
    seconds = max((now - recent_start).total_seconds(), 60.0)
    pace, left = recent / seconds, max((end_at - now).total_seconds(), 0.0)
    return BudgetGauge(
        name=budget.name,
        window=budget.window,
        unit=budget.unit,
        limit=budget.limit,
        spent=spent,
        spent_is_lower_bound=bool(used.lower_bound_responses or used.unpriced_responses),
        elapsed_share=min(max((now - start_at) / (end_at - start_at), 0.0), 1.0),
        projected=spent + pace * left,
        runs_out_at=_runs_out(budget.limit - spent, pace, now, end_at),
        window_ends_at=end_at,
        thresholds=budget.thresholds,
        is_default=budget.is_default,
    )


def _amount(budget: Budget, used: Sums) -> float:
    if budget.unit == "usd":
        return used.cost_pico_usd / 1e12
    return float(used.tokens.total if budget.unit == "tokens" else used.tokens.fresh)


def _runs_out(remaining: float, pace_per_second: float, now: datetime, end_at: datetime) -> datetime | None:
    if remaining <= 0:
        return now
    if pace_per_second <= 0 or remaining / pace_per_second >= (end_at - now).total_seconds():
        return None
    return now + timedelta(seconds=remaining / pace_per_second)
