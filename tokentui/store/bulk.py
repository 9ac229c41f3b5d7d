"""Inserts many rows by few statements: at each of them a thread gives up Python's lock and waits to get it back."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from functools import cache
from itertools import chain

_SIZES = (64, 8, 1)
"""Rows per statement; a few sizes, so that SQLite keeps them all prepared."""


def insert_rows(connection: sqlite3.Connection, insert: str, rows: Sequence[Sequence[object]], then: str = "") -> None:
    """Run `INSERT … VALUES` for rows of equal length; `then` is what follows the values, such as `ON CONFLICT …`."""
    done = 0
    for size in _SIZES:
        while len(rows) - done >= size:
            part = rows[done : done + size]
            connection.execute(_statement(insert, then, len(part[0]), size), tuple(chain.from_iterable(part)))
            done += size


@cache
def _statement(insert: str, then: str, width: int, size: int) -> str:
    values = f"({', '.join('?' * width)})"
    return f"{insert} VALUES {', '.join([values] * size)} {then}"
