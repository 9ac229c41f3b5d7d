"""Facts about budgets and about today so far: what is spent, at which pace, and where that leads."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from tokentui.config.thresholds import Grade

SPENDING_MS = 90_000
"""A session or an agent spends now if it answered within this time."""
WEEKS_PACE = "the last 7 days"
"""Name of the pace over the last seven days, which may begin before the budget's window."""


class Pace(NamedTuple):
    """How fast a budget is spent, measured over one stretch of time, and where that leads."""

    name: str
    """The stretch over which it was measured: `the last hour`, `this window so far`."""
    per_hour: float
    """Dollars or tokens, by the budget's unit."""
    reaches: float
    """What will be spent at the window's end at this pace."""


@dataclass(frozen=True, slots=True)
class Projection:
    """What will be spent at the end of a budget's window: from the slowest pace to the fastest."""

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
