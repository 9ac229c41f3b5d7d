"""Keeps sums that are asked for again and again; what lies hours back is kept until something in it changes."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from typing import NamedTuple, Protocol

from tokentui.instants import DAY_MS, HOUR_MS, QUARTER_MS
from tokentui.queries.sums.changes import last_change, may_have_changed
from tokentui.queries.sums.levels import BY_DAY, EVERYBODY, TOTALS, Key, Only, Step
from tokentui.queries.sums.summing import Row, add_to, parts, summed
from tokentui.store.rollups import USED


class SumUp(Protocol):
    """A way to sum usage: `summing.summed`, or a `KeptSums`."""

    def __call__(
        self,
        connection: sqlite3.Connection,
        keys: Sequence[Key],
        span: tuple[int, int],
        only: Only = EVERYBODY,
        columns: Sequence[str] = USED,
        step: Step = BY_DAY,
    ) -> dict[Row, Row]:
        """Key values → sums of the columns between two moments."""
        ...


class _Asked(NamedTuple):
    keys: tuple[Key, ...]
    start_ms: int
    only: Only
    columns: tuple[str, ...]
    step: Step


class _Kept(NamedTuple):
    until_ms: int
    change: int
    """Number of the last change when it was summed."""
    sums: dict[Row, Row]


_MOST = 8
"""How many of the latest questions are remembered."""


class KeptSums:
    """Sums as `summing.summed` does, for one connection; asked again, it looks at the last hours alone.

    Where a range begins within a quarter of an hour, the single responses up to its end are looked at once too.
    """

    def __init__(self, sum_up: SumUp = summed) -> None:
        self._sum_up = sum_up
        self._kept: dict[_Asked, _Kept] = {}
        self._heads: dict[_Asked, _Kept] = {}
        self._until_ms = 0

    def begin(self, now_ms: int) -> None:
        """Has to be called before the questions of a moment are asked."""
        self._until_ms = now_ms // HOUR_MS * HOUR_MS - HOUR_MS

    def __call__(
        self,
        connection: sqlite3.Connection,
        keys: Sequence[Key],
        span: tuple[int, int],
        only: Only = EVERYBODY,
        columns: Sequence[str] = USED,
        step: Step = BY_DAY,
    ) -> dict[Row, Row]:
        """See `summing.summed`."""
        start_ms, end_ms = span
        first_ms = -(-start_ms // QUARTER_MS) * QUARTER_MS
        if start_ms < first_ms <= end_ms and only.agent_type is None:
            found = dict(self._head(connection, _Asked(tuple(keys), start_ms, only, tuple(columns), step), first_ms))
            return _added(found, self(connection, keys, (first_ms, end_ms), only, columns, step))
        is_worth_it = self._until_ms - start_ms >= DAY_MS and end_ms >= self._until_ms and start_ms % QUARTER_MS == 0
        if not is_worth_it or only.agent_type is not None:  # which agents are of a type changes on its own
            return self._sum_up(connection, keys, span, only, columns, step)
        asked = _Asked(tuple(keys), start_ms, only, tuple(columns), step)
        found = dict(self._old(connection, asked))
        return _added(found, self._sum_up(connection, keys, (self._until_ms, end_ms), only, columns, step))

    def _head(self, connection: sqlite3.Connection, asked: _Asked, until_ms: int) -> dict[Row, Row]:
        """The sums before the first whole quarter."""
        kept = self._heads.pop(asked, None)
        if kept is None or may_have_changed(connection, (asked.start_ms, until_ms), kept.change):
            sums = self._sum(connection, asked, asked.start_ms, until_ms)
            kept = _Kept(until_ms, last_change(connection), sums)
        _keep(self._heads, asked, kept)
        return kept.sums

    def _old(self, connection: sqlite3.Connection, asked: _Asked) -> dict[Row, Row]:
        kept = self._kept.pop(asked, None)
        until_ms = self._until_ms
        if kept is None or kept.until_ms > until_ms or self._has_changed(connection, asked.start_ms, kept):
            kept = _Kept(asked.start_ms, 0, {})
        if kept.until_ms < until_ms:
            _added(kept.sums, self._sum(connection, asked, kept.until_ms, until_ms))
        _keep(self._kept, asked, _Kept(until_ms, last_change(connection), kept.sums))
        return kept.sums

    @staticmethod
    def _sum(connection: sqlite3.Connection, asked: _Asked, start_ms: int, until_ms: int) -> dict[Row, Row]:
        return summed(connection, asked.keys, (start_ms, until_ms), asked.only, asked.columns, asked.step)

    @staticmethod
    def _has_changed(connection: sqlite3.Connection, start_ms: int, kept: _Kept) -> bool:
        """Whether any response in what is kept was added, changed or deleted."""
        changes = (
            connection.execute(_LAST_CHANGE, (level.span_ms, *span)).fetchone()[0]
            for level, *span in parts(start_ms, kept.until_ms, TOTALS[:-1])
        )
        return any(change is not None and change > kept.change for change in changes)


def _added(found: dict[Row, Row], more: dict[Row, Row]) -> dict[Row, Row]:
    for key, sums in more.items():
        add_to(found, key, sums)
    return found


def _keep(kept: dict[_Asked, _Kept], asked: _Asked, sums: _Kept) -> None:
    kept[asked] = sums
    while len(kept) > _MOST:
        del kept[next(iter(kept))]


_LAST_CHANGE = "SELECT max(change) FROM usage_total WHERE span_ms = ? AND start_ms >= ? AND start_ms < ?"
"""Rows of `usage_total` are never deleted, so every change to what was kept shows in one of them."""
