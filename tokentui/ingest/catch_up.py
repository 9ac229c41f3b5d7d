"""Catching up: reads everything that logs hold beyond their stored offsets, the newest log first."""

from __future__ import annotations

import threading
import time
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass
from itertools import accumulate
from typing import NamedTuple

from tokentui.ingest.batches import NOTHING_READ, Told, reading
from tokentui.ingest.logs import Logs
from tokentui.transcripts.found_logs import FoundLog, log_files
from tokentui.transcripts.sources import Source

WORTH_IT_BYTES = 48 * 1024 * 1024
"""From here on, starting other processes to read costs less than it saves."""
WORTH_IT_LOGS = 2_000
"""The same for many small logs."""
AT_ONCE_BYTES = 48 * 1024 * 1024
"""How much of the newest logs is read before the others are handed out."""


class Progress(NamedTuple):
    """How far catching up has come."""

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


Apart = Callable[[list[FoundLog]], Iterator[Told]]
"""Reads logs outside this thread, and tells again and again what it has read so far, of all of them."""


def catch_up(
    logs: Logs,
    sources: tuple[Source, ...],
    stop: threading.Event,
    on_progress: Callable[[Progress], None] = lambda _: None,
    apart: Apart | None = None,
) -> Progress:
    """Read all that is new in all logs; `stop` ends it early, between two transactions. How far it came."""
    last = Progress(0, 0, 0, 0, 0, 0.0)
    with closing(catching_up(logs, sources, apart)) as steps:
        for last in steps:
            on_progress(last)
            if stop.is_set():
                break
    return last


def catching_up(
    logs: Logs, sources: tuple[Source, ...], apart: Apart | None = None, at_once_ns: int | None = None
) -> Generator[Progress, None, None]:
    """Catch up in short steps, one for each transaction, so that the caller can do other things in between.

    With `apart`, a large history is read there, but for the newest few logs, those modified since `at_once_ns`:
    they would have to wait for other processes to start. What `apart` leaves unread is read here in the end.
    """
    course = _course_of(logs, sources)
    read = added = 0
    for stage in _stages(logs, sources, course, apart, at_once_ns):
        told = NOTHING_READ
        for told in stage:
            yield course.progress(read + told.bytes_read, added + told.responses_added, told.newest_left_ns)
        read, added = read + told.bytes_read, added + told.responses_added
    yield course.progress(course.total_bytes, added, 0)


@dataclass(frozen=True, slots=True)
class _Course:
    """What there was to read at the start."""

    began: float
    """Monotonic seconds."""
    found: list[FoundLog]
    """Logs with something new, the newest first."""
    unread_bytes: list[int]
    """How much is new in each of them."""
    total_bytes: int
    """How much in all."""

    def progress(self, bytes_read: int, responses_added: int, newest_left_ns: int) -> Progress:
        """How far reading has come, from what was read of all and the newest log that is left."""
        logs_read = bisect_left(self.found, -newest_left_ns, key=lambda log: -log.modified_ns)
        bytes_read, seconds = min(bytes_read, self.total_bytes), time.monotonic() - self.began
        return Progress(logs_read, self.total_bytes, bytes_read, responses_added, newest_left_ns, seconds)


def _course_of(logs: Logs, sources: tuple[Source, ...]) -> _Course:
    began = time.monotonic()
    found = logs.search(sources)
    unread_bytes = [log.size_bytes - _offset(logs, log) for log in found]
    return _Course(began, found, unread_bytes, sum(unread_bytes))


def _stages(
    logs: Logs, sources: tuple[Source, ...], course: _Course, apart: Apart | None, at_once_ns: int | None
) -> Iterator[Iterator[Told]]:
    """The parts in which logs are read, one after another; each tells how far it is in itself."""
    left = course.found
    if apart is not None and (course.total_bytes >= WORTH_IT_BYTES or len(course.found) >= WORTH_IT_LOGS):
        few = _few_since(course, at_once_ns)
        first, rest = course.found[:few], course.found[few:]
        yield _summed(reading(logs, first), rest[0].modified_ns if rest else 0)
        if rest:
            yield apart(rest)
        logs.remember_stored()
        left = logs.search(sources)
    yield _summed(reading(logs, left))


def _summed(transactions: Iterable[Told], next_ns: int = 0) -> Iterator[Told]:
    """What a stage came to so far, after each of its transactions; `next_ns` is the newest log of the next stage."""
    read = added = 0
    for told in transactions:
        read, added = read + told.bytes_read, added + told.responses_added
        yield Told(read, added, told.newest_left_ns or next_ns)


def is_worth_it(sources: tuple[Source, ...]) -> bool:
    """Whether a history of which nothing was read yet is so large that other processes should read it."""
    found = (status.st_size for source in sources for _, status, _ in log_files(source, []))
    sums = enumerate(accumulate(found), 1)
    return any(total >= WORTH_IT_BYTES or count >= WORTH_IT_LOGS for count, total in sums)


def _few_since(course: _Course, since_ns: int | None) -> int:
    """How many of the newest logs were modified since a moment; fewer where they hold much."""
    few = sum(log.modified_ns >= since_ns for log in course.found) if since_ns is not None else 0
    return bisect_right(list(accumulate(course.unread_bytes[:few])), AT_ONCE_BYTES)


def _offset(logs: Logs, log: FoundLog) -> int:
    offset = logs.offset(log.path)
    return offset if offset <= log.size_bytes else 0
