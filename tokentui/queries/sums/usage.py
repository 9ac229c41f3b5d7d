"""Sums of usage for the screens, in all or by session, agent or model."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from tokentui.instants import LATEST_MS
from tokentui.queries.results import Money
from tokentui.queries.sums.kept_sums import SumUp
from tokentui.queries.sums.levels import Key, Only
from tokentui.queries.sums.summing import Row, summed
from tokentui.records import Tokens


class Sums(NamedTuple):
    """Usage on a screen: the sums of some responses."""

    responses: int
    lower_bound_responses: int
    unpriced_responses: int
    tokens: Tokens
    cost_pico_usd: int
    uncached_pico_usd: int
    """What these responses would have cost without the cache; of the priced ones only, like the cost."""

    @property
    def money(self) -> Money:
        """The cost, and what it leaves out."""
        return Money(self.cost_pico_usd, self.unpriced_responses, self.lower_bound_responses)

    def plus(self, other: Sums) -> Sums:
        """Both together."""
        return Sums(
            self.responses + other.responses,
            self.lower_bound_responses + other.lower_bound_responses,
            self.unpriced_responses + other.unpriced_responses,
            self.tokens.plus(other.tokens),
            self.cost_pico_usd + other.cost_pico_usd,
            self.uncached_pico_usd + other.uncached_pico_usd,
        )


NOTHING = Sums(0, 0, 0, Tokens(), 0, 0)


@dataclass(frozen=True, slots=True)
class Scope:
    """Which usage to sum: a stretch of time, exact to the millisecond, and whose usage in it."""

    start_ms: int
    end_ms: int | None = None
    """Exclusive; None for no end."""
    models: frozenset[int] | None = None
    """Row ids of models."""
    sessions: frozenset[int] | None = None

    @property
    def span(self) -> tuple[int, int]:
        """Start and end."""
        return self.start_ms, LATEST_MS if self.end_ms is None else self.end_ms

    @property
    def only(self) -> Only:
        """Whose usage."""
        return Only(self.sessions, models=self.models)


def total(connection: sqlite3.Connection, scope: Scope) -> Sums:
    """All usage in a scope."""
    return _grouped(connection, (), scope, summed).get((), NOTHING)


def by(connection: sqlite3.Connection, key: Key, scope: Scope, sum_up: SumUp = summed) -> dict[int, Sums]:
    """Usage in a scope by the row id of its session, agent or model."""
    return {row: sums for (row,), sums in _grouped(connection, (key,), scope, sum_up).items()}


def _grouped(connection: sqlite3.Connection, keys: Sequence[Key], scope: Scope, sum_up: SumUp) -> dict[Row, Sums]:
    return {key: sums_of(row) for key, row in sum_up(connection, keys, scope.span, scope.only).items()}


def sums_of(row: Row) -> Sums:
    """Usage from the columns of `rollups.USED`."""
    return Sums(row[0], row[1], row[2], Tokens(*row[3:8]), row[8], row[9])


def all_of(parts: Iterable[Sums]) -> Sums:
    """The sum of several usages."""
    whole = NOTHING
    for part in parts:
        whole = whole.plus(part)
    return whole
