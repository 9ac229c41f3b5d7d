"""Budgets and today so far, as the rules look at them: what is spent, at which pace, and where that leads."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from tokentui.config.thresholds import Grade

SPENDING_MS = 90_000
"""Whoever has not answered for this long spends nothing now."""
WEEKS_PACE = "the last 7 days"
"""Name of the pace that reaches beyond a budget's window."""


class Pace(NamedTuple):
    """One way to look ahead: a pace, where it leads, and how it was taken."""

    name: str
    """`the last hour`, `this window so far`."""
    per_hour: float
    """Dollars or tokens, by the budget's unit."""
    reaches: float
    """At the window's end."""


@dataclass(frozen=True, slots=True)
class Projection:
    """Where a budget's window will end: a band, spanned by the paces."""

    low: float
    high: float
    paces: tuple[Pace, ...]


@dataclass(frozen=True, slots=True)
class BudgetNow:
    """A budget in its current window. Amounts are dollars or tokens, by the unit."""

    name: str
    limit: float
    unit: str
    """`usd`, `tokens` or `fresh_tokens`."""
    window: str
    scope: str
    start_at: datetime
    end_at: datetime
    spent: float
    elapsed_share: float
    projection: Projection
    thresholds: tuple[int, ...]
    grades: tuple[Grade, ...]
    """What happens at each threshold."""
    spending: tuple[str, ...]
    """Sessions that spent something in its scope within the last 90 seconds, the greatest spender first."""
    is_default: bool
    runs_out_at: datetime | None = None
    """When the faster pace reaches the limit, if that is before the window ends."""
    is_lower_bound: bool = False
    """Whether responses in it have no price or no final count."""


@dataclass(frozen=True, slots=True)
class DayNow:
    """Today so far, in the user's time zone."""

    start_at: datetime
    tokens: int = 0
    pico_usd: int = 0
    responses: int = 0
