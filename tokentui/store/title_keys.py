"""The key that orders sessions by title: its beginning in lower case, stored because SQLite lowers only A to Z."""

from __future__ import annotations

import sqlite3


def title_key(title: str) -> str:
    """The part of a title that decides its place in the order, in lower case."""
    return title.lower()[:40]


def add_title_keys(connection: sqlite3.Connection) -> None:
    """Give every stored session its key, and make an index of them. Runs inside a transaction."""
    connection.execute("ALTER TABLE session ADD COLUMN title_key TEXT NOT NULL DEFAULT ''")
    titles = connection.execute("SELECT title, id FROM session WHERE title <> ''").fetchall()
    keys = [(title_key(title), row) for title, row in titles]
    connection.executemany("UPDATE session SET title_key = ? WHERE id = ?", keys)
    connection.execute("CREATE INDEX session_by_title ON session (title_key, last_at_ms DESC)")
