"""The one way to sum usage: exact between any two moments, at little cost.

A range is cut into parts: the long ones come from the widest sums that lie whole in them, the ragged ends from finer
ones, down to single responses.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from operator import add
from typing import Any

from tokentui.queries.sums.levels import BY_DAY, EVERYBODY, Key, Level, Only, Step, conditions_of, levels_of, values_of
from tokentui.store.rollups import USED

Row = tuple[Any, ...]


def parts(start_ms: int, end_ms: int, levels: Sequence[Level]) -> Iterator[tuple[Level, int, int]]:
    """Cut a range into parts, the earliest first: (level, start, end)."""
    level, *finer = levels
    first = max(-(-start_ms // level.span_ms) * level.span_ms, level.kept_ms[0])
    last = min(end_ms // level.span_ms * level.span_ms, level.kept_ms[1])
    if first >= last:
        if finer:
            yield from parts(start_ms, end_ms, finer)
        return
    if start_ms < first:
        yield from parts(start_ms, first, finer)
    yield level, first, last
    if last < end_ms:
        yield from parts(last, end_ms, finer)


def summed(
    connection: sqlite3.Connection,
    keys: Sequence[Key],
    span: tuple[int, int],
    only: Only = EVERYBODY,
    columns: Sequence[str] = USED,
    step: Step = BY_DAY,
    by_second: tuple[int, int] | None = None,
) -> dict[Row, Row]:
    """Key values → sums of the columns between two moments, the end not included.

    With `at_ms` among the keys, that is the start of a step. `by_second`: of what time the connection keeps the sums of
    each second, and of each minute that lies whole in it.
    """
    found: dict[Row, Row] = {}
    values = values_of(only)
    width = len(keys)
    for level, start_ms, end_ms in parts(*span, levels_of(keys, only, step, by_second)):
        values["start_ms"], values["end_ms"] = start_ms, end_ms
        conditions = conditions_of(level, only, start_ms, end_ms)
        rows = connection.execute(_statement(level, keys, columns, conditions, step), values)
        part = {row[:width]: row[width:] for row in rows if row[width] is not None}
        for key, sums in part.items() if found else ():
            add_to(found, key, sums)
        found = found or part
    return found


def add_to(found: dict[Row, Row], key: Row, sums: Row) -> None:
    """Add sums to those under a key."""
    known = found.get(key)
    found[key] = sums if known is None else tuple(map(add, known, sums))


def _start(level: Level, step: Step) -> str:
    """SQL for the start of the step that a row belongs to; a bare column can be grouped by without sorting."""
    if level.span_ms == step.length_ms:
        return level.at_ms
    return f"({level.at_ms} - {step.origin_ms}) / {step.length_ms} * {step.length_ms} + {step.origin_ms}"


def _statement(level: Level, keys: Sequence[Key], columns: Sequence[str], conditions: str, step: Step) -> str:
    is_since = ":start_ms" in conditions  # the time then chooses the index, not what is grouped by
    places = {"at_ms": _start(level, step), "session_id": level.session_id, "agent_id": "used.agent_id",
              "model_id": "used.model_id"}  # fmt: skip
    sums = [f"sum({level.column(name)})" for name in columns]
    by = [places[key] if key == "at_ms" or not is_since else f"+{places[key]}" for key in keys]
    group = f" GROUP BY {', '.join(by)}" if by else ""
    return f"SELECT {', '.join([*(places[key] for key in keys), *sums])} FROM {level.tables} WHERE {conditions}{group}"
