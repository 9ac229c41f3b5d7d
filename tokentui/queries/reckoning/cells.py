"""The cells in which logs and bill are compared, and the classes of their differences."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

from tokentui.records import NO_TOKENS, Tokens

Reason = Literal[
    "time edges", "cache lifetime", "before the logs", "lower bounds", "other keys", "unlogged requests",
    "other programs", "other machines", "late data", "not covered", "subscription", "billed elsewhere",
    "within tolerance", "double counting",
]  # fmt: skip

DAY_MINUTES = 1440


@dataclass(frozen=True, slots=True)
class Cell:
    """One model in one stretch of time, as fine as it was billed."""

    minute: int
    """Start, in minutes since 1970."""
    minutes: int
    logged: Tokens
    billed: Tokens
    by_key: Mapping[str, Tokens] = field(default_factory=dict)
    """What was billed, by key."""
    has_lower_bound: bool = False
    head_tokens: Tokens = NO_TOKENS
    """Logged in its first ten minutes, so perhaps billed in the cell before; only for cells longer than a minute."""
    tail_tokens: Tokens = NO_TOKENS
    """Tokens logged in its last ten minutes, which may be billed in the next cell."""

    @property
    def end(self) -> int:
        """First minute after it."""
        return self.minute + self.minutes

    @property
    def difference(self) -> Tokens:
        """Billed minus logged."""
        return minus(self.billed, self.logged)


class Explained(NamedTuple):
    """A part of a difference, and its class."""

    minute: int
    minutes: int
    reason: Reason
    tokens: Tokens
    """Billed minus logged: negative where more was logged."""


def minus(one: Tokens, other: Tokens) -> Tokens:
    """The first minus the second, kind by kind; may be negative."""
    if one == other:
        return NO_TOKENS
    return Tokens(
        one.input - other.input,
        one.output - other.output,
        one.cache_write_5m - other.cache_write_5m,
        one.cache_write_1h - other.cache_write_1h,
        one.cache_read - other.cache_read,
    )
