"""Sums of usage: the one place that decides between exact responses and quarter-hour sums."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from tokentui.queries.moments import MOMENTS, QUARTER_MS, QUARTERS, sums_of
from tokentui.queries.results import Money
from tokentui.queries.row_ids import as_json
from tokentui.records import Tokens

_COLUMNS = (
    "responses", "lower_bound_responses", "unpriced_responses", "input_tokens", "output_tokens",
    "cache_write_5m_tokens", "cache_write_1h_tokens", "cache_read_tokens", "cost_pico_usd", "uncached_pico_usd",
)  # fmt: skip


class Sums(NamedTuple):
    """Usage of some responses."""

    responses: int
    lower_bound_responses: int
    unpriced_responses: int
    tokens: Tokens
    cost_pico_usd: int
    uncached_pico_usd: int
    """Of the priced responses alone, like the cost."""

    @property
    def money(self) -> Money:
        """The cost, with what it leaves out."""
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
    """Which usage to sum: a stretch of time, and where asked for only some agents and models (row ids)."""

    start_ms: int
    end_ms: int | None = None
    """Exclusive; None for no end."""
    agents: frozenset[int] | None = None
    models: frozenset[int] | None = None
    is_fine: bool = True
    """Exact to the millisecond, from responses; else in quarters of an hour, from their sums."""


def coarse(start_ms: int, scope: Scope | None = None) -> Scope:
    """A scope that begins with the quarter of an hour in which `start_ms` lies."""
    aligned = start_ms // QUARTER_MS * QUARTER_MS
    return Scope(aligned, None, scope.agents if scope else None, scope.models if scope else None, is_fine=False)


def total(connection: sqlite3.Connection, scope: Scope) -> Sums:
    """All usage in a scope."""
    return next(iter(grouped(connection, "0", scope)), (0, NOTHING))[1]


def grouped(connection: sqlite3.Connection, key: str, scope: Scope) -> Iterator[tuple[int, Sums]]:
    """Usage by an integer expression over `at_ms`, `agent_id`, `model_id` and `agent.session_id`."""
    table = MOMENTS if scope.is_fine else QUARTERS
    join = "JOIN agent ON agent.id = used.agent_id" if "agent.session_id" in key else ""
    where, parameters = _conditions(scope)
    statement = f"SELECT {key}, {sums_of(_COLUMNS)} FROM {table} AS used {join} WHERE {where} GROUP BY 1"
    for row in connection.execute(statement, parameters):
        if row[1] is not None:
            yield int(row[0]), Sums(row[1], row[2], row[3], Tokens(*row[4:9]), row[9], row[10])


def _conditions(scope: Scope) -> tuple[str, list[object]]:
    conditions: list[str] = ["at_ms >= ?"]
    values: list[object] = [scope.start_ms]
    if scope.end_ms is not None:
        conditions.append("at_ms < ?")
        values.append(scope.end_ms)
    for column, wanted in (("used.agent_id", scope.agents), ("model_id", scope.models)):
        if wanted is not None:
            conditions.append(f"{column} IN (SELECT value FROM json_each(?))")
            values.append(as_json(wanted))
    return " AND ".join(conditions), values
