"""Reads logs into the store, in transactions of bounded size."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from tokentui.ingest.logs import Logs
from tokentui.records import LogPlace
from tokentui.store.write import Added, Addition
from tokentui.transcripts.found_logs import FoundLog

BATCH_BYTES = 3 * 1024 * 1024
"""How much is stored in one transaction; small enough for the live view to get a word in."""
MOST_BATCH_BYTES = 4 * 1024 * 1024
"""The same while another process writes: to read on takes less time than to wait for one's turn."""
LIVE_BATCH_BYTES = 2 * 1024 * 1024
"""How much is stored in one transaction of logs that grow while they are followed, however far reading lags behind."""


class Told(NamedTuple):
    """What was read into the store: in one transaction, or so far."""

    bytes_read: int
    responses_added: int
    newest_left_ns: int
    """Modification time of the newest log that is still to be read; 0 when none is left."""


NOTHING_READ = Told(0, 0, 0)


def reading(logs: Logs, found: list[FoundLog]) -> Iterator[Told]:
    """Read logs into the store, and tell of each transaction; where another process was quicker, go on from there."""
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
    """Store additions in one transaction. What could not be stored is read again later, from the stored offset, which
    another process may have moved on meanwhile. Raises what the store raises.
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
    """Read and store what is new in a few logs; True if there is anything new to show."""
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
