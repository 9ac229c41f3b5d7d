"""The sync thread: when it runs, what it says, and that it ends."""

from __future__ import annotations

import queue
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

from tests.kit.canned import NOW
from tests.kit.fakes import CannedSync
from tokentui.ui.background.syncing import Syncer, SyncPhase, SyncStatus
from tokentui.ui.ports import Synced

PATIENCE_SECONDS = 10
HOUR_SECONDS = 3600.0


@contextmanager
def syncing(sync: CannedSync, every_seconds: float = HOUR_SECONDS) -> Iterator[tuple[Syncer, queue.Queue[SyncStatus]]]:
    said: queue.Queue[SyncStatus] = queue.Queue()
    syncer = Syncer(sync, lambda: NOW, said.put, lambda: None, every_seconds)
    thread = threading.Thread(target=syncer.run)
    thread.start()
    try:
        yield syncer, said
    finally:
        sync.go.set()
        syncer.stop()
        thread.join(PATIENCE_SECONDS)
        assert not thread.is_alive()


def heard(said: queue.Queue[SyncStatus], phase: SyncPhase) -> SyncStatus:
    while True:
        status = said.get(timeout=PATIENCE_SECONDS)
        if status.phase == phase:
            return status


def ready(result: Synced | None = None, last: datetime | None = None) -> CannedSync:
    sync = CannedSync(result or Synced(), last=last)
    sync.go.set()
    return sync


def test_the_first_run_comes_at_once_and_asks_what_is_due() -> None:
    sync = ready()
    with syncing(sync) as (_, said):
        heard(said, "syncing")
        assert heard(said, "idle").synced_at == NOW
        assert sync.runs == [False]


def test_it_runs_again_by_itself() -> None:
    sync = ready()
    with syncing(sync, every_seconds=0.01) as (_, said):
        for _ in range(3):
            heard(said, "syncing")


def test_a_recent_run_of_another_program_is_waited_out() -> None:
    sync = ready(last=NOW - timedelta(minutes=5))
    with syncing(sync) as (syncer, said):
        assert heard(said, "idle").synced_at == sync.last
        assert sync.runs == []
        syncer.hurry()
        heard(said, "syncing")
        assert heard(said, "idle").synced_at == NOW
        assert sync.runs == [True]


def test_a_wish_during_a_run_starts_no_second_one() -> None:
    sync = CannedSync()
    with syncing(sync) as (syncer, said):
        heard(said, "syncing")
        syncer.hurry()
        sync.go.set()
        heard(said, "idle")
        assert said.empty()
        assert sync.runs == [False]


def test_a_failure_keeps_the_time_of_the_last_good_run() -> None:
    sync = ready(Synced(error="HTTP 500"), NOW - timedelta(hours=2))
    with syncing(sync) as (syncer, said):
        status = heard(said, "failed")
        assert (status.error, status.synced_at) == ("HTTP 500", sync.last)
        sync.result = Synced(too_soon="less than 60 s ago")
        syncer.hurry()
        status = heard(said, "failed")
        assert (status.error, status.too_soon) == ("HTTP 500", "less than 60 s ago")


def test_a_store_that_cannot_be_read_does_not_end_it() -> None:
    class Broken(CannedSync):
        def last_done_at(self) -> datetime | None:
            raise OSError("disk")

    sync = Broken()
    sync.go.set()
    with syncing(sync) as (_, said):
        assert heard(said, "syncing").synced_at is None


def test_of_an_unforeseen_error_only_the_kind_is_told() -> None:
    sync = ready()
    sync.fail = ValueError("sk-ant-admin01-SECRET")
    with syncing(sync) as (_, said):
        assert heard(said, "failed").error == "ValueError in the sync thread; `tokentui sync` may tell more"


def test_stopping_tells_the_run_to_end_and_says_nothing_more() -> None:
    sync = CannedSync()
    with syncing(sync) as (syncer, said):
        heard(said, "syncing")
        syncer.stop()
        assert sync.stops[0].is_set()
        sync.go.set()
    assert said.empty()
