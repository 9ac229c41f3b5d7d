"""Catching up: everything that logs hold beyond their stored offsets, newest log first."""

from __future__ import annotations

import threading
import time
from bisect import bisect_right
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping
from contextlib import closing
from itertools import accumulate
from typing import NamedTuple

from tokentui.ingest.logs import Logs
from tokentui.records import LogPlace
from tokentui.store.write import Added, Addition
from tokentui.transcripts.places import FoundLog, Source, log_files

BATCH_BYTES = 3 * 1024 * 1024
"""How much is stored in one transaction; small enough for the live view to get a word in."""
MOST_BATCH_BYTES = 4 * 1024 * 1024
"""How much is gathered at most while another process writes: reading on takes less time than waiting for one's turn."""
LIVE_BATCH_BYTES = 2 * 1024 * 1024
"""The same for logs that grow while they are followed: however far reading lags behind, it takes no more memory."""
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


class Told(NamedTuple):
    """What reading came to: in one transaction, or so far."""

    bytes_read: int
    responses_added: int
    newest_left_ns: int
    """Modification time of the newest log that is still to be read; 0 when none is left."""


Apart = Callable[[list[FoundLog]], Iterator[Told]]
"""Reads logs outside this thread, and tells how far it is in all."""


def catch_up(
    logs: Logs,
    sources: tuple[Source, ...],
    stop: threading.Event,
    on_progress: Callable[[Progress], None] = lambda _: None,
    apart: Apart | None = None,
) -> Progress:
    """Read all that is new in all logs, then return; `stop` ends it early, between two transactions."""
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
    """The same in short steps, so that a caller can do other things in between.

    With `apart`, a large history is read there; what that leaves, for whatever reason, is read here. So are the
    first few logs that were modified since `at_once_ns`: they would wait for other processes to start.
    """
    began = time.monotonic()
    found = logs.search(sources)
    starts = {log.path: _offset(logs, log) for log in found}
    total = sum(log.size_bytes - starts[log.path] for log in found)
    oldest_first_ns = [log.modified_ns for log in reversed(found)]
    read = added = 0

    def so_far(told: Told) -> Progress:
        left = bisect_right(oldest_first_ns, told.newest_left_ns)
        seconds = time.monotonic() - began
        bytes_read = min(told.bytes_read, total)
        return Progress(len(found) - left, total, bytes_read, told.responses_added, told.newest_left_ns, seconds)

    left = found
    if apart is not None and (total >= WORTH_IT_BYTES or len(found) >= WORTH_IT_LOGS):
        first = _few_since(found, starts, at_once_ns)
        rest = found[len(first) :]
        rest_ns = rest[0].modified_ns if rest else 0
        for told in reading(logs, first):
            read, added = read + told.bytes_read, added + told.responses_added
            yield so_far(Told(read, added, told.newest_left_ns or rest_ns))
        read_here, added_here = read, added
        for told in apart(rest) if rest else ():
            read, added = read_here + told.bytes_read, added_here + told.responses_added
            yield so_far(Told(read, added, told.newest_left_ns))
        logs.remember_stored()
        left = logs.search(sources)
    for told in reading(logs, left):
        read, added = read + told.bytes_read, added + told.responses_added
        yield so_far(Told(read, added, told.newest_left_ns))
    yield so_far(Told(total, added, 0))


def is_worth_it(sources: tuple[Source, ...]) -> bool:
    """Whether logs of which none was read yet are worth other processes; looks at no more of them than it must."""
    found = (status.st_size for source in sources for _, status, _ in log_files(source, []))
    sums = enumerate(accumulate(found), 1)
    return any(total >= WORTH_IT_BYTES or count >= WORTH_IT_LOGS for count, total in sums)


def _few_since(found: list[FoundLog], starts: Mapping[str, int], since_ns: int | None) -> list[FoundLog]:
    """The newest logs, back to a moment; fewer where they hold much."""
    if since_ns is None:
        return []
    few, news_bytes = [], 0
    for log in found:
        news_bytes += log.size_bytes - starts[log.path]
        if log.modified_ns < since_ns or news_bytes > AT_ONCE_BYTES:
            break
        few.append(log)
    return few


def reading(logs: Logs, found: list[FoundLog]) -> Iterator[Told]:
    """Read logs into the store; tells of each transaction."""
    while found:
        outrun: set[str] = set()
        for additions, newest_left_ns in _in_batches(logs, found):
            stored = store(logs, additions)
            outrun.update(stored.outrun)
            read = sum(addition.end.offset - addition.start.offset for addition in additions)
            yield Told(read, stored.new_responses, newest_left_ns)
        found = [log for log in found if log.path in outrun]


def _in_batches(logs: Logs, found: list[FoundLog]) -> Iterator[tuple[list[Addition], int]]:
    """What the logs hold, a batch for each transaction: (additions, when the newest log that is left was modified)."""
    pending: list[Addition] = []
    pending_bytes = 0
    for log in found:
        for addition in logs.read(log.place):
            # Not before there is more to come: the last batch of today's logs has to say that none of them is left.
            if _is_full(pending_bytes, logs):
                yield pending, log.modified_ns
                pending, pending_bytes = [], 0
            pending.append(addition)
            pending_bytes += addition.end.offset - addition.start.offset
    if pending:
        yield pending, 0


def _is_full(pending_bytes: int, logs: Logs) -> bool:
    return pending_bytes >= BATCH_BYTES and (pending_bytes >= MOST_BATCH_BYTES or logs.store.is_free())


def store(logs: Logs, additions: list[Addition]) -> Added:
    """Store additions. Those that could not be stored are read again: from the stored offset, which another
    process may have moved on meanwhile.
    """
    if not additions:
        return Added(0, False, ())
    try:
        added = logs.store.add(additions)
    except BaseException:
        logs.forget(addition.batch.place.path for addition in additions)
        raise
    if added.outrun:
        logs.forget(added.outrun)
        logs.remember_stored()
    return added


def read_now(logs: Logs, places: Iterable[LogPlace]) -> bool:
    """Read and store what a few logs hold, in transactions of bounded size; whether there was anything to show."""
    pending: list[Addition] = []
    pending_bytes, is_anything = 0, False
    for addition in (addition for place in places for addition in logs.read(place)):
        if addition.batch.lines or addition.batch.links or addition.restarted:
            pending.append(addition)
            pending_bytes += addition.end.offset - addition.start.offset
        if pending_bytes >= LIVE_BATCH_BYTES:
            is_anything |= store(logs, pending).anything
            pending, pending_bytes = [], 0
    return store(logs, pending).anything or is_anything


def _offset(logs: Logs, log: FoundLog) -> int:
    offset = logs.offset(log.path)
    return offset if offset <= log.size_bytes else 0
