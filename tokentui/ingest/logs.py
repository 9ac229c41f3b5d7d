"""The way of one log's new bytes into the store: read, parsed, and handed over in bounded batches."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass, field

from tokentui.batch import LogPlace
from tokentui.store.write import Addition, LogPosition, Store
from tokentui.transcripts.meta import read_agent_meta
from tokentui.transcripts.parse import LogMemory, parse_lines
from tokentui.transcripts.places import FoundLog, Source, find_logs
from tokentui.transcripts.read import Cursor, Stretch, read_stretch


@dataclass(slots=True)
class KnownLog:
    """A log and how far it has been read, in this run's memory; the store holds the truth."""

    place: LogPlace
    position: LogPosition
    modified_ns: int
    memory: LogMemory

    def has_moved(self) -> bool:
        """Whether the file on disk is not as it was when it was read."""
        try:
            status = os.stat(self.place.path)  # noqa: PTH116
        except OSError:
            return False
        return status.st_mtime_ns != self.modified_ns or status.st_size < self.position.offset


@dataclass(slots=True)
class Logs:
    """All logs that were ever met, by path."""

    store: Store
    known: dict[str, KnownLog] = field(default_factory=dict)
    errors: list[tuple[str, str]] = field(default_factory=list)
    """Directories that could not be listed in the last search: (path, reason)."""
    failures: dict[str, str] = field(default_factory=dict)
    """Logs that could not be read, and why."""
    _stored: dict[str, tuple[LogPosition, int, int]] = field(default_factory=dict)

    def remember_stored(self) -> None:
        """Take up the positions that the store holds."""
        self._stored = self.store.positions()

    def start_over(self) -> None:
        """Forget this run's positions: after a failed transaction the store alone knows how far it is."""
        self.known.clear()
        self.remember_stored()

    def search(self, sources: tuple[Source, ...]) -> list[FoundLog]:
        """Logs that hold something new by their directory entry, the newest first."""
        self.errors.clear()
        found = [log for source in sources for log in find_logs(source, self.errors) if self._is_news(log)]
        return sorted(found, key=lambda log: log.modified_ns, reverse=True)

    def count_known(self) -> int:
        """How many logs the store and this run have met."""
        return len(self._stored.keys() | self.known.keys())

    def offset(self, place: LogPlace) -> int:
        """How far a log has been read."""
        if place.path in self.known:
            return self.known[place.path].position.offset
        return self._stored.get(place.path, (LogPosition(), 0, 0))[0].offset

    def _is_news(self, log: FoundLog) -> bool:
        known = self.known.get(log.place.path)
        if known is not None:
            return known.modified_ns != log.modified_ns or known.position.offset > log.size_bytes
        stored = self._stored.get(log.place.path)
        return stored is None or stored[1] != log.modified_ns or stored[0].offset > log.size_bytes

    def read(self, place: LogPlace) -> Iterator[Addition]:
        """What a log holds beyond the known position, in stretches; nothing where it cannot be read."""
        log = self._met(place)
        position = log.position
        while True:
            try:
                modified_ns = os.stat(place.path).st_mtime_ns  # noqa: PTH116
                stretch = read_stretch(place.path, Cursor(*_fields(position)))
            except OSError as error:
                self._fail(place, error)
                return
            if stretch.restarted:
                log.memory.sidechain_roots.clear()
            yield self._addition(log, stretch, modified_ns)
            position = LogPosition(stretch.end.offset, stretch.end.inode, stretch.end.mark)
            log.position, log.modified_ns = position, modified_ns
            if not stretch.more:
                break
        self._succeed(place)

    def _met(self, place: LogPlace) -> KnownLog:
        log = self.known.get(place.path)
        if log is None:
            position, modified_ns, last_at_ms = self._stored.get(place.path, (LogPosition(), 0, 0))
            log = self.known[place.path] = KnownLog(place, position, modified_ns, LogMemory(last_at_ms))
        return log

    def _addition(self, log: KnownLog, stretch: Stretch, modified_ns: int) -> Addition:
        log.memory.fallback_at_ms = modified_ns // 1_000_000
        batch = parse_lines(stretch.lines, log.place, log.memory)
        link = read_agent_meta(log.place)
        if link is not None:
            session_id = link.session_id or next((session for session, _ in batch.agents), "")
            batch.links.append(link._replace(session_id=session_id))
        start = LogPosition(stretch.start.offset, stretch.start.inode, stretch.start.mark)
        end = LogPosition(stretch.end.offset, stretch.end.inode, stretch.end.mark)
        return Addition(batch, start, end, modified_ns, stretch.restarted)

    def outrun(self, path: str) -> None:
        """Another process read this log further: go on from what the store holds."""
        self._stored = self.store.positions()
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


def _fields(position: LogPosition) -> tuple[int, int, str]:
    return position.offset, position.inode, position.mark
