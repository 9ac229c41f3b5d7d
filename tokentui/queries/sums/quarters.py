"""Keeps what was worked out from single responses, by quarter of an hour, until something in a quarter changes."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from math import inf
from typing import Generic, TypeVar

from tokentui.instants import QUARTER_MS

Found = TypeVar("Found")
WorkOut = Callable[[sqlite3.Connection, int, int], Found]
"""Works something out from the responses between two moments."""


class ByQuarter(Generic[Found]):
    """Looks at the responses of a quarter once, and again after one of them changed; for one connection."""

    def __init__(self, work_out: WorkOut[Found]) -> None:
        self._work_out = work_out
        self._kept: dict[int, tuple[int, Found]] = {}
        """Start of the quarter → number of its last change, and what was found then."""

    def between(self, connection: sqlite3.Connection, start_ms: int, end_ms: int) -> list[Found]:
        """What each part of a stretch of time came to, the earliest first; quarters without use are left out."""
        first, last = whole_quarters(start_ms, end_ms)
        if first > last:
            return [self._work_out(connection, start_ms, end_ms)]
        self.look(connection, start_ms, end_ms)
        found = [kept for _, (_, kept) in sorted(self._kept.items(), key=lambda item: item[0])]
        if start_ms < first:
            found.insert(0, self._work_out(connection, start_ms, first))
        if last < end_ms:
            found.append(self._work_out(connection, last, end_ms))
        return found

    def look(self, connection: sqlite3.Connection, start_ms: int, end_ms: int, most: float = inf) -> bool:
        """Look at the quarters of a stretch that have changed, and forget all others; False if more is left.

        It stops once it has looked at `most` responses.
        """
        changes = {
            at_ms: change
            for at_ms, *change in connection.execute(_CHANGES, (QUARTER_MS, *whole_quarters(start_ms, end_ms)))
        }
        self._kept = {at_ms: kept for at_ms, kept in self._kept.items() if changes.get(at_ms, [0])[0] == kept[0]}
        looked_at = 0
        for at_ms, (change, responses) in changes.items():
            if at_ms not in self._kept:
                if looked_at >= most:
                    return False
                looked_at += responses
                self._kept[at_ms] = (change, self._work_out(connection, at_ms, at_ms + QUARTER_MS))
        return True


def whole_quarters(start_ms: int, end_ms: int) -> tuple[int, int]:
    """Start and end of the whole quarters in a stretch of time; if it has none, the end may be first."""
    return -(-start_ms // QUARTER_MS) * QUARTER_MS, end_ms // QUARTER_MS * QUARTER_MS


_CHANGES = """
SELECT start_ms, max(change), sum(responses) FROM usage_total WHERE span_ms = ? AND start_ms >= ? AND start_ms < ?
GROUP BY start_ms ORDER BY start_ms
"""
