"""An alert and its moment, made up, for tests of what is kept and told of alerts."""

from __future__ import annotations

import sqlite3
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from tokentui.store.alerts import AlertFacts, AlertJournal

NOW_MS = 1_800_000_000_000


def alert(rule: str = "agents_at_once", subject: str = "", **fields: object) -> AlertFacts:
    made = AlertFacts(rule, subject, "alarm", "s1", ("", "a1"), "agents", 12.0, 10.0, "12 agents working")
    return replace(made, **fields)  # type: ignore[arg-type]


def at(at_ms: int) -> datetime:
    return datetime.fromtimestamp(at_ms / 1000, UTC)


def path_of(journal: AlertJournal) -> Path:
    connection: sqlite3.Connection = journal._connection
    return Path(connection.execute("PRAGMA database_list").fetchone()[2])
