"""Names behind row ids."""

from __future__ import annotations

import sqlite3


def model_names(connection: sqlite3.Connection) -> dict[int, str]:
    """Every model by row id, as logged; there are never many."""
    return dict(connection.execute("SELECT id, name FROM model"))
