"""Writes which findings of the advice the user has dismissed."""

from __future__ import annotations

import sqlite3
from datetime import datetime

from tokentui.instants import ms_of


def dismiss(connection: sqlite3.Connection, finding_key: str, now: datetime) -> None:
    """Dismiss a finding, for every range; a second time changes nothing."""
    connection.execute(
        "INSERT OR IGNORE INTO dismissed_advice (finding_key, dismissed_at_ms) VALUES (?, ?)",
        (finding_key, ms_of(now)),
    )


def restore(connection: sqlite3.Connection, finding_key: str) -> bool:
    """Take a dismissal back; False if there was none."""
    return connection.execute("DELETE FROM dismissed_advice WHERE finding_key = ?", (finding_key,)).rowcount > 0
