"""Catching up: everything that logs hold beyond their stored offsets, newest log first."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from tokentui.batch import LogPlace
from tokentui.ingest.logs import Logs
from tokentui.store.write import Added, Addition
from tokentui.transcripts.places import FoundLog, Source

BATCH_BYTES = 8 * 1024 * 1024
"""How much is stored in one transaction; small enough for the live view to get a word in."""


@dataclass(frozen=True, slots=True)
class Progress:
    """How far catching up has come."""

    logs_total: int
    logs_read: int
    bytes_total: int
    bytes_read: int
    responses_added: int
    newest_left_ns: int
    """Modification time of the newest log that is still to be read; 0 when none is left."""
    seconds: float

    @property
    def eta_seconds(self) -> float | None:
        """Time left at the pace so far; None before there is a pace."""
        if not self.bytes_read or self.seconds < 0.2:
            return None
        return self.seconds * (self.bytes_total - self.bytes_read) / self.bytes_read


def catch_up(
    logs: Logs,
    sources: tuple[Source, ...],
    stop: threading.Event,
    on_progress: Callable[[Progress], None] = lambda _: None,
) -> Progress:
    """Read all that is new in all logs, then return; `stop` ends it early, between two transactions."""
    last = Progress(0, 0, 0, 0, 0, 0, 0.0)
    for last in catching_up(logs, sources):
        on_progress(last)
        if stop.is_set():
            break
    return last


def catching_up(logs: Logs, sources: tuple[Source, ...]) -> Iterator[Progress]:
    """The same in steps of one transaction each, so that a caller can do other things in between."""
    began = time.monotonic()
    found = logs.search(sources)
    starts = {log.place.path: _offset(logs, log.place, log.size_bytes) for log in found}
    total = sum(log.size_bytes - starts[log.place.path] for log in found)
    read = added = 0
    left = found
    while left:
        outrun: set[str] = set()
        for additions, logs_read, newest_left_ns in _in_batches(logs, left):
            stored = store(logs, additions)
            outrun.update(stored.outrun)
            added += stored.new_responses
            read = min(read + sum(a.end.offset - a.start.offset for a in additions), total)
            seconds = time.monotonic() - began
            yield Progress(len(found), logs_read, total, read, added, newest_left_ns, seconds)
        left = [log for log in left if log.place.path in outrun]
    yield Progress(len(found), len(found), total, total, added, 0, time.monotonic() - began)


def _in_batches(logs: Logs, found: list[FoundLog]) -> Iterator[tuple[list[Addition], int, int]]:
    """What logs hold, by transactions: (additions, logs read, modification time of the newest log left)."""
    pending: list[Addition] = []
    pending_bytes = 0
    for index, log in enumerate(found):
        for addition in logs.read(log.place):
            pending.append(addition)
            pending_bytes += addition.end.offset - addition.start.offset
            if pending_bytes >= BATCH_BYTES:
                yield pending, index, log.modified_ns
                pending, pending_bytes = [], 0
    if pending:
        yield pending, len(found), 0


def store(logs: Logs, additions: list[Addition]) -> Added:
    """Store additions. Those that could not be stored are read again: from the stored offset, which another
    process may have moved on meanwhile.
    """
    if not additions:
        return Added(0, 0, 0, ())
    try:
        added = logs.store.add(additions)
    except BaseException:
        logs.forget(addition.batch.place.path for addition in additions)
        raise
    if added.outrun:
        logs.forget(added.outrun)
        logs.remember_stored()
    return added


def read_now(logs: Logs, places: Iterable[LogPlace]) -> Added:
    """Read and store what a few logs hold, in one transaction."""
    additions = [addition for place in places for addition in logs.read(place)]
    return store(logs, [addition for addition in additions if addition.batch.lines or addition.restarted])


def _offset(logs: Logs, place: LogPlace, size_bytes: int) -> int:
    offset = logs.offset(place)
    return offset if offset <= size_bytes else 0
