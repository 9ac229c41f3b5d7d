"""Programs and threads that read the same logs, or read while others write."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
import threading
from collections.abc import Sequence
from contextlib import ExitStack, closing
from pathlib import Path

import pytest

from tests.kit.log_lines import (
    answer,
    append,
    main_log,
    write,
)
from tests.kit.stores import (
    NewDatabase,
    answers,
    catch_up,
    contents,
    ingest,
    opened,
    price,
    quarters_are_sums,
    source,
    start_reading,
    truth,
)
from tokentui.ingest import batches
from tokentui.ingest.logs import Logs
from tokentui.pricing.price import Price
from tokentui.records import BilledUsage
from tokentui.store.database import open_reader, open_writer
from tokentui.store.write import Added, Addition, Store


def test_processes_that_read_the_same_logs_at_once_count_them_once(
    small_tree: Path, tmp_path: Path, new_database: NewDatabase
) -> None:
    database = tmp_path / "state" / "one for all.db"
    processes = [start_reading(database, small_tree) for _ in range(3)]
    for process in processes:
        with process:
            process.communicate()
        assert process.returncode == 0
    assert contents(database) == contents(ingest(small_tree, new_database()))
    assert quarters_are_sums(database)


def test_programs_that_make_a_database_at_once_wait_for_each_other(tmp_path: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from tokentui.store.database import open_writer\n"
        "import tokentui.store.schema.migrations; print('ready', flush=True)\n"
        "for name in sys.stdin: open_writer(Path(name.strip())).close(); print(name, end='', flush=True)"
    )
    names = [f"{tmp_path / str(number)}.db\n" for number in range(30)]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    with ExitStack() as running:
        programs = [
            running.enter_context(subprocess.Popen([sys.executable, "-c", code], **pipes))  # type: ignore[call-overload]
            for _ in range(4)
        ]
        assert [program.stdout.readline() for program in programs] == ["ready\n"] * 4
        for name in names:
            for program in programs:
                program.stdin.write(name)
                program.stdin.flush()
            assert [program.stdout.readline() for program in programs] == [name] * 4
        for program in programs:
            program.stdin.close()


def test_threads_that_read_the_same_logs_at_once_count_them_once(
    demo_tree: Path, new_database: NewDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batches, "BATCH_BYTES", 50_000)
    database, barrier, seen = new_database(), threading.Barrier(2), list[int]()
    expected = truth(demo_tree)

    def run(block_bytes: int) -> None:
        with opened(database) as logs:
            logs.block_bytes = block_bytes
            barrier.wait(30)
            catch_up(logs, demo_tree)
            seen.append(len(answers(database)))

    threads = [threading.Thread(target=run, args=(block_bytes,)) for block_bytes in (20_000, 33_000)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert seen == [len(expected)] * 2, "whoever caught up has all of it, though another read part of it"
    assert contents(database) == contents(ingest(demo_tree, new_database()))


def test_a_log_that_another_process_read_further_is_read_on_from_there(
    tmp_path: Path, new_database: NewDatabase
) -> None:
    database, log = new_database(), write(main_log(tmp_path), answer("m1"))
    with opened(database) as mine, opened(database) as other:
        (found,) = mine.search((source(tmp_path),))
        read = list(mine.read(found.place))
        append(log, answer("m2"))
        catch_up(other, tmp_path)
        added = batches.store(mine, read)
        assert (added.new_responses, added.outrun) == (0, (str(log),))
        append(log, answer("m3"))
        catch_up(mine, tmp_path)
    assert answers(database) == truth(tmp_path)


def test_catching_up_ends_only_when_all_is_stored_whoever_read_it(
    small_tree: Path, new_database: NewDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    database = new_database()
    with opened(database) as mine, opened(database) as other:
        other.block_bytes = 700
        started = [other.read(found.place) for found in other.search((source(small_tree),))]
        add = mine.store.add

        def outrun_first(additions: Sequence[Addition]) -> Added:
            monkeypatch.undo()
            batches.store(other, [next(reader) for reader in started])
            return add(additions)

        monkeypatch.setattr(mine.store, "add", outrun_first)
        catch_up(mine, small_tree)
        assert answers(database) == truth(small_tree)


def test_readers_see_the_whole_of_a_write_or_nothing_of_it(small_tree: Path, new_database: NewDatabase) -> None:
    database = new_database()
    seen: list[int] = []
    with closing(open_reader(database)) as one, closing(open_reader(database)) as two:

        def count(connection: sqlite3.Connection) -> int:
            return int(connection.execute("SELECT count(*) FROM response").fetchone()[0])

        def watched(usage: BilledUsage, at_ms: int) -> Price:
            seen.extend((count(one), count(two)))
            return price(usage, at_ms)

        two.execute("BEGIN")
        count(two)
        with closing(Store(open_writer(database), watched, database)) as store:
            catch_up(Logs(store), small_tree)
        assert set(seen) == {0}
        assert count(one) == len(truth(small_tree))
        assert count(two) == 0, "its transaction began before"
        two.execute("ROLLBACK")
        assert count(two) == len(truth(small_tree))
        with pytest.raises(sqlite3.OperationalError, match="readonly"):
            one.execute("DELETE FROM response")
