"""Finds out where in time the store has changed, for those who keep what they worked out from it."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable

Span = tuple[int, int]
"""Start and end of a stretch of time in ms, the end exclusive."""


class Changes:
    """The changes since they were last asked for, by one connection."""

    def __init__(self) -> None:
        self._number: int | None = None

    def since_last(self, connection: sqlite3.Connection, grain_ms: int) -> list[Span] | None:
        """Stretches, in whole grains, in which any response has changed, the earliest first; None if unknown."""
        known, self._number = self._number, last_change(connection)
        if known is None:
            return None
        spans = connection.execute(_SPANS, (known,)).fetchall()
        if len(spans) != self._number - known:
            return None
        return joined((first // grain_ms * grain_ms, last // grain_ms * grain_ms + grain_ms) for first, last in spans)


def last_change(connection: sqlite3.Connection) -> int:
    """Number of the last change of any response."""
    return int(connection.execute("SELECT number FROM usage_change").fetchone()[0])


def may_have_changed(connection: sqlite3.Connection, span: Span, since: int) -> bool:
    """Whether any response of a stretch of time may have been added, changed or deleted after a given change."""
    known, touching = connection.execute(_TOUCHING, (span[1], span[0], since)).fetchone()
    return bool(touching) or known != last_change(connection) - since


_TOUCHING = "SELECT count(*), sum(first_ms < ? AND last_ms >= ?) FROM usage_changed_span WHERE number > ?"
_SPANS = "SELECT first_ms, last_ms FROM usage_changed_span WHERE number > ?"


def joined(spans: Iterable[Span]) -> list[Span]:
    """The same time in as few stretches as possible, the earliest first."""
    found: list[Span] = []
    for start_ms, end_ms in sorted(spans):
        if found and start_ms <= found[-1][1]:
            found[-1] = (found[-1][0], max(found[-1][1], end_ms))
        else:
            found.append((start_ms, end_ms))
    return found
