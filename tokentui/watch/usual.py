"""What is usual, as the rules compare with it; `queries.runaway.usual_rates` works it out."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Usual:
    """A figure over the active minutes of the last seven days."""

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
    """What is usual, over the active minutes of the last seven days; None while there is too little history."""

    agents: Usual | None = None
    """Agents that wrote anything in a minute."""
    spawns: Usual | None = None
    """Agents that began in a minute."""
    fresh: Usual | None = None
    """Fresh tokens of a minute."""
    pico_usd: Usual | None = None
    session_fresh: Usual | None = None
    """The same of one session, over the minutes in which that session did anything."""
    session_pico_usd: Usual | None = None
    write_share: Usual | None = None
    """Cache writes ÷ prompt tokens of a minute."""
    miss_share: Usual | None = None
    """1 - cache hit rate of a minute."""
    day: AverageDay | None = None
