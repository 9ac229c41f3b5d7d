"""What is worked out from single responses, kept by quarters of an hour until something in one changes."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from typing import Generic, TypeVar

from tokentui.store.rollups import QUARTER_MS

Found = TypeVar("Found")
WorkOut = Callable[[sqlite3.Connection, int, int], Found]
"""From the responses between two moments."""


class ByQuarter(Generic[Found]):
    """Looks at the responses of a quarter once, and again where one came, changed or went; for one connection."""

    def __init__(self, work_out: WorkOut[Found]) -> None:
        self._work_out = work_out
        self._kept: dict[int, tuple[int, Found]] = {}
        """Start of the quarter → number of its last change, and what was found then."""

    def between(self, connection: sqlite3.Connection, start_ms: int, end_ms: int) -> list[Found]:
        """What the parts of a stretch of time come to, the earliest first; quarters without any use are left out."""
        return [found for found in self.step_by_step(connection, start_ms, end_ms) if found is not None]

    def step_by_step(self, connection: sqlite3.Connection, start_ms: int, end_ms: int) -> Iterator[Found | None]:
        """The same, with None after each look at responses: a good place to leave off and begin again later."""
        first, last = -(-start_ms // QUARTER_MS) * QUARTER_MS, end_ms // QUARTER_MS * QUARTER_MS
        if first > last:
            yield self._work_out(connection, start_ms, end_ms)
            return
        changes = dict(connection.execute(_CHANGES, (QUARTER_MS, first, last)).fetchall())
        self._kept = {at_ms: kept for at_ms, kept in self._kept.items() if changes.get(at_ms) == kept[0]}
        if start_ms < first:
            yield self._work_out(connection, start_ms, first)
        for at_ms, change in changes.items():
            if at_ms not in self._kept:
                self._kept[at_ms] = (change, self._work_out(connection, at_ms, at_ms + QUARTER_MS))
                yield None
            yield self._kept[at_ms][1]
        if last < end_ms:
            yield self._work_out(connection, last, end_ms)


_CHANGES = """
SELECT start_ms, max(change) FROM usage_total WHERE span_ms = ? AND start_ms >= ? AND start_ms < ?
GROUP BY start_ms ORDER BY start_ms
"""
