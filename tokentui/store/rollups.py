"""Sums of the quarter-hour sums, for long ranges: by session and UTC hour or day, and of all sessions together.

They change with the quarters in one transaction. A range takes from them only what lies whole in it, so they serve
any time zone and any two moments.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from operator import add

from tokentui.instants import DAY_MS, HOUR_MS, QUARTER_MS
from tokentui.store.bulk import insert_rows

TOTAL_SPANS_MS = (QUARTER_MS, HOUR_MS, DAY_MS)
"""Spans for which there are sums of all sessions together."""

USED = (
    "responses", "lower_bound_responses", "unpriced_responses", "input_tokens", "output_tokens",
    "cache_write_5m_tokens", "cache_write_1h_tokens", "cache_read_tokens", "cost_pico_usd", "uncached_pico_usd",
)  # fmt: skip
"""The columns that are summed, in this order everywhere."""
OF_A_RESPONSE = {
    "responses": "part = 0",
    "lower_bound_responses": "is_lower_bound AND part = 0",
    "unpriced_responses": "cost_pico_usd IS NULL",
    "cost_pico_usd": "ifnull(cost_pico_usd, 0)",
    "uncached_pico_usd": "ifnull(uncached_pico_usd, 0)",
}
"""Summed columns that `response` lacks → SQL that works them out from one of its rows."""
ALL_USED = ", ".join(USED)
SUMS = ", ".join(f"sum({name})" for name in USED)
SUMS_OF_RESPONSES = ", ".join(f"sum({OF_A_RESPONSE.get(name, name)})" for name in USED)

Key = tuple[int, int, int]
_Sums = dict[Key, Sequence[int]]

REMEMBERED_CHANGES = 1_000
"""How many of the last changes are remembered with the span of time that they touched."""


def add_to_rollups(
    connection: sqlite3.Connection, quarters: Mapping[Key, Sequence[int]], span: tuple[int, int]
) -> None:
    """Add what was added to quarters, by (start, agent, model), to the longer sums. Runs in the same transaction.

    `span` is the earliest and the latest moment of a response that was added, changed or deleted.
    """
    sessions = _sessions(connection, {agent for _, agent, _ in quarters})
    hours = folded(((at // HOUR_MS * HOUR_MS, sessions[agent], model), s) for (at, agent, model), s in quarters.items())
    days = folded(((session, at // DAY_MS * DAY_MS, model), s) for (at, session, model), s in hours.items())
    totals = folded(((QUARTER_MS, at, model), s) for (at, _, model), s in quarters.items())
    totals |= folded(((HOUR_MS, at, model), s) for (at, _, model), s in hours.items())
    totals |= folded(((DAY_MS, at, model), s) for (_, at, model), s in days.items())
    add_sums(connection, "usage_hour", hours)
    add_sums(connection, "usage_day", days)
    change = _next_change(connection)
    connection.execute("INSERT INTO usage_changed_span VALUES (?, ?, ?)", (change, *span))
    connection.execute("DELETE FROM usage_changed_span WHERE number <= ?", (change - REMEMBERED_CHANGES,))
    insert_rows(connection, _INTO_TOTAL, [(*key, change, *sums) for key, sums in totals.items()], _ADD_TO_TOTAL)


def add_sums(connection: sqlite3.Connection, table: str, found: Mapping[Key, Sequence[int]]) -> None:
    """Add to the rows of `usage_quarter`, `usage_hour` or `usage_day`, by key; rows that become empty are deleted."""
    insert_rows(connection, _INTO[table], [(*key, *sums) for key, sums in found.items()], _ADD[table])
    connection.executemany(_DROP_EMPTY[table], [key for key, sums in found.items() if min(sums) < 0])


def sum_anew(connection: sqlite3.Connection) -> None:
    """Work out all longer sums from the quarters. Runs inside a transaction."""
    change = _next_change(connection)
    for statement in (*_HOURS_ANEW, *_DAYS_ANEW):
        connection.execute(statement)
    connection.execute(f"UPDATE usage_total SET change = ?, {', '.join(f'{name} = 0' for name in USED)}", (change,))
    for span_ms in TOTAL_SPANS_MS:
        connection.execute(_TOTALS_ANEW, (span_ms, change))


def add_totals_by_hour(connection: sqlite3.Connection) -> None:
    """Add the sums of all sessions by hour to a database that has none yet. Runs inside a transaction."""
    connection.execute(_TOTALS_ANEW, (HOUR_MS, _next_change(connection)))


def _next_change(connection: sqlite3.Connection) -> int:
    row = connection.execute("UPDATE usage_change SET number = number + 1 RETURNING number").fetchone()
    return int(row[0])


def _sessions(connection: sqlite3.Connection, agents: Iterable[int]) -> dict[int, int]:
    rows = connection.execute(
        "SELECT agent.id, agent.session_id FROM json_each(?) AS wanted JOIN agent ON agent.id = wanted.value",
        (f"[{','.join(map(str, agents))}]",),
    )
    return dict(rows.fetchall())


def folded(parts: Iterable[tuple[Key, Sequence[int]]]) -> _Sums:
    """Sums by key of what was used, column by column."""
    found: _Sums = {}
    for key, sums in parts:
        known = found.get(key)
        found[key] = sums if known is None else tuple(map(add, known, sums))
    return found


_ADDED = ", ".join(f"{name} = {name} + excluded.{name}" for name in USED)
_KEYS = {
    "usage_quarter": ("quarter_ms", "agent_id", "model_id"),
    "usage_hour": ("hour_ms", "session_id", "model_id"),
    "usage_day": ("session_id", "day_ms", "model_id"),
}
"""Table → the columns of its key, in order."""
_INTO = {table: f"INSERT INTO {table} ({', '.join(keys)}, {ALL_USED})" for table, keys in _KEYS.items()}
_ADD = {table: f"ON CONFLICT ({', '.join(keys)}) DO UPDATE SET {_ADDED}" for table, keys in _KEYS.items()}
_ALL_ZERO = " AND ".join(f"{name} = 0" for name in USED)
_DROP_EMPTY = {
    table: f"DELETE FROM {table} WHERE {' AND '.join(f'{key} = ?' for key in keys)} AND {_ALL_ZERO}"
    for table, keys in _KEYS.items()
}
_INTO_TOTAL = f"INSERT INTO usage_total (span_ms, start_ms, model_id, change, {ALL_USED})"
_ADD_TO_TOTAL = f"ON CONFLICT (span_ms, start_ms, model_id) DO UPDATE SET change = excluded.change, {_ADDED}"
_HOURS_ANEW = (
    "DELETE FROM usage_hour",
    f"INSERT INTO usage_hour (hour_ms, session_id, model_id, {ALL_USED})"
    f" SELECT quarter_ms / {HOUR_MS} * {HOUR_MS}, agent.session_id, model_id, {SUMS}"
    " FROM usage_quarter CROSS JOIN agent ON agent.id = usage_quarter.agent_id GROUP BY 1, 2, 3",
)
_DAYS_ANEW = (
    "DELETE FROM usage_day",
    f"INSERT INTO usage_day (session_id, day_ms, model_id, {ALL_USED})"
    f" SELECT session_id, hour_ms / {DAY_MS} * {DAY_MS}, model_id, {SUMS} FROM usage_hour GROUP BY 1, 2, 3",
)
_TOTALS_ANEW = f"""
INSERT INTO usage_total (span_ms, start_ms, model_id, change, {ALL_USED})
SELECT ?1, quarter_ms / ?1 * ?1, model_id, ?2, {SUMS} FROM usage_quarter WHERE true GROUP BY 2, 3
ON CONFLICT (span_ms, start_ms, model_id) DO UPDATE SET {", ".join(f"{name} = excluded.{name}" for name in USED)}
"""
