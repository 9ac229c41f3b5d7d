"""The one write path: batches of parsed records and the new offsets of their logs, in one transaction."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

from msgspec import json

from tokentui.batch import AgentFacts, Batch, SessionFacts
from tokentui.pricing.price import Pricer
from tokentui.records import Cursor, LogPlace
from tokentui.store.agent_links import add_links
from tokentui.store.bulk import insert_rows
from tokentui.store.database import is_free
from tokentui.store.names import Names
from tokentui.store.opened import OpenedFile
from tokentui.store.owners import owns_before
from tokentui.store.responses import add_responses
from tokentui.store.tool_calls import add_tool_calls

_NOTHING_KNOWN = SessionFacts()
"""A session of which nothing is known gets no row: its log holds only summaries and snapshots."""


class StoredLog(NamedTuple):
    """What the store knows of a log."""

    cursor: Cursor = Cursor()
    size_bytes: int = 0
    modified_ns: int = 0
    """Size and modification time when it was last read to its end; the time is 0 if more is left to read."""
    last_at_ms: int = 0
    """Time of its newest line."""
    has_note: bool = False
    """Whether there was an agent's note beside it."""


class Addition(NamedTuple):
    """One batch and the stretch of the log it came from."""

    batch: Batch
    start: Cursor
    end: Cursor
    size_bytes: int
    modified_ns: int
    """As in `StoredLog`."""
    has_note: bool
    """Likewise."""
    restarted: bool = False


class Added(NamedTuple):
    """What one call stored."""

    new_responses: int
    anything: bool
    """Whether there is something new to show."""
    outrun: tuple[str, ...]
    """Logs that another process has read further: their batches were not stored, to be read on from its offset."""


class Store:
    """Writes to the database; made, used and closed in one thread."""

    def __init__(self, connection: sqlite3.Connection, price: Pricer, path: Path) -> None:
        self.path = path
        self.file = OpenedFile(path)
        self._connection = connection
        self._price = price
        self._names = Names(connection)

    def add(self, additions: Sequence[Addition]) -> Added:
        """Store batches and the new offsets together: a crash at any point loses and doubles nothing."""
        self._connection.execute("BEGIN IMMEDIATE")
        try:
            current = self._current(additions)
            new_responses = self._write([addition.batch for addition in current])
            self._move_on(current)
            self._connection.execute("COMMIT")
        except BaseException:
            self._names.forget()
            if self._connection.in_transaction:
                self._connection.execute("ROLLBACK")
            raise
        kept = set(map(id, current))
        outrun = tuple(addition.batch.place.path for addition in additions if id(addition) not in kept)
        anything = any(addition.batch.lines or addition.batch.links for addition in current)
        return Added(new_responses, anything, outrun)

    def is_free(self) -> bool:
        """Whether no other process is writing at this moment, so that `add` would not have to wait."""
        return is_free(self.path)

    def stored_logs(self) -> dict[str, StoredLog]:
        """What the store knows of every log, by path."""
        rows = self._connection.execute(
            "SELECT path, offset_bytes, inode, mark, size_bytes, modified_ns, last_at_ms, has_note FROM log"
        )
        return {path: StoredLog(Cursor(*row[:3]), *row[3:]) for path, *row in rows}

    def note_failure(self, place: LogPlace, reason: str) -> None:
        """Remember why a log could not be read; an empty reason clears it."""
        log_id = self._names.log(place)
        self._connection.execute("UPDATE log SET error = ? WHERE id = ? AND error <> ?", (reason, log_id, reason))

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()

    def _current(self, additions: Sequence[Addition]) -> list[Addition]:
        """The additions that begin at the stored offset of their log."""
        paths = json.encode(list({addition.batch.place.path for addition in additions})).decode()
        offsets: dict[str, int] = dict(self._connection.execute(_OFFSETS, (paths,)).fetchall())
        current: list[Addition] = []
        for addition in additions:
            path = addition.batch.place.path
            if addition.restarted or offsets.get(path, 0) == addition.start.offset:
                offsets[path] = addition.end.offset
                current.append(addition)
        return current

    def _move_on(self, additions: Sequence[Addition]) -> None:
        restarted = [(self._names.log(addition.batch.place),) for addition in additions if addition.restarted]
        self._connection.executemany(_START_LOG_AGAIN, restarted)
        rows = [_log_row(addition, self._names.source(addition.batch.place.source)) for addition in additions]
        insert_rows(self._connection, _INTO_LOG, rows, _MOVE_LOG_ON)

    def _write(self, batches: Sequence[Batch]) -> int:
        """Write everything in the batches; how many responses are new."""
        self._write_names(batches)
        responses = (response for batch in batches for response in batch.responses)
        new_responses = add_responses(self._connection, self._names, self._price, responses)
        add_tool_calls(self._connection, self._names, batches)
        self._write_events(batches)
        add_links(self._connection, self._names, batches)
        return new_responses

    def _write_names(self, batches: Sequence[Batch]) -> None:
        """Write sessions and agents, each once, with everything that the batches say about it."""
        sessions: dict[str, SessionFacts] = {}
        agents: dict[tuple[str, str], AgentFacts] = {}
        for batch in batches:
            self._names.log(batch.place)
            for session_id, session in batch.sessions.items():
                known = sessions.get(session_id)
                sessions[session_id] = known.joined(session) if known else session
            for key, agent in batch.agents.items():
                met = agents.get(key)
                agents[key] = met.joined(agent) if met else agent
        self._names.sessions({key: session for key, session in sessions.items() if session != _NOTHING_KNOWN})
        self._names.agents(agents)

    def _write_events(self, batches: Iterable[Batch]) -> None:
        rows = [
            (event.event_id, self._names.agent_row(event.session_id, event.agent_id, event.at_ms), event.kind,
             event.at_ms, event.detail, event.owner_rank, self._names.log(batch.place))
            for batch in batches for event in batch.events
        ]  # fmt: skip
        insert_rows(self._connection, _INTO_EVENT, rows, _UPSERT_EVENT)


_OFFSETS = "SELECT log.path, offset_bytes FROM json_each(?) AS wanted JOIN log ON log.path = wanted.value"
_START_LOG_AGAIN = """
UPDATE log SET lines = 0, skipped_lines = 0, skipped_first_offset = NULL, skipped_reason = '', restarts = restarts + 1
WHERE id = ?
"""

_INTO_LOG = """
INSERT INTO log (path, source_id, offset_bytes, inode, mark, size_bytes, modified_ns, has_note, last_at_ms, lines,
                 skipped_lines, skipped_first_offset, skipped_reason)
"""
_MOVE_LOG_ON = """
ON CONFLICT (path) DO UPDATE SET
    offset_bytes = excluded.offset_bytes, inode = excluded.inode, mark = excluded.mark,
    size_bytes = excluded.size_bytes, modified_ns = excluded.modified_ns, has_note = excluded.has_note, error = '',
    last_at_ms = max(last_at_ms, excluded.last_at_ms), lines = lines + excluded.lines,
    skipped_lines = skipped_lines + excluded.skipped_lines,
    skipped_first_offset = coalesce(skipped_first_offset, excluded.skipped_first_offset),
    skipped_reason = CASE WHEN skipped_reason = '' THEN excluded.skipped_reason ELSE skipped_reason END
"""


def _log_row(addition: Addition, source_id: int) -> tuple[object, ...]:
    batch, end = addition.batch, addition.end
    return (
        batch.place.path, source_id, end.offset, end.inode, end.mark, addition.size_bytes, addition.modified_ns,
        addition.has_note, batch.last_at_ms or 0, batch.lines,
        batch.skipped_lines, batch.skipped_first_offset, batch.skipped_reason,
    )  # fmt: skip


_INTO_EVENT = "INSERT INTO event (event_id, agent_id, kind, at_ms, detail, owner_rank, log_id)"
_UPSERT_EVENT = f"""
ON CONFLICT (event_id) DO UPDATE SET
    agent_id = excluded.agent_id, kind = excluded.kind, at_ms = excluded.at_ms, detail = excluded.detail,
    owner_rank = excluded.owner_rank, log_id = excluded.log_id
WHERE {owns_before("event")}
"""
