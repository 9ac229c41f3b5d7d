"""Opening the database: one file, many readers, writers that take turns."""

from __future__ import annotations

import os
import sqlite3
import time
from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path

from tokentui.file_trouble import DISK_FULL, is_there, reason_of

APPLICATION_ID = 0x746B7475
"""Marks a file as ours (`tktu`)."""
CURRENT_VERSION = 19
"""The number of migrations, repeated here because importing them takes as long as an ordinary start."""
BUSY_TIMEOUT_SECONDS = 10.0
_TRY_AGAIN_SECONDS = 0.01


class StoreError(Exception):
    """The database cannot be used; the message says what, where, and how to mend it."""


def open_writer(path: Path, timeout_seconds: float = BUSY_TIMEOUT_SECONDS) -> sqlite3.Connection:
    """A connection that may write, with the schema brought up to date; it waits that long for other writers.

    Raises StoreError if the file is not our database, is newer than this program, or cannot be written.
    """
    prepare(path, timeout_seconds)
    try:
        return _connect(f"file:{_quoted(path)}?mode=rw", _WRITER_SETTINGS, timeout_seconds)
    except (sqlite3.Error, OSError) as error:
        raise StoreError(explained(path, error)) from error


def prepare(path: Path, timeout_seconds: float = BUSY_TIMEOUT_SECONDS) -> None:
    """Make the database if there is none, and bring an older schema up to date.

    Raises StoreError if the file is not our database, is newer than this program, or cannot be made.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        _bring_up(path, timeout_seconds)
    except (sqlite3.Error, OSError) as error:
        raise StoreError(explained(path, error)) from error


def open_reader(path: Path, timeout_seconds: float = BUSY_TIMEOUT_SECONDS) -> sqlite3.Connection:
    """A connection that only reads. Raises StoreError if the file is missing or not ours."""
    try:
        if _version(path, timeout_seconds) < CURRENT_VERSION:
            raise StoreError(f"{path}: no data yet; run `tokentui ingest` first")
        return _connect_read_only(path, timeout_seconds)
    except (sqlite3.Error, OSError) as error:
        raise StoreError(explained(path, error)) from error


def is_free(path: Path) -> bool:
    """Whether no process is writing to a database at this moment."""
    try:
        with closing(_connect(f"file:{_quoted(path)}?mode=rw", ("BEGIN IMMEDIATE",), 0)):
            return True  # closing gives the turn back
    except (sqlite3.Error, OSError):
        return False


_READER_SETTINGS = (
    "PRAGMA soft_heap_limit = 6000000",  # of all connections of a process together: beyond, caches grow no more
)
_WRITER_SETTINGS = (
    *_READER_SETTINGS,
    "PRAGMA synchronous = NORMAL",
    "PRAGMA temp_store = MEMORY",
    "BEGIN IMMEDIATE",
    f"PRAGMA user_version = {CURRENT_VERSION}",  # whether it can be written shows here, not at the first line
    "ROLLBACK",
)


def _connect(uri: str, settings: Sequence[str], timeout_seconds: float = BUSY_TIMEOUT_SECONDS) -> sqlite3.Connection:
    connection = sqlite3.connect(uri, uri=True, timeout=timeout_seconds, isolation_level=None)
    try:
        for setting in settings:
            connection.execute(setting)
    except BaseException:
        connection.close()
        raise
    return connection


def _connect_read_only(path: Path, timeout_seconds: float) -> sqlite3.Connection:
    """Open a file for reading; as immutable if its directory cannot be written, where SQLite could make no journal."""
    settings = (*_READER_SETTINGS, "PRAGMA user_version")  # whether it can be read shows here
    try:
        return _connect(f"file:{_quoted(path)}?mode=ro", settings, timeout_seconds)
    except sqlite3.OperationalError:
        if os.access(path.parent, os.W_OK):
            raise
    return _connect(f"file:{_quoted(path)}?mode=ro&immutable=1", settings, timeout_seconds)


def _quoted(path: Path) -> str:
    from urllib.parse import quote

    return quote(str(path.absolute()))


def _version(path: Path, timeout_seconds: float) -> int:
    """The schema version of a database; 0 where there is none yet."""
    if not is_there(path) or path.stat().st_size == 0:
        return 0
    with closing(_connect_read_only(path, timeout_seconds)) as found:
        application_id = found.execute("PRAGMA application_id").fetchone()[0]
        version = int(found.execute("PRAGMA user_version").fetchone()[0])
        is_empty = found.execute("SELECT count(*) FROM sqlite_master").fetchone()[0] == 0
    if is_empty:
        return 0
    if application_id != APPLICATION_ID:
        raise StoreError(f"{path} is a database of another program; move it away, or set TOKENTUI_HOME")
    if version > CURRENT_VERSION:
        raise StoreError(
            f"{path} was written by a newer tokentui (schema {version}, this one knows {CURRENT_VERSION}): "
            "install a newer one, or set TOKENTUI_HOME to another directory"
        )
    return version


def _bring_up(path: Path, timeout_seconds: float) -> None:
    """Bring the schema up to date, trying again for a while: a program that switches to write-ahead logging locks out
    all others, and SQLite tells them so without letting them wait.
    """
    until = time.monotonic() + timeout_seconds
    while _version(path, timeout_seconds) < CURRENT_VERSION:
        try:
            _migrate(path, timeout_seconds)
        except sqlite3.OperationalError as error:
            if "locked" not in str(error) or time.monotonic() >= until:
                raise
            time.sleep(_TRY_AGAIN_SECONDS)


def _migrate(path: Path, timeout_seconds: float) -> None:
    """Apply the missing migrations in one transaction; of several programs that start at once, one does it.

    The migrations, and sqlite-utils which applies them, are imported only here.
    """
    from sqlite_utils import Database

    from tokentui.store.schema.migrations import migrations

    with closing(sqlite3.connect(path, timeout=timeout_seconds, isolation_level=None)) as connection:
        connection.execute("PRAGMA page_size = 8192")  # reading a history takes 4 % less than with pages half as large
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("BEGIN IMMEDIATE")
        migrations.apply(Database(connection))
        connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        connection.execute(f"PRAGMA user_version = {CURRENT_VERSION}")
        connection.execute("COMMIT")


def _free_bytes(path: Path) -> int:
    from shutil import disk_usage

    return disk_usage(path.parent).free


def _may_be_read(path: Path) -> bool:
    """Whether a file may be read, asked without opening it: closing it again would drop SQLite's locks."""
    return not is_there(path) or os.access(path, os.R_OK, effective_ids=os.access in os.supports_effective_ids)


def explained(path: Path, error: Exception, free_bytes: Callable[[Path], int] = _free_bytes) -> str:
    """What is wrong with the database, where, and how to mend it, in one line."""
    # Of an error of the system the words alone: its text has the path too, in which anything may stand.
    reason = str(error) if isinstance(error, sqlite3.Error) else getattr(error, "strerror", None) or str(error)
    if isinstance(error, sqlite3.DatabaseError) and "not a database" in reason:
        return f"{path} is not a database; move it away and run tokentui again to build it anew from the logs"
    if "malformed" in reason:
        return f"{path} is damaged ({reason}); move it away and run tokentui again to build it anew from the logs"
    if "locked" in reason:
        return f"{path} is locked by another program; close it and try again"
    is_barred = "readonly" in reason or isinstance(error, PermissionError)
    if is_barred or not _may_be_read(path):
        done = "written" if is_barred else "read"
        return f"{path} cannot be {done}; check its permissions, or set TOKENTUI_HOME to another directory"
    # Where not even its short files beside it have room, SQLite speaks of an I/O error, also to those who only read.
    is_full = "disk I/O error" in reason and not free_bytes(path)
    if is_full or "full" in reason or getattr(error, "errno", None) in DISK_FULL:
        return f"{path}: the disk is full; free some space and run tokentui again, nothing is lost"
    told = reason_of(error, path) if isinstance(error, OSError) else reason
    wrong = "is a directory; move it away" if path.is_dir() else f"cannot be opened ({told}); check its directory"
    return f"{path} {wrong}, or set TOKENTUI_HOME to another one"
