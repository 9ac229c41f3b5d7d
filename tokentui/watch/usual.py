"""The usual figures that rules compare the present with; `queries.runaway.usual_rates` works them out."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Usual:
    """Median and 95th percentile of a figure over the active minutes of the last seven days."""

    median: float
    p95: float
    active_minutes: int


@dataclass(frozen=True, slots=True)
class AverageDay:
    """The mean of the days with any use among the last seven whole days."""

    days: int
    tokens: float
    pico_usd: float
    responses: float


@dataclass(frozen=True, slots=True)
class Usuals:
    """All usual figures; None while there is too little history. A minute is active if any response ended in it."""

    agents: Usual | None = None
    """Agents that answered in a minute."""
    spawns: Usual | None = None
    """Agents that began in a minute."""
    fresh: Usual | None = None
    """Fresh tokens of a minute."""
    pico_usd: Usual | None = None
    """Cost of a minute."""
    session_fresh: Usual | None = None
    """Fresh tokens of one session in a minute, over the minutes in which that session answered; so is its cost."""
    session_pico_usd: Usual | None = None
    write_share: Usual | None = None
    """Cache writes ÷ prompt tokens of a minute."""
    miss_share: Usual | None = None
    """1 - cache hit rate of a minute."""
    day: AverageDay | None = None
