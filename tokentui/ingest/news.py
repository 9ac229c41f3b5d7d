"""Whether logs or rates have changed, found out without loading the modules that read them."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from tokentui.pricing.stamp import rates_stamp
from tokentui.store.memo import STAMP, read_memo
from tokentui.transcripts.found_logs import FoundLog, found_log, log_files
from tokentui.transcripts.sources import Source

if TYPE_CHECKING:
    from tokentui.pricing.sources import PriceSources


def has_new_rates(connection: sqlite3.Connection, prices: PriceSources) -> bool:
    """Whether stored costs may stand on other rates than those that hold now."""
    return read_memo(connection, STAMP) != rates_stamp(prices)


def has_news(connection: sqlite3.Connection, sources: Iterable[Source]) -> bool:
    """Whether a log is unknown, was not read to its end, or has changed since, or whether a note has come to it."""
    stored = _stamps(connection)
    return any(
        stored(path) != _stamp(status, has_note) for source in sources for path, status, has_note in log_files(source)
    )


def unread_logs(connection: sqlite3.Connection, sources: Iterable[Source]) -> tuple[list[FoundLog], int]:
    """The logs that have changed since they were read, and about how many bytes there are to read in them."""
    stored = _stamps(connection)
    changed, size_bytes = [], 0
    for source in sources:
        for path, status, has_note in log_files(source):
            known = stored(path)
            if known != _stamp(status, has_note):
                changed.append(found_log(path, status, has_note, source))
                size_bytes += status.st_size - (known[1] if known and known[1] <= status.st_size else 0)
    return changed, size_bytes


_Stamp = tuple[int, int, int]
"""Modification time, size, and whether an agent's note is beside it: another one means that there is news."""
_MOST_AT_ONCE = 20_000
"""Of more stored logs than this most are long gone; those that are there are looked up one by one."""


def _stamp(status: os.stat_result, has_note: bool) -> _Stamp:
    return status.st_mtime_ns, status.st_size, has_note


def _stamps(connection: sqlite3.Connection) -> Callable[[str], _Stamp | None]:
    """Finds the stamp that a log had when it was last read to its end, by path; None for a log that is not stored."""
    if (connection.execute("SELECT max(id) FROM log").fetchone()[0] or 0) <= _MOST_AT_ONCE:
        rows = connection.execute("SELECT path, modified_ns, size_bytes, has_note FROM log")
        return {path: (modified_ns, size_bytes, has_note) for path, modified_ns, size_bytes, has_note in rows}.get
    one = "SELECT modified_ns, size_bytes, has_note FROM log WHERE path = ?"
    return lambda path: connection.execute(one, (path,)).fetchone()
