"""By what sessions are ordered by title: kept for every session, also for those of an older database."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from sqlite_utils import Database

from tokentui.instants import EARLIEST_MS
from tokentui.queries.live.choosing import Selection
from tokentui.queries.live.ranking import leading
from tokentui.queries.live.working import Working
from tokentui.queries.sums.usage import Scope
from tokentui.store.database import APPLICATION_ID, open_reader, open_writer
from tokentui.store.schema.migrations import migrations
from tokentui.view import View

TITLES = ("Zoo", "", "ärger", "Ärger", "b" * 50, "B" * 40 + "a")


@pytest.fixture
def reader(tmp_path: Path) -> sqlite3.Connection:
    """An older database, brought up to date."""
    path = tmp_path / "old.db"
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        migrations.apply(Database(connection), stop_before="m110_orders_of_sessions")
        connection.executemany(
            "INSERT INTO session (session_id, title, first_at_ms, last_at_ms) VALUES (?, ?, 1, ?)",
            [(f"s{place}", title, 10 - place) for place, title in enumerate(TITLES)],
        )
        connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        connection.execute("PRAGMA user_version = 13")
    open_writer(path).close()
    return open_reader(path)


def test_an_older_database_gets_them(reader: sqlite3.Connection) -> None:
    with closing(reader):
        keys = reader.execute("SELECT title_key FROM session ORDER BY id").fetchall()
    assert keys == [("zoo",), ("",), ("ärger",), ("ärger",), ("b" * 40,), ("b" * 40,)]


@pytest.mark.parametrize("name", ["all", "1h"])
def test_sessions_come_in_their_order_the_newest_of_equal_ones_first(reader: sqlite3.Connection, name: str) -> None:
    selection, nobody = Selection(Scope(EARLIEST_MS), 1, len(TITLES)), Working({}, frozenset(), {})
    view = View(range=name, sort="title", row_limit=5)  # type: ignore[arg-type]
    statements: list[str] = []
    with closing(reader):
        reader.set_trace_callback(statements.append)
        rising = leading(reader, selection, view, nobody, {})
        reader.set_trace_callback(None)
        falling = leading(reader, selection, view._replace(reverse=True), nobody, {})
        plan = " ".join(step[-1] for step in reader.execute(f"EXPLAIN QUERY PLAN {statements[-1]}"))
    assert [TITLES.index(line.title) for line in rising] == [1, 4, 5, 0, 2]
    assert [TITLES.index(line.title) for line in falling] == [2, 3, 0, 4, 5]
    assert ("session_by_title" in plan) == (name == "all")
