"""What is stored of each series of reports, and what each run did: a row for each run, even if it was killed."""

from __future__ import annotations

import sqlite3
from typing import Literal, NamedTuple

from tokentui.billed import Page, SeriesName

Outcome = Literal["done", "incomplete", "failed"]


class Change(NamedTuple):
    """What storing a page changed."""

    new: int = 0
    changed: int = 0
    """Rows with other figures than before, and rows that the report no longer has."""

    def plus(self, other: Change) -> Change:
        """The sum of two changes."""
        return Change(self.new + other.new, self.changed + other.changed)


class Covered(NamedTuple):
    """A stretch of a series that is stored without a gap."""

    from_ms: int
    until_ms: int
    asked_at_ms: int
    """When the report up to its end was asked for."""


def coverage(connection: sqlite3.Connection, series: SeriesName) -> list[Covered]:
    """The stored stretches of a series, oldest first; no two of them touch."""
    select = "SELECT from_ms, until_ms, asked_at_ms FROM sync_coverage WHERE series = ? ORDER BY from_ms"
    return [Covered(*row) for row in connection.execute(select, (series,))]


def cover(connection: sqlite3.Connection, series: SeriesName, from_ms: int, until_ms: int, asked_at_ms: int) -> None:
    """Add a stretch; it is merged with those that it touches."""
    if until_ms <= from_ms:
        return
    whole = Covered(from_ms, until_ms, asked_at_ms)
    for known in coverage(connection, series):
        if known.from_ms <= whole.until_ms and whole.from_ms <= known.until_ms:
            later = max(whole, known, key=lambda one: (one.until_ms, one.asked_at_ms))
            whole = Covered(min(whole.from_ms, known.from_ms), later.until_ms, later.asked_at_ms)
            connection.execute("DELETE FROM sync_coverage WHERE series = ? AND from_ms = ?", (series, known.from_ms))
    connection.execute("INSERT INTO sync_coverage VALUES (?, ?, ?, ?)", (series, *whole))


def last_start_ms(connection: sqlite3.Connection) -> int | None:
    """When the newest run began; None if there was none."""
    row = connection.execute("SELECT max(started_at_ms) FROM sync_run").fetchone()
    return None if row[0] is None else int(row[0])


def begin_run(connection: sqlite3.Connection, now_ms: int, earliest_ms: int) -> int | None:
    """Begin a run: its id; None if another began at or after `earliest_ms`. Older runs without an end were killed."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        last = last_start_ms(connection)
        if last is not None and earliest_ms <= last <= now_ms:
            return None
        connection.execute("UPDATE sync_run SET outcome = 'broken off' WHERE outcome = 'running'")
        insert = "INSERT INTO sync_run (started_at_ms, outcome) VALUES (?, 'running') RETURNING id"
        return int(connection.execute(insert, (now_ms,)).fetchone()[0])
    finally:
        connection.execute("COMMIT")


def note_page(connection: sqlite3.Connection, run_id: int, page: Page, change: Change) -> None:
    """Add a page to its run; part of the page's own transaction."""
    connection.execute(
        """UPDATE sync_run SET pages = pages + ?, rows_new = rows_new + ?, rows_changed = rows_changed + ?,
           from_ms = min(ifnull(from_ms, 1 << 62), ?), to_ms = max(ifnull(to_ms, 0), ?) WHERE id = ?""",
        (page.requests, change.new, change.changed, page.from_ms, page.until_ms, run_id),
    )


def end_run(connection: sqlite3.Connection, run_id: int, now_ms: int, outcome: Outcome, error: str) -> None:
    """Store how a run ended."""
    connection.execute(
        "UPDATE sync_run SET finished_at_ms = ?, duration_ms = ? - started_at_ms, outcome = ?, error = ? WHERE id = ?",
        (now_ms, now_ms, outcome, error, run_id),
    )
