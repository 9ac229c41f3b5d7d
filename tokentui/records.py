"""Values that every part shares: token counts, what a price depends on, a log and how far it has been read. No I/O."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

PICO_PER_USD = 10**12
"""Money is counted in whole pico-dollars: the list price of one token is always a whole number of them."""
PICO_PER_CENT = PICO_PER_USD // 100


class Tokens(NamedTuple):
    """Tokens of one or more responses, a field for each of the five kinds that have a price of their own."""

    input: int = 0
    """Uncached input."""
    output: int = 0
    """The answer, thinking included."""
    cache_write_5m: int = 0
    cache_write_1h: int = 0
    cache_read: int = 0

    @property
    def cache_write(self) -> int:
        """Cache writes of both lifetimes, 5 minutes and 1 hour."""
        return self.cache_write_5m + self.cache_write_1h

    @property
    def fresh(self) -> int:
        """Everything that was not read from the cache: input, cache writes and output."""
        return self.input + self.cache_write_5m + self.cache_write_1h + self.output

    @property
    def prompt(self) -> int:
        """The whole prompt of a request: uncached input, cache reads and cache writes."""
        return self.input + self.cache_write_5m + self.cache_write_1h + self.cache_read

    @property
    def total(self) -> int:
        """All five kinds."""
        return self.input + self.output + self.cache_write_5m + self.cache_write_1h + self.cache_read

    def plus(self, other: Tokens) -> Tokens:
        """The sum, kind by kind (a plain `+` would join the two tuples)."""
        return Tokens(
            self.input + other.input,
            self.output + other.output,
            self.cache_write_5m + other.cache_write_5m,
            self.cache_write_1h + other.cache_write_1h,
            self.cache_read + other.cache_read,
        )


NO_TOKENS = Tokens()


def all_tokens(parts: Iterable[Tokens]) -> Tokens:
    """The sum of any number of token counts, kind by kind."""
    whole = NO_TOKENS
    for part in parts:
        whole = part if whole is NO_TOKENS else whole.plus(part)  # most sums have one part
    return whole


def cache_hit_rate(tokens: Tokens) -> float | None:
    """Reads ÷ (reads + writes + uncached input), 0 to 1; None where there was no prompt."""
    return tokens.cache_read / tokens.prompt if tokens.prompt else None


class BilledUsage(NamedTuple):
    """Everything that decides the price of one request, except its day."""

    model: str
    tokens: Tokens
    service_tier: str = ""
    """`standard`, `batch`, `priority`, or empty where the log does not say."""
    speed: str = ""
    """`fast`, `standard`, or empty."""
    inference_geo: str = ""
    """`us`, `global`, or empty."""
    web_searches: int = 0


class LogPlace(NamedTuple):
    """One log file, and what its path says about its contents."""

    source: str
    """The directory it was found under."""
    path: str
    session_id: str
    """From the name of the file or its folder; empty where neither names a session."""
    agent_id: str
    """Empty for a main thread's log."""
    background: str
    """Kind of hidden agent (`compaction`, `prompt suggestion`, `side question`), or empty."""


class Cursor(NamedTuple):
    """How far a log has been read, and what shows that it is still the same file."""

    offset: int = 0
    """In bytes: everything before it is in the store."""
    inode: int = 0
    mark: str = ""
    """Digest of the file's first bytes and of those right before the offset."""
