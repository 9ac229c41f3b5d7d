"""Whether any log holds something new, found out without loading what reads logs."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable

from tokentui.transcripts.places import Source, find_logs


def has_news(connection: sqlite3.Connection, sources: Iterable[Source]) -> bool:
    """Whether a log is unknown, was changed since it was read, or is shorter than what was read of it."""
    stored = {row[0]: row[1:] for row in connection.execute("SELECT path, offset_bytes, modified_ns FROM log")}
    for source in sources:
        for log in find_logs(source):
            known = stored.get(log.place.path)
            if known is None or known[1] != log.modified_ns or known[0] > log.size_bytes:
                return True
    return False
