"""Following logs for as long as the program runs: what is noticed comes first, history in between."""

from __future__ import annotations

import os
import sqlite3
import threading
import time
from collections.abc import Callable, Generator, Iterable
from dataclasses import dataclass
from pathlib import Path

from tokentui.ingest.batches import read_now
from tokentui.ingest.catch_up import Apart, Progress, catching_up
from tokentui.ingest.logs import Logs
from tokentui.ingest.report import IngestProgress, IngestReport, SourceState
from tokentui.records import LogPlace
from tokentui.store.database import StoreError, explained
from tokentui.store.write import Store
from tokentui.transcripts.notice import Notice
from tokentui.transcripts.places import Source, find_logs, is_directory, is_log_name, is_note_name, log_of, place_of

RESTAT_SECONDS = 2.0
"""How often logs of the last hour are looked at, whether or not anything was noticed."""
POLL_SECONDS = 0.5
"""The same where the file system gives no word of changes."""
SEARCH_SECONDS = 30.0
"""How often all directories are searched for what slipped through; less often where that takes long."""
SEARCH_SHARE = 1 / 2000
"""Share of the time that searching may take."""
RESTAT_SHARE = 1 / 1000
"""The same for looking at recent logs."""
HISTORY_SHOWN_SECONDS = 0.5
"""How often the screen is told that history has grown: asking again costs time that reading needs."""
RESTS = 5
"""How many times as long as reading took the rest after it is: many lines at once cost less than each by itself."""
LONGEST_REST_SECONDS = 0.08
RETRY_SECONDS = 2.0
REPORT_SECONDS = 0.1
_RECENT_NS = 3600 * 10**9


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What following needs from outside."""

    open_store: Callable[[Callable[[int, int], None]], Store]
    """Told (done, in all) while costs are priced anew."""
    find_sources: Callable[[], tuple[Source, ...]]
    today_started_at: Callable[[], float]
    """Epoch seconds of the last midnight in the user's time zone."""
    has_new_rates: Callable[[], bool] = lambda: False
    """Whether costs stand on other rates than those that hold now: then the store is opened anew."""
    apart: Apart | None = None
    """Reads a large history in other processes, so that the screen keeps its own."""
    tidy: Callable[[], None] = lambda: None
    """Called with each search: what else a program that runs on has to see to now and then."""
    restat_seconds: float = RESTAT_SECONDS
    search_seconds: float = SEARCH_SECONDS
    retry_seconds: float = RETRY_SECONDS


class Follow:
    """Reads logs until told to stop; made and run in one thread.

    Once `history_stopped` is set, from whatever thread, old logs are left unread; what changes is still followed.
    """

    def __init__(self, surroundings: Surroundings, history_stopped: threading.Event) -> None:
        self._surroundings = surroundings
        self._history_stopped = history_stopped

    def run(
        self, stop: threading.Event, on_report: Callable[[IngestReport], None], on_change: Callable[[], None]
    ) -> None:
        """Catch up, then follow, until `stop` is set. A database that cannot be used is said so, and tried again."""
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
        """Until `stop` is set or rates change. Opening the store prices everything anew where it has to be."""

        def on_repricing(done: int, in_all: int) -> None:
            progress = IngestProgress("re-pricing", responses_repriced=done, responses_to_reprice=in_all)
            on_report(IngestReport(progress, (), ()))

        store = self._surroundings.open_store(on_repricing)
        on_change()
        try:
            following = _Following(self._surroundings, Logs(store), self._history_stopped, on_report, on_change)
            following.run(stop)
        finally:
            store.close()


class _Following:
    """One run: the logs, the watcher, and when what is due."""

    def __init__(
        self,
        surroundings: Surroundings,
        logs: Logs,
        history_stopped: threading.Event,
        on_report: Callable[[IngestReport], None],
        on_change: Callable[[], None],
    ) -> None:
        self._surroundings, self._logs = surroundings, logs
        self._history_stopped, self._on_report, self._on_change = history_stopped, on_report, on_change
        self._sources: tuple[Source, ...] = ()
        self._watched: tuple[Path, ...] = ()
        self._ever_there: set[Path] = set()
        self._notice = Notice(())
        self._history: Generator[Progress, None, None] | None = None
        self._progress = IngestProgress("starting")
        self._failure = ""
        self._are_rates_stale = False
        self._reported: IngestReport | None = None
        self._restat_at = self._search_at = self._report_at = self._history_shown_at = 0.0

    def run(self, stop: threading.Event) -> None:
        self._logs.remember_stored()
        try:
            while not (stop.is_set() or self._are_rates_stale):
                try:
                    self._step()
                except (sqlite3.Error, OSError) as error:
                    self._recover(error)
                    stop.wait(self._surroundings.retry_seconds)
                self._report()
        finally:
            self._notice.close()
            if self._history is not None:
                self._history.close()

    def _step(self) -> None:
        """Whatever is most urgent: noticed logs, then a stretch of history, then looking around.

        Raises StoreError where the database is no longer in its place.
        """
        self._logs.store.file.check()
        now = time.monotonic()
        if now >= self._search_at or self._notice.has_lost_root:
            self._look_around()
            self._surroundings.tidy()
            self._search_at = time.monotonic() + self._surroundings.search_seconds
        pause = POLL_SECONDS if self._notice.failure else self._surroundings.restat_seconds
        paths = self._notice.take(0 if self._history else max(0.0, min(self._restat_at - now, 0.5)))
        places = self._places(paths)
        if now >= self._restat_at:
            places += self._restat()
            self._restat_at = now + max(pause, (time.monotonic() - now) / RESTAT_SHARE)
            self._are_rates_stale = self._surroundings.has_new_rates()
            if any(map(self._has_come_back, self._sources)):
                self._search_at = 0.0
        if places:
            self._read(places)
        if self._history is not None:
            self._step_history(self._history)
        if places or self._history is None or self._progress.bytes_read:
            self._failure = ""  # not before something was stored, or nothing was left to be: it may well fail again

    def _read(self, places: list[LogPlace]) -> None:
        """Take up what is new in some logs; lines that come meanwhile wait for each other."""
        began = time.monotonic()
        if read_now(self._logs, places):
            self._on_change()
        if self._history is None:
            time.sleep(min(RESTS * (time.monotonic() - began), LONGEST_REST_SECONDS))

    def _look_around(self) -> None:
        """Find the sources again, watch those that are new, and begin to catch up on all that is unread."""
        self._sources = self._surroundings.find_sources()
        roots = tuple(source.root for source in self._sources if is_directory(source.root))
        if roots != self._watched or self._notice.has_lost_root:
            self._notice.close()
            self._notice, self._watched = Notice(roots), roots
            self._ever_there.update(roots)
        if self._history is None:
            self._history = catching_up(self._logs, self._sources, self._surroundings.apart, self._today_ns())

    def _step_history(self, history: Generator[Progress, None, None]) -> None:
        began = time.monotonic()
        progress = None if self._history_stopped.is_set() else next(history, None)
        if progress is None:
            history.close()
            self._history = None
            stopped = self._history_stopped.is_set() and self._progress.bytes_left > 0
            self._progress = self._progress._replace(phase="stopped" if stopped else "live", eta_seconds=None)
            return
        now = time.monotonic()
        if not progress.bytes_total:  # so this step was the search, and it found nothing
            self._search_at = max(self._search_at, now + (now - began) / SEARCH_SHARE)
        is_today_read = progress.newest_left_ns < self._today_ns()
        has_come_to_today = is_today_read and not self._progress.today_complete
        if not progress.newest_left_ns or has_come_to_today or now >= self._history_shown_at:
            self._history_shown_at = now + HISTORY_SHOWN_SECONDS
            self._on_change()
        self._progress = IngestProgress(
            "catching up" if progress.newest_left_ns else "live",
            self._logs.count_known(),
            progress.bytes_read,
            progress.bytes_total,
            progress.eta_seconds,
            progress.responses_added,
            today_complete=is_today_read,
        )

    def _today_ns(self) -> int:
        return int(self._surroundings.today_started_at() * 1e9)

    def _places(self, paths: Iterable[str]) -> list[LogPlace]:
        """The logs that noticed paths stand for; a new directory stands for all logs in it."""
        places: dict[str, LogPlace] = {}
        for path in paths:
            source = self._source_of(path)
            if source is None:
                continue
            name = path.rpartition(os.sep)[2]
            if is_log_name(name):
                places[path] = place_of(path, str(source.root))
            elif is_note_name(name):
                log = log_of(path)
                places[log] = place_of(log, str(source.root))
            elif os.path.isdir(path):  # noqa: PTH112
                found = find_logs(Source(Path(path), source.config_dir))
                places.update((log.path, place_of(log.path, str(source.root))) for log in found)
        return list(places.values())

    def _source_of(self, path: str) -> Source | None:
        return next((source for source in self._sources if path.startswith(str(source.root) + os.sep)), None)

    def _restat(self) -> list[LogPlace]:
        """Recent logs whose size or time moved without a word from the watcher."""
        since_ns = time.time_ns() - _RECENT_NS
        return [log.place for log in self._logs.known.values() if log.modified_ns > since_ns and log.has_moved()]

    def _has_come_back(self, source: Source) -> bool:
        return source.root in self._ever_there and source.root not in self._watched and is_directory(source.root)

    def _recover(self, error: Exception) -> None:
        """After a failed read or write: what was not stored is read again from the stored offsets."""
        path = self._logs.store.path
        self._failure = explained(path, error)
        self._progress = self._progress._replace(eta_seconds=None)
        if self._history is not None:
            self._history.close()
            self._history = None
        self._search_at = 0.0
        self._logs.start_over()

    def _report(self) -> None:
        now = time.monotonic()
        if now < self._report_at and self._history is not None:
            return
        self._report_at = now + REPORT_SECONDS
        tried = tuple(str(source.root) for source in self._sources)
        report = IngestReport(self._progress, tuple(map(self._state, filter(self._matters, self._sources))), tried)
        if report != self._reported:
            self._reported = report
            self._on_report(report)

    def _matters(self, source: Source) -> bool:
        """Not a usual place that this machine never had."""
        return source.named_by_user or source.root in self._ever_there

    def _state(self, source: Source) -> SourceState:
        name = str(source.root)
        if self._failure:
            return SourceState(name, "failed", self._failure)
        if source.root not in self._watched:
            reason = dict(self._logs.errors).get(name)
            return SourceState(
                name, "gone", f"it cannot be read ({reason})" if reason else "there is no such directory"
            )
        if self._progress.phase == "catching up":
            return SourceState(name, "catching up")
        if self._notice.failure:
            return SourceState(name, "polling", self._notice.failure)
        trouble = len(self._logs.errors) + len(self._logs.failures)
        return SourceState(
            name, "live", f"{trouble} places cannot be read; `tokentui doctor` names them" * bool(trouble)
        )
