"""What is costly to work out anew, kept in the database by name."""

from __future__ import annotations

import json
import sqlite3
from typing import Any

RATES, STAMP = "rates", "stamp of rates"
"""Rates as they were worked out, and what they were worked out from."""
SALT = "salt"
"""From which people's made-up names are worked out."""


def read_memo(connection: sqlite3.Connection, name: str) -> dict[str, Any] | None:
    """What was kept under a name; None where nothing was, or it does not read."""
    row = connection.execute("SELECT value FROM memo WHERE name = ?", (name,)).fetchone()
    try:
        value = json.loads(row[0]) if row else None
    except ValueError:
        return None
    return value if isinstance(value, dict) else None


def write_memo(connection: sqlite3.Connection, name: str, value: dict[str, Any]) -> None:
    """Keep a value that JSON can hold, in place of the one before."""
    connection.execute("INSERT OR REPLACE INTO memo (name, value) VALUES (?, ?)", (name, json.dumps(value)))
