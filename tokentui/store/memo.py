"""Values that are costly to work out, kept in the database by name."""

from __future__ import annotations

import json
import sqlite3
from typing import Any

RATES, STAMP = "rates", "stamp of rates"
"""Names of two memos: the rates, and the stamp of the sources they were worked out from."""
SALT = "salt"
"""Name of the memo from which people's made-up names are worked out."""


def read_memo(connection: sqlite3.Connection, name: str) -> dict[str, Any] | None:
    """The value kept under a name; None if there is none or it cannot be read."""
    row = connection.execute("SELECT value FROM memo WHERE name = ?", (name,)).fetchone()
    try:
        value = json.loads(row[0]) if row else None
    except ValueError:
        return None
    return value if isinstance(value, dict) else None


def write_memo(connection: sqlite3.Connection, name: str, value: dict[str, Any]) -> None:
    """Keep a value that JSON can hold, in place of an earlier one."""
    connection.execute("INSERT OR REPLACE INTO memo (name, value) VALUES (?, ?)", (name, json.dumps(value)))
