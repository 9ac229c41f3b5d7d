"""What is worked out from single responses, kept by quarters of an hour until something in one changes."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from math import inf
from typing import Generic, NamedTuple, TypeVar

from tokentui.instants import MINUTE_MS
from tokentui.store.rollups import QUARTER_MS

Found = TypeVar("Found")
WorkOut = Callable[[sqlite3.Connection, int, int], Found]
"""From the responses between two moments."""


class _Part(NamedTuple, Generic[Found]):
    """What the beginning of a stretch of time comes to."""

    change: int
    """Number of the last change when it was looked at."""
    pieces: list[tuple[int, Found]]
    """One after the other: (end, what was found)."""


class ByQuarter(Generic[Found]):
    """Looks at the responses of a quarter once, and again where one came, changed or went; for one connection.

    Of a quarter that is not whole in the stretch of time, or not over yet, that holds for minutes.
    """

    def __init__(self, work_out: WorkOut[Found]) -> None:
        self._work_out = work_out
        self._kept: dict[int, tuple[int, Found]] = {}
        """Start of the quarter → number of its last change, and what was found then."""
        self._parts: dict[int, _Part[Found]] = {}
        """Start of a part of a quarter → what its minutes came to; only whole ones are kept."""

    def between(self, connection: sqlite3.Connection, start_ms: int, end_ms: int) -> list[Found]:
        """What the parts of a stretch of time come to, the earliest first; quarters without any use are left out."""
        first, last = _whole(start_ms, end_ms)
        known, self._parts = self._parts, {}
        if first > last:
            return self._part(connection, start_ms, end_ms, known)
        self.look(connection, start_ms, end_ms)
        return [
            *(self._part(connection, start_ms, first, known) if start_ms < first else ()),
            *(kept for _, (_, kept) in sorted(self._kept.items(), key=lambda item: item[0])),
            *(self._part(connection, last, end_ms, known) if last < end_ms else ()),
        ]

    def look(self, connection: sqlite3.Connection, start_ms: int, end_ms: int, most: float = inf) -> bool:
        """Look at the whole quarters that have changed, and forget all others; False where more is left to look at.

        It stops once that came to so many responses.
        """
        changes = {
            at_ms: change for at_ms, *change in connection.execute(_CHANGES, (QUARTER_MS, *_whole(start_ms, end_ms)))
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

    def _part(
        self, connection: sqlite3.Connection, start_ms: int, end_ms: int, known: dict[int, _Part[Found]]
    ) -> list[Found]:
        """Only what has changed since is looked at; the last active minute by itself, for it is likely to change."""
        change = last_change(connection)
        pieces = self._still_right(connection, start_ms, end_ms, known.get(start_ms))
        until_ms = pieces[-1][0] if pieces else start_ms
        for next_ms in (_last_minute_ms(connection, until_ms, end_ms), end_ms):
            if next_ms > until_ms:
                pieces.append((next_ms, self._work_out(connection, until_ms, next_ms)))
                until_ms = next_ms
        self._parts[start_ms] = _Part(change, [piece for piece in pieces if piece[0] % MINUTE_MS == 0])
        return [found for _, found in pieces]

    @staticmethod
    def _still_right(
        connection: sqlite3.Connection, start_ms: int, end_ms: int, part: _Part[Found] | None
    ) -> list[tuple[int, Found]]:
        """The pieces before the first minute that has changed."""
        if part is None:
            return []
        changed_ms = first_changed_ms(connection, start_ms, end_ms, part.change)
        right_ms = end_ms if changed_ms is None else min(end_ms, changed_ms)
        return [piece for piece in part.pieces if piece[0] <= right_ms]


def last_change(connection: sqlite3.Connection) -> int:
    """Number of the last change of any response."""
    return int(connection.execute("SELECT number FROM usage_change").fetchone()[0])


def first_changed_ms(connection: sqlite3.Connection, start_ms: int, end_ms: int, change: int) -> int | None:
    """Start of the earliest minute of a stretch of time in which a response came, changed or went after a change."""
    minutes = start_ms // MINUTE_MS, -(-end_ms // MINUTE_MS)
    minute = connection.execute(_FIRST_CHANGED, (*minutes, change)).fetchone()[0]
    return None if minute is None else int(minute) * MINUTE_MS


def _last_minute_ms(connection: sqlite3.Connection, start_ms: int, end_ms: int) -> int:
    """Start of the last minute in which any response ended; the beginning of the stretch where there is none."""
    minutes = start_ms // MINUTE_MS, -(-end_ms // MINUTE_MS)
    minute = connection.execute(_LAST_MINUTE, minutes).fetchone()[0]
    return start_ms if minute is None else max(start_ms, int(minute) * MINUTE_MS)


def _whole(start_ms: int, end_ms: int) -> tuple[int, int]:
    """The quarters that lie whole in a stretch of time; where there are none, the end may come before the start."""
    return -(-start_ms // QUARTER_MS) * QUARTER_MS, end_ms // QUARTER_MS * QUARTER_MS


_CHANGES = """
SELECT start_ms, max(change), sum(responses) FROM usage_total WHERE span_ms = ? AND start_ms >= ? AND start_ms < ?
GROUP BY start_ms ORDER BY start_ms
"""
_FIRST_CHANGED = "SELECT min(minute) FROM usage_minute WHERE minute >= ? AND minute < ? AND +change > ?"
_LAST_MINUTE = "SELECT max(minute) FROM usage_minute WHERE minute >= ? AND minute < ?"
