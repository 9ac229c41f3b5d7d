"""Checks that the kept sums agree with one another, and with the single responses that they are made of."""

from __future__ import annotations

import sqlite3
from typing import Any, NamedTuple

from tokentui.instants import DAY_MS
from tokentui.store.rollups import SUMS, SUMS_OF_RESPONSES, TOTAL_SPANS_MS, USED

MOST_RESPONSES = 500_000
"""How many of the latest responses are added up one by one: so many take a moment, ten million take long."""


class Agreement(NamedTuple):
    """The result of the check."""

    differ: tuple[str, ...]
    """Columns of `rollups.USED` in which any two sums of the same responses disagree; there should be none."""
    since_ms: int | None
    """Since when single responses were added up, None for all of them; for older ones only sums were compared."""


_DAYS = f"usage_total WHERE span_ms = {DAY_MS}"
_KEPT = (
    "usage_quarter",
    "usage_hour",
    "usage_day",
    *(f"usage_total WHERE span_ms = {span_ms}" for span_ms in TOTAL_SPANS_MS),
)


def agreement(connection: sqlite3.Connection, most_responses: int | None) -> Agreement:
    """Compare all kept sums with one another, and with the single responses of whole days, the latest day first.

    The last day compared is the one with which `most_responses` are reached; None compares every response.
    """
    since_ms = None if most_responses is None else _since_ms(connection, most_responses)
    groups = [[_row(connection, f"SELECT {SUMS} FROM {table}") for table in _KEPT]]
    if since_ms is None:
        groups[0].append(_row(connection, f"SELECT {SUMS_OF_RESPONSES} FROM response"))
    else:
        kept = f"SELECT {SUMS} FROM {_DAYS} AND start_ms >= ?"
        single = f"SELECT {SUMS_OF_RESPONSES} FROM response WHERE at_ms >= ?"
        groups.append([_row(connection, statement, since_ms) for statement in (kept, single)])
    differ = {name for sums in groups for name, *found in zip(USED, *sums, strict=True) if len(set(found)) > 1}
    return Agreement(tuple(name for name in USED if name in differ), since_ms)


def _since_ms(connection: sqlite3.Connection, most_responses: int) -> int | None:
    """Start of the day to which that many of the latest responses reach back; None if that is the first day."""
    days = connection.execute(f"SELECT start_ms, sum(responses) FROM {_DAYS} GROUP BY 1 ORDER BY 1 DESC").fetchall()
    seen = 0
    for start_ms, responses in days[:-1]:
        seen += responses
        if seen >= most_responses:
            return int(start_ms)
    return None


def _row(connection: sqlite3.Connection, statement: str, *values: int) -> tuple[Any, ...]:
    """One row of sums, with 0 in place of the NULL that SQLite gives for the sum of nothing."""
    return tuple(found or 0 for found in connection.execute(statement, values).fetchone())
