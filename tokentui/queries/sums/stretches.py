"""Sums usage in many equal stretches of time that follow one another."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence

from tokentui.instants import QUARTER_MS
from tokentui.queries.sums.kept_sums import SumUp
from tokentui.queries.sums.levels import Key, Only, Step
from tokentui.queries.sums.summing import Row, add_to, summed
from tokentui.store.rollups import USED


def sums_by_step(
    connection: sqlite3.Connection,
    keys: Sequence[Key],
    step: Step,
    count: int,
    only: Only,
    columns: Sequence[str] = USED,
    sum_up: SumUp = summed,
) -> list[dict[Row, Row]]:
    """Key values → sums of the columns, in each of so many steps from the origin on."""
    length_ms, start_ms = step
    if length_ms % QUARTER_MS == 0 and only.sessions is None and only.agents is None and only.agent_type is None:
        starts = (start_ms + number * length_ms for number in range(count))
        return [summed(connection, keys, (at_ms, at_ms + length_ms), only, columns) for at_ms in starts]
    found: list[dict[Row, Row]] = [{} for _ in range(count)]
    span = (start_ms, start_ms + count * length_ms)
    for (at_ms, *key), sums in sum_up(connection, ("at_ms", *keys), span, only, columns, step).items():
        add_to(found[(at_ms - start_ms) // length_ms], tuple(key), sums)
    return found
