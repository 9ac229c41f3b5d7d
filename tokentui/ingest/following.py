"""Following logs by one store: what is noticed is read first, history a stretch at a time in between."""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Callable, Generator
from pathlib import Path

from tokentui.ingest.batches import read_now
from tokentui.ingest.catch_up import Progress, catching_up
from tokentui.ingest.logs import Logs
from tokentui.ingest.noticed import places_of
from tokentui.ingest.report import IngestProgress, IngestReport, SourceState
from tokentui.ingest.surroundings import Surroundings
from tokentui.records import LogPlace
from tokentui.store.database import explained
from tokentui.transcripts.notice import Notice
from tokentui.transcripts.sources import Source, is_directory

POLL_SECONDS = 0.5
"""How often logs of the last hour are looked at where the file system gives no word of changes."""
SEARCH_SHARE = 1 / 2000
"""Share of the time that searching all directories may take."""
RESTAT_SHARE = 1 / 1000
"""Share of the time that looking at recent logs may take."""
HISTORY_SHOWN_SECONDS = 0.5
"""How often the screen is told that history has grown: to ask again costs time that reading needs."""
RESTS = 5
"""How many times as long as reading took the rest after it is: many lines at once cost less than each by itself."""
LONGEST_REST_SECONDS = 0.08
REPORT_SECONDS = 0.1
_RECENT_NS = 3600 * 10**9


class Following:
    """Follows the logs by one store: what is noticed is read first, history a stretch at a time in between."""

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
        """Read until `stop` is set or prices change; a failed read or write is reported and tried again.

        Raises StoreError where the database is no longer in its place.
        """
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
            self._close_history()

    def _step(self) -> None:
        """Do what is due: search all directories, read the logs that have changed, then a stretch of history.

        Raises StoreError where the database is no longer in its place.
        """
        self._logs.store.file.check()
        if time.monotonic() >= self._search_at or self._notice.has_lost_root:
            self._look_around()
        places = self._changed_logs()
        if places:
            self._read(places)
        if self._history is not None:
            self._read_history(self._history)
        if places or self._history is None or self._progress.bytes_read:
            self._failure = ""  # not before something was stored, or nothing was left to be: it may well fail again

    def _changed_logs(self) -> list[LogPlace]:
        """Logs that the watcher noticed, and, when it is time to look, those that it missed; waits for a first one."""
        now = time.monotonic()
        paths = self._notice.take(0 if self._history else max(0.0, min(self._restat_at - now, 0.5)))
        places = places_of(paths, self._sources)
        if now >= self._restat_at:
            places += self._missed_logs()
            self._are_rates_stale = self._surroundings.has_new_rates()
            if any(map(self._has_come_back, self._sources)):
                self._search_at = 0.0
            pause = POLL_SECONDS if self._notice.failure else self._surroundings.restat_seconds
            self._restat_at = now + max(pause, (time.monotonic() - now) / RESTAT_SHARE)
        return places

    def _read(self, places: list[LogPlace]) -> None:
        """Read what is new in these logs, then rest for a moment, so that the next lines are read together."""
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
        self._surroundings.tidy()
        self._search_at = time.monotonic() + self._surroundings.search_seconds

    def _read_history(self, history: Generator[Progress, None, None]) -> None:
        """Read the next stretch, up to one transaction, and tell the screen of it now and then."""
        began = time.monotonic()
        progress = None if self._history_stopped.is_set() else next(history, None)
        if progress is None:
            self._end_history()
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

    def _end_history(self) -> None:
        self._close_history()
        was_stopped = self._history_stopped.is_set() and self._progress.bytes_left > 0
        self._progress = self._progress._replace(phase="stopped" if was_stopped else "live", eta_seconds=None)

    def _close_history(self) -> None:
        if self._history is not None:
            self._history.close()
            self._history = None

    def _today_ns(self) -> int:
        return int(self._surroundings.today_started_at() * 1e9)

    def _missed_logs(self) -> list[LogPlace]:
        """Logs of the last hour that have changed without a word from the watcher."""
        since_ns = time.time_ns() - _RECENT_NS
        return [log.place for log in self._logs.known.values() if log.modified_ns > since_ns and log.has_moved()]

    def _has_come_back(self, source: Source) -> bool:
        return source.root in self._ever_there and source.root not in self._watched and is_directory(source.root)

    def _recover(self, error: Exception) -> None:
        """Have what was not stored read again, from the stored offsets, after a failed read or write."""
        path = self._logs.store.path
        self._failure = explained(path, error)
        self._progress = self._progress._replace(eta_seconds=None)
        self._close_history()
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
        """Whether to show a source: one that the user named, or a usual place that this machine has or had."""
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
