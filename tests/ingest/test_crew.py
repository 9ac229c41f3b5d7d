"""Reading with several processes gives what one process gives, also when they end early."""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import closing
from functools import partial
from itertools import takewhile
from pathlib import Path

import pytest

from tests.kit.generated_tree import Expected, write_tree
from tokentui.home import home_in
from tokentui.ingest import batches
from tokentui.ingest import catch_up as catching
from tokentui.ingest.batches import Told
from tokentui.ingest.catch_up import catch_up, catching_up, is_worth_it
from tokentui.ingest.crew import Crew, reading_apart, started_ahead
from tokentui.ingest.logs import Logs
from tokentui.pricing.sources import PriceSources
from tokentui.store.database import open_reader
from tokentui.store.priced import PricedStore, open_priced
from tokentui.transcripts.found_logs import FoundLog, find_logs
from tokentui.transcripts.sources import Source, sources


@pytest.fixture
def tree(tmp_path: Path) -> tuple[tuple[Source, ...], Expected]:
    expected = write_tree(tmp_path / "claude", 40, 4_000_000)
    return sources([tmp_path / "claude"], {}, tmp_path), expected


def crew_for(tmp_path: Path, workers: int = 2) -> Crew:
    return Crew(home_in(tmp_path / "state"), workers)


def stored_totals(database: Path) -> tuple[int, int, int]:
    with closing(open_reader(database)) as connection:
        statement = "SELECT sum(responses), sum(output_tokens), sum(cache_read_tokens) FROM usage_quarter"
        row = connection.execute(statement).fetchone()
    return (row[0] or 0, row[1] or 0, row[2] or 0)


def wanted_totals(expected: Expected) -> tuple[int, int, int]:
    return expected.responses, expected.tokens.output, expected.tokens.cache_read


def caught_up(store: PricedStore, found_in: tuple[Source, ...]) -> Logs:
    logs = Logs(store)
    logs.remember_stored()
    catch_up(logs, found_in, threading.Event())
    return logs


def test_a_crew_stores_what_one_process_would(tmp_path: Path, tree: tuple[tuple[Source, ...], Expected]) -> None:
    (source,), expected = tree
    crew = crew_for(tmp_path)
    told = list(reading_apart(crew, list(find_logs(source))))
    assert stored_totals(crew.home.database) == wanted_totals(expected)
    assert told[-1] == Told(expected.bytes, expected.responses, 0)


def test_workers_that_were_started_ahead_read_it_all_the_same(
    tmp_path: Path, tree: tuple[tuple[Source, ...], Expected]
) -> None:
    (source,), expected = tree
    with started_ahead(crew_for(tmp_path)) as crew:
        assert not crew.home.database.exists()
        told = list(reading_apart(crew, list(find_logs(source))))
    assert stored_totals(crew.home.database) == wanted_totals(expected)
    assert told[-1] == Told(expected.bytes, expected.responses, 0)


def test_where_no_process_can_be_started_all_is_read_here(
    tmp_path: Path, tree: tuple[tuple[Source, ...], Expected], monkeypatch: pytest.MonkeyPatch
) -> None:
    found_in, expected = tree
    monkeypatch.setattr(sys, "executable", str(tmp_path / "no such program"))
    monkeypatch.setattr(catching, "WORTH_IT_BYTES", 1)
    crew = crew_for(tmp_path)
    with closing(open_priced(crew.home.database, PriceSources())) as store:
        logs = Logs(store)
        last = catch_up(logs, found_in, threading.Event(), apart=partial(reading_apart, crew))
    assert last.responses_added == expected.responses
    assert stored_totals(crew.home.database) == wanted_totals(expected)


def test_more_workers_than_logs_leave_some_without_work(
    tmp_path: Path, tree: tuple[tuple[Source, ...], Expected]
) -> None:
    (source,), _ = tree
    with started_ahead(crew_for(tmp_path)) as crew:
        told = list(reading_apart(crew, [log := next(find_logs(source))]))
    assert told[-1].bytes_read == log.size_bytes
    assert [worker.process.returncode for worker in crew.ahead] == [0, -signal.SIGTERM]


def test_workers_that_died_early_leave_everything_to_this_process(
    tmp_path: Path, tree: tuple[tuple[Source, ...], Expected], monkeypatch: pytest.MonkeyPatch
) -> None:
    found_in, expected = tree
    monkeypatch.setattr(catching, "WORTH_IT_BYTES", 0)
    with (
        started_ahead(crew_for(tmp_path)) as crew,
        closing(open_priced(crew.home.database, PriceSources())) as store,
    ):
        for worker in crew.ahead:
            worker.process.kill()
            worker.process.wait()
        logs = Logs(store)
        progress = catch_up(logs, found_in, threading.Event(), apart=partial(reading_apart, crew))
    assert progress.responses_added == expected.responses
    assert stored_totals(crew.home.database) == wanted_totals(expected)


def test_what_a_stopped_crew_left_is_read_afterwards(tmp_path: Path, tree: tuple[tuple[Source, ...], Expected]) -> None:
    found_in, expected = tree
    crew = crew_for(tmp_path)
    with closing(open_priced(crew.home.database, PriceSources())) as store:
        steps = reading_apart(crew, list(find_logs(found_in[0])))
        next(steps)
        steps.close()
        caught_up(store, found_in)
    assert stored_totals(crew.home.database) == wanted_totals(expected)


def test_workers_that_cannot_start_leave_everything_to_this_process(
    tmp_path: Path, tree: tuple[tuple[Source, ...], Expected], monkeypatch: pytest.MonkeyPatch
) -> None:
    found_in, expected = tree
    monkeypatch.setattr(catching, "WORTH_IT_BYTES", 0)
    crew = Crew(home_in(tmp_path / "\0"), 2)
    database = tmp_path / "state" / "tokentui.db"
    with closing(open_priced(database, PriceSources())) as store:
        logs = Logs(store)
        logs.remember_stored()
        progress = catch_up(logs, found_in, threading.Event(), apart=partial(reading_apart, crew))
    assert stored_totals(database) == wanted_totals(expected)
    assert progress.responses_added == expected.responses


@pytest.mark.parametrize("batch_bytes", [batches.BATCH_BYTES, 1], ids=["one batch", "each block fills a batch"])
def test_the_newest_logs_are_read_before_the_others_are_handed_out(
    tmp_path: Path, tree: tuple[tuple[Source, ...], Expected], monkeypatch: pytest.MonkeyPatch, batch_bytes: int
) -> None:
    found_in, expected = tree
    monkeypatch.setattr(catching, "WORTH_IT_BYTES", 0)
    monkeypatch.setattr(batches, "BATCH_BYTES", batch_bytes)
    monkeypatch.setattr(batches, "MOST_BATCH_BYTES", batch_bytes)
    logs_by_age = sorted(find_logs(found_in[0]), key=lambda log: log.place.path)
    for age, log in enumerate(logs_by_age):
        os.utime(log.place.path, (1_000_000 - age, 1_000_000 - age))
    handed_out: list[str] = []

    def apart(found: list[FoundLog]) -> Iterator[Told]:
        handed_out.extend(log.place.path for log in found)
        yield from reading_apart(crew, found)

    crew = crew_for(tmp_path)
    with closing(open_priced(crew.home.database, PriceSources())) as store:
        logs = Logs(store)
        logs.remember_stored()
        steps = catching_up(logs, found_in, apart, 999_997 * 10**9)
        here = list(takewhile(lambda _: not handed_out, steps))
        told = [*here, *steps]
    assert handed_out == [log.place.path for log in logs_by_age[4:]]
    assert here[-1].newest_left_ns == 999_996 * 10**9, "what is left begins with those handed out"
    assert [one.bytes_read for one in told] == sorted(one.bytes_read for one in told)
    assert stored_totals(crew.home.database) == wanted_totals(expected)
    assert told[-1].responses_added == expected.responses


@pytest.mark.parametrize(("size_bytes", "is_large"), [(catching.WORTH_IT_BYTES, True), (1_000, False)])
def test_a_history_is_worth_other_processes_by_its_size(tmp_path: Path, size_bytes: int, is_large: bool) -> None:
    log = tmp_path / "claude" / "projects" / "p" / "s.jsonl"
    log.parent.mkdir(parents=True)
    with log.open("wb") as file:
        file.truncate(size_bytes)
    assert is_worth_it(sources([tmp_path / "claude"], {}, tmp_path)) is is_large
