"""Reads and parses what is new in each log, and remembers how far it has come."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import partial

from tokentui.batch import AgentLink, Batch
from tokentui.records import Cursor, LogPlace
from tokentui.store.write import Addition, Store, StoredLog
from tokentui.transcripts.agent_note import link_in_note, read_note
from tokentui.transcripts.decode import decode_block
from tokentui.transcripts.found_logs import FoundLog, found_log, log_files
from tokentui.transcripts.parse import parse_lines
from tokentui.transcripts.read import BLOCK_BYTES, REST_NS, Stretch, read_stretch
from tokentui.transcripts.recall import ends_in_copy, sidechain_roots
from tokentui.transcripts.sources import Source
from tokentui.transcripts.writer import LogMemory


@dataclass(slots=True)
class KnownLog:
    """A log that was read in this run, and how far; where the store says otherwise, the store is right."""

    place: LogPlace
    cursor: Cursor
    size_bytes: int
    modified_ns: int
    """0 where more is left to read."""
    memory: LogMemory
    has_note: bool
    """Whether there was an agent's note (`.meta.json`) beside it."""
    link: AgentLink | None = None
    """What the note said when it was last read in this run."""

    def has_moved(self) -> bool:
        """Whether the file has changed since it was read."""
        try:
            status = os.stat(self.place.path)  # noqa: PTH116
        except OSError:
            return False
        return (status.st_mtime_ns, status.st_size) != (self.modified_ns, self.size_bytes)


@dataclass(slots=True)
class Logs:
    """All logs that the store or this run knows, by path."""

    store: Store
    block_bytes: int = BLOCK_BYTES
    """How much of a log is read and parsed at a time."""
    now_ns: Callable[[], int] = time.time_ns
    known: dict[str, KnownLog] = field(default_factory=dict)
    errors: list[tuple[str, str]] = field(default_factory=list)
    """Directories that could not be listed in the last search: (path, reason)."""
    failures: dict[str, str] = field(default_factory=dict)
    """Logs that could not be read, and why; those that are gone only until the next search."""
    _stored: dict[str, StoredLog] = field(default_factory=dict)

    def remember_stored(self) -> None:
        """Load from the store how far each log has been read."""
        self._stored = self.store.stored_logs()

    def start_over(self) -> None:
        """Go back to the stored offsets, after a transaction that failed."""
        self.known.clear()
        self.remember_stored()

    def search(self, sources: tuple[Source, ...]) -> list[FoundLog]:
        """Logs whose size, modification time or note has changed since they were read, the newest first."""
        self.errors.clear()
        found = [
            found_log(path, status, has_note, source)
            for source in sources
            for path, status, has_note in log_files(source, self.errors)
            if self._is_news(path, status, has_note)
        ]
        for path in [path for path in self.failures if not os.path.lexists(path)]:
            del self.failures[path]
        return sorted(found, key=lambda log: log.modified_ns, reverse=True)

    def count_known(self) -> int:
        """How many logs the store and this run know."""
        return len(self._stored.keys() | self.known.keys())

    def offset(self, path: str) -> int:
        """How far a log has been read, in bytes."""
        log = self.known.get(path) or self._stored.get(path)
        return log.cursor.offset if log is not None else 0

    def _is_news(self, path: str, status: os.stat_result, has_note: bool) -> bool:
        known = self.known.get(path) or self._stored.get(path)
        if known is None or known.has_note != has_note:
            return True
        return (known.modified_ns, known.size_bytes) != (status.st_mtime_ns, status.st_size)

    def read(self, place: LogPlace) -> Iterator[Addition]:
        """Read and parse what a log holds beyond its known offset, a block at a time; nothing if it cannot be read."""
        log = self._met(place)
        more = True
        while more:
            try:
                stretch = read_stretch(place.path, log.cursor, self.block_bytes, now_ns=self.now_ns())
            except OSError as error:
                self._fail(place, error)
                return
            yield self._addition(log, stretch)
            more = stretch.more
        self._succeed(place)

    def _met(self, place: LogPlace) -> KnownLog:
        log = self.known.get(place.path)
        if log is None:
            stored = self._stored.get(place.path, StoredLog())
            earlier = stored.cursor.offset
            is_copy = bool(place.agent_id and earlier) and ends_in_copy(place.path, earlier)
            recall = partial(sidechain_roots, place.path, earlier)
            memory = LogMemory(stored.last_at_ms, is_copy=is_copy, recall=recall)
            log = KnownLog(place, stored.cursor, stored.size_bytes, stored.modified_ns, memory, stored.has_note)
            self.known[place.path] = log
        return log

    def _addition(self, log: KnownLog, stretch: Stretch) -> Addition:
        """Parse a stretch and move the log's cursor to its end."""
        if stretch.restarted:
            log.memory = LogMemory()
        log.memory.fallback_at_ms = stretch.modified_ns // 1_000_000
        batch = parse_lines(decode_block(stretch.block, stretch.start.offset), log.place, log.memory)
        self._add_note(log, batch, stretch.modified_ns)
        log.cursor = stretch.end
        log.size_bytes = stretch.size_bytes
        log.modified_ns = 0 if stretch.more or stretch.waits else stretch.modified_ns
        return Addition(
            batch, stretch.start, stretch.end, log.size_bytes, log.modified_ns, log.has_note, stretch.restarted
        )

    def _add_note(self, log: KnownLog, batch: Batch, modified_ns: int) -> None:
        """Add what the note beside an agent's log says, if that is new; the note may be written after the log."""
        note = read_note(log.place)
        link = link_in_note(log.place, note) if note is not None else None
        # A damaged note may only be half written: while its log is new it counts as not there, and is looked at again.
        log.has_note = link is not None or (note is not None and self.now_ns() - modified_ns >= REST_NS)
        session_id = log.place.session_id or next((session for session, _ in batch.agents), "")
        if link is not None and link != log.link and session_id:
            log.link = link
            batch.links.append(link._replace(session_id=session_id))

    def forget(self, paths: Iterable[str]) -> None:
        """Drop this run's cursors of logs that were read but not stored."""
        for path in paths:
            self.known.pop(path, None)

    def _fail(self, place: LogPlace, error: OSError) -> None:
        if isinstance(error, FileNotFoundError):
            self.known.pop(place.path, None)  # its history stays in the store
            return
        reason = error.strerror or str(error)
        if self.failures.get(place.path) != reason:
            self.failures[place.path] = reason
            self.store.note_failure(place, reason)

    def _succeed(self, place: LogPlace) -> None:
        if self.failures.pop(place.path, None) is not None:
            self.store.note_failure(place, "")
