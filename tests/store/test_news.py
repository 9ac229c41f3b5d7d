"""Trouble with the disk or a log is told and mended, and what is new is found however long the history."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from tests.kit.log_lines import (
    TWO,
    agent_log,
    answer,
    main_log,
    write,
)
from tests.kit.stores import (
    NewDatabase,
    answers,
    catch_up,
    contents,
    ingest,
    log_paths,
    opened,
    price,
    quarters_are_sums,
    query,
    source,
    truth,
)
from tokentui.ingest import batches, news
from tokentui.ingest.logs import Logs
from tokentui.store.database import explained, open_reader, open_writer
from tokentui.store.write import Store

_TYPES = "SELECT agent_type FROM agent_link WHERE kind = 'meta' ORDER BY 1"


def test_a_full_disk_is_told_and_then_everything_goes_on(
    demo_tree: Path, new_database: NewDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batches, "BATCH_BYTES", 50_000)
    database = new_database()
    connection = open_writer(database)
    (pages,) = connection.execute("PRAGMA page_count").fetchone()
    connection.execute(f"PRAGMA max_page_count = {pages + 40}")
    logs = Logs(Store(connection, price, database), block_bytes=20_000)
    with closing(logs.store):
        with pytest.raises(sqlite3.OperationalError, match="full") as failure:
            catch_up(logs, demo_tree)
        assert "free some space" in explained(database, failure.value)
        assert 0 < len(answers(database)) < len(truth(demo_tree))
        assert quarters_are_sums(database)
        connection.execute(f"PRAGMA max_page_count = {10**9}")
        catch_up(logs, demo_tree)
    assert contents(database) == contents(ingest(demo_tree, new_database()))


def test_a_log_that_cannot_be_read_is_named_until_it_can(tmp_path: Path, new_database: NewDatabase) -> None:
    write(main_log(tmp_path), answer("m1"))
    log = write(main_log(tmp_path, TWO), answer("m2", session=TWO))
    database = new_database()
    errors = f"SELECT error FROM log WHERE path = '{log}'"
    with opened(database) as logs:
        log_place = next(found.place for found in logs.search((source(tmp_path),)) if found.place.path == str(log))
        log.unlink()
        assert list(logs.read(log_place)) == [], "vanished"
        assert logs.failures == {}
        log.mkdir()
        assert list(logs.read(log_place)) == []
        assert logs.failures == {str(log): "Is a directory"}
        log.rmdir()
        logs.search((source(tmp_path),))
        assert logs.failures == {}, "gone for good"
        log.mkdir()
        assert list(logs.read(log_place)) == []
        assert query(database, errors) == [("Is a directory",)]
        log.rmdir()
        write(log, answer("m2", session=TWO))
        catch_up(logs, tmp_path)
        assert logs.failures == {}
    assert query(database, errors) == [("",)]
    assert answers(database) == truth(tmp_path)


@pytest.mark.parametrize("most_at_once", [0, 20_000])
def test_news_is_seen_however_many_logs_were_ever_read(
    small_tree: Path, new_database: NewDatabase, monkeypatch: pytest.MonkeyPatch, most_at_once: int
) -> None:
    monkeypatch.setattr(news, "_MOST_AT_ONCE", most_at_once)
    with closing(open_reader(ingest(small_tree, new_database()))) as reader:
        assert not news.has_news(reader, (source(small_tree),))
        with log_paths(small_tree)[-1].open("ab") as log:
            log.write(b"\n")
        assert news.has_news(reader, (source(small_tree),))


@pytest.mark.parametrize("note", ['{"agentType": "Plan"}', "{"])
@pytest.mark.parametrize("most_at_once", [0, 20_000])
def test_what_tells_of_an_agent_is_news_once_also_after_its_last_line(
    small_tree: Path, new_database: NewDatabase, monkeypatch: pytest.MonkeyPatch, most_at_once: int, note: str
) -> None:
    monkeypatch.setattr(news, "_MOST_AT_ONCE", most_at_once)
    database, log = new_database(), agent_log(small_tree, "aside_question-1")
    os.utime(log, (0, 0))
    ingest(small_tree, database)
    log.with_suffix(".meta.json").write_text(note)
    with closing(open_reader(database)) as reader:
        assert news.has_news(reader, (source(small_tree),))
        ingest(small_tree, database)
        assert not news.has_news(reader, (source(small_tree),))
    types = [("Explore",), *([("Plan",)] if note != "{" else [])]
    assert query(database, _TYPES) == types


def test_a_half_written_note_is_read_again_once_it_is_whole(small_tree: Path, new_database: NewDatabase) -> None:
    database, note = new_database(), agent_log(small_tree, "aside_question-1").with_suffix(".meta.json")
    for text in ('{"agentType": "Pl', '{"agentType": "Plan"}'):
        note.write_text(text)
        ingest(small_tree, database)
    assert query(database, _TYPES) == [("Explore",), ("Plan",)]
