"""Projects what will be spent when a budget's window ends: from the slowest of some paces to the fastest."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from tokentui.figures import format_duration_ms
from tokentui.watch.amounts import amount_text
from tokentui.watch.budget_facts import BudgetNow, Pace, Projection

_SHORT_WINDOW = timedelta(days=1, hours=1)
"""The longest day: the one on which clocks are set back."""


def look_back(start_at: datetime, end_at: datetime) -> timedelta:
    """The time over which the recent pace is measured: an hour for windows of up to a day, else a day."""
    return timedelta(hours=1) if end_at - start_at <= _SHORT_WINDOW else timedelta(days=1)


def projection(spent: float, paces: Iterable[tuple[str, float]], ahead: timedelta) -> Projection:
    """spent + pace × time ahead, for each (name, pace per hour); the band runs from the least to the greatest."""
    hours = max(ahead.total_seconds(), 0.0) / 3600
    reached = tuple(Pace(name, per_hour, spent + per_hour * hours) for name, per_hour in paces)
    ends = [pace.reaches for pace in reached] or [spent]
    return Projection(min(ends), max(ends), reached)


def runs_out_at(spent: float, limit: float, band: Projection, now: datetime, end_at: datetime) -> datetime | None:
    """When the fastest pace reaches the limit, if that is before the window ends; now if it is reached already."""
    if spent >= limit:
        return now
    fastest = max((pace.per_hour for pace in band.paces), default=0.0)
    hours = (limit - spent) / fastest if fastest > 0 else float("inf")
    left = (end_at - now).total_seconds() / 3600
    return now + timedelta(hours=hours) if hours < left else None


def how_reached(budget: BudgetNow, now: datetime) -> str:
    """The line below a projection: `in the 5h12m left: at the pace of the last hour ($3.10/h) $41.20, …`."""
    rolls = budget.window.startswith("rolling")
    ahead = budget.end_at - (budget.start_at if rolls else now)
    length = format_duration_ms(ahead.total_seconds() * 1000)
    parts = (
        f"at the pace of {pace.name} ({amount_text(pace.per_hour, budget.unit)}/h) "
        f"{amount_text(pace.reaches, budget.unit)}"
        for pace in budget.projection.paces
    )
    return f"{f'over {length}' if rolls else f'in the {length} left'}: {', '.join(parts)}"
