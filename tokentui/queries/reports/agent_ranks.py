"""Which agents used anything, the costliest first: told by the database in their order, however many there are."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator

from tokentui.queries.sums.levels import BY_DAY, TOKENS, Only, conditions_of, levels_of, values_of
from tokentui.queries.sums.summing import parts


def ranked_agents(
    connection: sqlite3.Connection, span: tuple[int, int], only: Only, most: int | None = None
) -> Iterator[int]:
    """Row ids of agents with any use between two moments, by cost and then by tokens, the greatest first."""
    uses, values = _uses(span, only), values_of(only)
    if most is not None:
        by_cost = f"SELECT agent, sum(cost) FROM ({uses}) GROUP BY agent ORDER BY 2 DESC LIMIT {most + 1}"
        found = connection.execute(by_cost, values).fetchall()
        if len({cost for _, cost in found}) == len(found):  # then tokens need not be summed, which takes as long again
            return (agent for agent, _ in found[:most])
    order = f"SELECT agent FROM ({uses}) GROUP BY agent ORDER BY sum(cost) DESC, sum(tokens) DESC, agent LIMIT :most"
    rows = connection.execute(order, {**values, "most": -1 if most is None else most})
    return (agent for (agent,) in rows)


def count_agents(connection: sqlite3.Connection, span: tuple[int, int], only: Only) -> int:
    """How many agents used anything between two moments."""
    statement = f"SELECT count(DISTINCT agent) FROM ({_uses(span, only)})"
    return int(connection.execute(statement, values_of(only)).fetchone()[0])


def _uses(span: tuple[int, int], only: Only) -> str:
    """Agent, cost and tokens of all parts of the range in one statement, so that the database can sum and sort."""
    selects = []
    for level, start_ms, end_ms in parts(*span, levels_of(("agent_id",), only, BY_DAY)):
        conditions = conditions_of(level, only, start_ms, end_ms)
        conditions = conditions.replace(":start_ms", str(start_ms)).replace(":end_ms", str(end_ms))
        cost, tokens = level.column("cost_pico_usd"), " + ".join(TOKENS)
        is_any = f"({level.column('responses')} OR {level.column('unpriced_responses')} OR {cost} OR {tokens})"
        selects.append(
            f"SELECT used.agent_id AS agent, {cost} AS cost, {tokens} AS tokens"
            f" FROM {level.tables} WHERE {conditions} AND {is_any}"
        )
    return " UNION ALL ".join(selects) or _NONE


_NONE = "SELECT 0 AS agent, 0 AS cost, 0 AS tokens WHERE false"
"""A range of no length."""
