"""Following logs for as long as the program runs, whatever becomes of the store and of prices meanwhile."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable

from tokentui.ingest.following import Following
from tokentui.ingest.logs import Logs
from tokentui.ingest.report import IngestProgress, IngestReport, SourceState
from tokentui.ingest.surroundings import Surroundings
from tokentui.store.database import StoreError
from tokentui.transcripts.sources import is_directory


class Follow:
    """Reads logs until told to stop; made and run in one thread.

    Once `history_stopped` is set, by any thread, old logs are left unread; logs that change are still followed.
    """

    def __init__(self, surroundings: Surroundings, history_stopped: threading.Event) -> None:
        self._surroundings = surroundings
        self._history_stopped = history_stopped

    def run(
        self, stop: threading.Event, on_report: Callable[[IngestReport], None], on_change: Callable[[], None]
    ) -> None:
        """Catch up, then follow, until `stop` is set; a database that cannot be used is reported and tried again."""
        while not stop.is_set():
            try:
                self._run_on_these_rates(stop, on_report, on_change)
            except (StoreError, sqlite3.Error) as error:  # another program has locked it for long, or the disk is full
                on_report(self._all_failed(str(error)))
                stop.wait(self._surroundings.retry_seconds)

    def _all_failed(self, reason: str) -> IngestReport:
        tried = self._surroundings.find_sources()
        there = (source for source in tried if source.named_by_user or is_directory(source.root))
        states = tuple(SourceState(str(source.root), "failed", reason) for source in there)
        return IngestReport(IngestProgress("starting"), states, tuple(str(source.root) for source in tried))

    def _run_on_these_rates(
        self, stop: threading.Event, on_report: Callable[[IngestReport], None], on_change: Callable[[], None]
    ) -> None:
        """Follow until `stop` is set or rates change; stored responses get the present rates when the store opens."""

        def on_repricing(done: int, in_all: int) -> None:
            progress = IngestProgress("re-pricing", responses_repriced=done, responses_to_reprice=in_all)
            on_report(IngestReport(progress, (), ()))

        store = self._surroundings.open_store(on_repricing)
        on_change()
        try:
            following = Following(self._surroundings, Logs(store), self._history_stopped, on_report, on_change)
            following.run(stop)
        finally:
            store.close()
