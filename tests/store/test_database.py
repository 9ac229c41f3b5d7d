"""The database: which files are refused and what is said then, and how an older schema is brought up to date."""

from __future__ import annotations

import errno
import os
import sqlite3
import threading
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from sqlite_utils import Database

from tests.kit.stores import (
    NewDatabase,
    ingest,
    query,
)
from tokentui.store.database import APPLICATION_ID, CURRENT_VERSION, StoreError, explained, open_reader, open_writer
from tokentui.store.schema.migrations import migrations

# Databases that cannot be used.


def refusal(path: Path, opening: Callable[[Path], sqlite3.Connection] = open_writer) -> str:
    with pytest.raises(StoreError) as failure:
        opening(path)
    told = str(failure.value)
    assert str(path) in told
    assert "\n" not in told
    return told


def changed(database: Path, *statements: str) -> Path:
    with closing(sqlite3.connect(database)) as connection, connection:
        for statement in statements:
            connection.execute(statement)
    return database


def test_a_database_of_another_program_is_left_alone(tmp_path: Path) -> None:
    path = changed(tmp_path / "other.db", "CREATE TABLE precious (x)")
    before = path.read_bytes()
    for opening in (open_writer, open_reader):
        assert "another program" in refusal(path, opening)
    assert path.read_bytes() == before


def test_a_newer_database_is_left_alone(new_database: NewDatabase) -> None:
    path = changed(new_database(), f"PRAGMA user_version = {CURRENT_VERSION + 1}")
    for opening in (open_writer, open_reader):
        assert "newer tokentui" in refusal(path, opening)


def test_a_file_that_is_no_database(tmp_path: Path) -> None:
    path = tmp_path / "notes.db"
    path.write_text("these are notes, and long enough to have a header\n" * 100)
    for opening in (open_writer, open_reader):
        assert "is not a database" in refusal(path, opening)


def test_a_damaged_database_is_told_when_it_shows(demo_tree: Path, new_database: NewDatabase) -> None:
    path = ingest(demo_tree, new_database())
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    data = path.read_bytes()
    path.write_bytes(data[:4096] + b"\xff" * (len(data) - 4096))
    with pytest.raises((sqlite3.DatabaseError, StoreError)) as failure:
        ingest(demo_tree, path)
    told = str(failure.value) if isinstance(failure.value, StoreError) else explained(path, failure.value)
    assert "is damaged" in told
    assert "move it away" in told


def test_a_database_that_cannot_be_written(new_database: NewDatabase, monkeypatch: pytest.MonkeyPatch) -> None:
    connect: Any = sqlite3.connect

    def protected(name: str, **options: Any) -> Any:
        return connect(name.replace("mode=rw", "mode=ro"), **options)

    path = new_database()
    monkeypatch.setattr(sqlite3, "connect", protected)
    assert "cannot be written; check its permissions" in refusal(path)


def test_a_locked_database(new_database: NewDatabase) -> None:
    path = new_database()
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        assert "locked by another program" in refusal(path, lambda path: open_writer(path, timeout_seconds=0.01))
        open_reader(path).close()
        other.execute("ROLLBACK")
    open_writer(path).close()


@pytest.mark.timeout(8)  # a program's usual patience is longer
def test_an_older_database_that_is_locked_is_waited_for_no_longer_than_was_asked(tmp_path: Path) -> None:
    path = changed(tmp_path / "old.db", "PRAGMA journal_mode = WAL", f"PRAGMA application_id = {APPLICATION_ID}")
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        assert "locked by another program" in refusal(path, lambda path: open_writer(path, timeout_seconds=0.01))


def test_a_file_that_is_refused_is_let_go(tmp_path: Path) -> None:
    path = tmp_path / "notes.db"
    path.write_text("these are notes, and long enough to have a header\n" * 100)
    before = os.listdir("/dev/fd")  # noqa: PTH208 - what a path object lists is open itself
    with pytest.raises(StoreError, match="is not a database") as kept:  # with it, whatever its frames hold
        open_reader(path)
    assert len(os.listdir("/dev/fd")) == len(before)  # noqa: PTH208
    assert kept.value.__traceback__ is not None


@pytest.mark.parametrize("name", ["mfuller", "locked-room", "malformed", "readonly"])
def test_words_of_the_path_say_nothing_about_what_is_wrong(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text("")
    told = refusal(tmp_path / name / "state.db")
    mend = "check its directory, or set TOKENTUI_HOME to another one"
    assert told == f"{tmp_path / name / 'state.db'} cannot be opened ({tmp_path / name} is no directory); {mend}"


@pytest.mark.parametrize(("free_bytes", "said"), [(0, "the disk is full; free some space"), (1, "(disk I/O error)")])
def test_an_io_error_on_a_full_disk_is_told_as_such(tmp_path: Path, free_bytes: int, said: str) -> None:
    assert said in explained(tmp_path / "state.db", sqlite3.OperationalError("disk I/O error"), lambda _: free_bytes)


def test_a_full_disk_is_named_where_the_directory_cannot_be_made(tmp_path: Path) -> None:
    told = explained(tmp_path / "state.db", OSError(errno.ENOSPC, "No space left on device", str(tmp_path)))
    assert "the disk is full" in told


@pytest.mark.parametrize("opening", [open_writer, open_reader])
def test_a_directory_in_its_place(tmp_path: Path, opening: Callable[[Path], sqlite3.Connection]) -> None:
    path = tmp_path / "state.db"
    path.mkdir()
    assert f"{path} is a directory; move it away" in refusal(path, opening)


def test_a_file_in_place_of_the_state_directory(tmp_path: Path) -> None:
    (tmp_path / "state").write_text("")
    assert "cannot be opened" in refusal(tmp_path / "state" / "db")


def test_a_reader_before_there_is_anything(tmp_path: Path) -> None:
    assert "no data yet" in refusal(tmp_path / "none.db", open_reader)
    assert not (tmp_path / "none.db").exists()


# Migrations.


def schema(path: Path) -> dict[str, str]:
    return {str(name): str(sql) for name, sql in query(path, "SELECT name, sql FROM sqlite_master")}


def test_an_empty_file_becomes_a_database(tmp_path: Path, empty_database: Path) -> None:
    path = tmp_path / "new" / "state.db"
    path.parent.mkdir()
    path.touch()
    open_writer(path).close()
    assert schema(path) == schema(empty_database)
    assert query(path, "PRAGMA journal_mode") == [("wal",)]
    assert query(path, "PRAGMA user_version") == [(CURRENT_VERSION,)]


with closing(sqlite3.connect(":memory:")) as _empty:
    NAMES = [migration.name for migration in migrations.pending(Database(_empty))]


@pytest.mark.parametrize("version", range(1, len(NAMES)))
def test_each_older_schema_is_brought_up_to_date_with_what_is_in_it(
    tmp_path: Path, empty_database: Path, version: int
) -> None:
    path = tmp_path / "old.db"
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        migrations.apply(Database(connection), stop_before=NAMES[version])
        connection.execute("INSERT INTO source (path) VALUES ('/kept')")
        connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        connection.execute(f"PRAGMA user_version = {version}")
    assert "run `tokentui ingest`" in refusal(path, open_reader)
    open_writer(path).close()
    assert schema(path) == schema(empty_database)
    assert query(path, "SELECT path FROM source") == [("/kept",)]


def test_versions_are_counted_by_migrations() -> None:
    assert len(NAMES) == CURRENT_VERSION


def test_a_migration_that_fails_leaves_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "state.db"

    def failing(_: Database) -> None:
        raise sqlite3.OperationalError("database or disk is full")

    last = migrations._migrations[-1]
    with monkeypatch.context() as patch:
        patch.setattr(last, "fn", failing)
        assert "the disk is full" in refusal(path)
    assert schema(path) == {}
    open_writer(path).close()


def test_programs_that_start_at_once_migrate_one_after_the_other(tmp_path: Path, empty_database: Path) -> None:
    path, barrier, failures = tmp_path / "state.db", threading.Barrier(4), list[BaseException]()

    def run() -> None:
        barrier.wait(30)
        try:
            open_writer(path).close()
        except StoreError as error:
            failures.append(error)

    threads = [threading.Thread(target=run) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert failures == []
    assert schema(path) == schema(empty_database)
