"""The store loses and doubles nothing, wherever it is broken off."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

import pytest

from tests.kit.stores import (
    NewDatabase,
    answers,
    catch_up,
    contents,
    ingest,
    price,
    quarters_are_sums,
    start_reading,
    truth,
)
from tokentui.ingest import batches
from tokentui.ingest.logs import Logs
from tokentui.pricing.price import Price
from tokentui.records import BilledUsage
from tokentui.store.database import open_writer
from tokentui.store.write import Store


class Crash(BaseException):
    """The program ends here."""


class Breakable:
    """A connection that breaks at its n-th statement."""

    def __init__(self, connection: sqlite3.Connection, error: BaseException, statements: int) -> None:
        self._connection, self._error = connection, error
        self.left = statements

    def execute(self, *args: Any) -> sqlite3.Cursor:
        self._count(args[0])
        return self._connection.execute(*args)

    def executemany(self, *args: Any) -> sqlite3.Cursor:
        self._count(args[0])
        return self._connection.executemany(*args)

    def _count(self, sql: str) -> None:
        if sql == "ROLLBACK":
            return
        self.left -= 1
        if self.left == 0:
            raise self._error

    def __getattr__(self, name: str) -> Any:
        return getattr(self._connection, name)


def breakable(database: Path, error: BaseException, statements: int) -> tuple[Breakable, Logs]:
    connection = Breakable(open_writer(database), error, statements)
    logs = Logs(Store(connection, price, database), block_bytes=900)  # type: ignore[arg-type]
    return connection, logs


def test_a_crash_between_any_two_steps_loses_and_doubles_nothing(
    small_tree: Path, new_database: NewDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batches, "BATCH_BYTES", 1500)
    expected = contents(ingest(small_tree, new_database()))
    total, logs = breakable(new_database(), Crash(), 10**9)
    catch_up(logs, small_tree)
    logs.store.close()
    statements = 10**9 - total.left
    assert statements > 60
    database = new_database()
    for statement in range(1, statements + 1):
        fresh = database.with_name("fresh.db")
        shutil.copy(database, fresh)
        _, logs = breakable(fresh, Crash(), statement)
        with closing(logs.store), pytest.raises(Crash):
            catch_up(logs, small_tree)
        ingest(small_tree, fresh)
        assert contents(fresh) == expected
        assert quarters_are_sums(fresh)


def test_a_failed_statement_is_made_good_by_the_same_run(
    small_tree: Path, new_database: NewDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batches, "BATCH_BYTES", 1500)
    expected = contents(ingest(small_tree, new_database()))
    database = new_database()
    for statement in range(1, 200, 5):
        fresh = database.with_name("fresh.db")
        shutil.copy(database, fresh)
        _, logs = breakable(fresh, sqlite3.OperationalError("disk I/O error"), statement)
        with closing(logs.store):
            with suppress(sqlite3.OperationalError):
                catch_up(logs, small_tree)
            catch_up(logs, small_tree)
        assert contents(fresh) == expected


def test_a_crash_while_pricing_loses_and_doubles_nothing(small_tree: Path, new_database: NewDatabase) -> None:
    expected = contents(ingest(small_tree, new_database()))
    for priced in range(1, 9):
        database, calls = new_database(), iter(range(1, 1000))

        def failing(usage: BilledUsage, at_ms: int, last: int = priced, calls: Iterator[int] = calls) -> Price:
            if next(calls) == last:
                raise Crash
            return price(usage, at_ms)

        with closing(Store(open_writer(database), failing, database)) as store, pytest.raises(Crash):
            catch_up(Logs(store), small_tree)
        assert answers(database) == []
        ingest(small_tree, database)
        assert contents(database) == expected


@pytest.mark.parametrize("transactions", [1, 4])
def test_a_killed_process_loses_and_doubles_nothing(
    demo_tree: Path, new_database: NewDatabase, transactions: int
) -> None:
    database = new_database()
    with start_reading(database, demo_tree) as process:
        assert process.stdout is not None
        for _ in range(transactions):
            assert process.stdout.readline() == b"stored\n"
        process.kill()
    assert answers(database) != truth(demo_tree)
    ingest(demo_tree, database)
    assert contents(database) == contents(ingest(demo_tree, new_database()))
