"""Frozen answers about the cache: what was expected, what was read, what was written again, why, and for how much.

Token counts are exact. Money is whole pico-dollars at the list price of the day of use; None where the model has no
known price. Rates run from 0 to 1, or are None where there was no prompt.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal, NamedTuple

from tokentui.instants import MINUTE_MS
from tokentui.records import Tokens, cache_hit_rate

Cause = Literal["compaction", "model switch", "expired", "tools or system changed", "prefix changed"]
CAUSES: tuple[Cause, ...] = ("compaction", "model switch", "expired", "tools or system changed", "prefix changed")
"""Causes for writing a prefix again, in the order in which they are tried."""

LEAST_REBUILD_TOKENS = 1_024
"""Below the smallest prefix that the API caches nothing is called a rebuild: what is read varies a little each turn."""

FIVE_MINUTES_MS = 5 * MINUTE_MS

Gap = Literal["first", "under 1m", "1m to 5m", "5m to 1h", "1h and more"]
GAPS: tuple[Gap, ...] = ("first", "under 1m", "1m to 5m", "5m to 1h", "1h and more")
"""Idle time before a response; `first` is an agent's first response, which has nothing before it."""

AgentKind = Literal["main", "sub-agent", "fork", "background"]


class CacheStep(NamedTuple):
    """One response as the cache sees it."""

    response_id: int
    agent_id: str
    """Empty for the main thread."""
    at_ms: int
    model: str
    tokens: Tokens
    gap_ms: int | None
    """From the last line of the response before to the first of this one, never negative; None for the first."""
    ttl_ms: int
    """Lifetime of what was in the cache, by the latest write before this response."""
    expected_tokens: int
    """Tokens of the previous prompt: what could have been read."""
    rewritten_tokens: int
    """clamp(previous prompt − read, 0, written)."""
    cause: Cause | None
    """None where fewer than `LEAST_REBUILD_TOKENS` were rewritten."""
    premium_pico_usd: int | None
    """rewritten × (write rate − read rate); 0 where there is no cause, None where the model has no price."""
    miss_reason: str
    """The API's own word, where it was logged."""
    modifiers: tuple[str, str, str] = ("", "", "")
    """Service tier, speed and place of inference, on which its price depends."""


@dataclass(frozen=True, slots=True)
class Rebuilds:
    """Rebuilds of one cause, or of several together."""

    count: int = 0
    tokens: int = 0
    premium_pico_usd: int = 0
    unpriced: int = 0
    """Rebuilds left out of the premium because their model has no price."""


@dataclass(frozen=True, slots=True)
class HitRate:
    """Responses of one group, and how well the cache served them."""

    name: str
    """A `Gap` or an `AgentKind`."""
    responses: int
    tokens: Tokens
    rebuilds: Rebuilds

    @property
    def hit_rate(self) -> float | None:
        """Reads ÷ (reads + writes + uncached input)."""
        return cache_hit_rate(self.tokens)


@dataclass(frozen=True, slots=True)
class CacheClock:
    """How long an agent's cache stays warm, and what it costs once it is cold."""

    agent_id: str
    model: str
    last_used_at: datetime
    """When it was last read or written: each time the lifetime begins again."""
    ttl_seconds: int
    cold_at: datetime
    is_warm: bool
    cached_tokens: int
    """Read and written by the newest response: what has to be written again once it is cold."""
    going_cold_pico_usd: int | None
    """cached tokens × (write rate − read rate)."""


@dataclass(frozen=True, slots=True)
class LifetimeMix:
    """Writes that live 5 minutes against those that live an hour, and which would have been cheaper.

    With w5 and w1 tokens written, rates r5, r1 and r (read), and `again` the tokens rewritten because a 5-minute
    cache expired though less than an hour had passed:
    an hour instead of 5 minutes saves  again × (r5 − r) − (w5 − again) × (r1 − r5);
    the hour already used has saved     read after 5 to 60 idle minutes × (r5 − r) − w1 × (r1 − r5).
    Sums leave out models without a price.
    """

    written_5m_tokens: int = 0
    written_1h_tokens: int = 0
    hour_instead_saves_pico_usd: int = 0
    """Negative: the hour would have cost more."""
    hour_has_saved_pico_usd: int = 0
    """Negative: 5 minutes would have been cheaper."""
    break_even_share: float | None = None
    """Share of what is written that must be needed again between 5 minutes and an hour later for the hour to pay:
    (r1 − r5) ÷ (r1 − r), weighted by what was written; about 0.39 at usual rates."""


@dataclass(frozen=True, slots=True)
class CacheReport:
    """The cache over some responses."""

    hits: HitRate
    """All of them together."""
    by_cause: tuple[tuple[Cause, Rebuilds], ...]
    """In the order of `CAUSES`, only those that happened."""
    by_gap: tuple[HitRate, ...]
    by_kind: tuple[HitRate, ...]
    mix: LifetimeMix


@dataclass(frozen=True, eq=False, slots=True)
class SessionCache:
    """The cache of one session as of now."""

    as_of: datetime
    session_id: str
    report: CacheReport
    rebuilds: tuple[CacheStep, ...]
    """All of the session, newest first."""
    clocks: tuple[CacheClock, ...]
    """The main thread's first, then those of other agents that are warm, the newest first."""
