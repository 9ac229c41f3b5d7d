"""Notes an event: something that happened in a session besides responses."""

from __future__ import annotations

from msgspec import json

from tokentui.batch import Batch, Event, EventKind
from tokentui.transcripts.wire import Line
from tokentui.transcripts.writer import Writer, record_id


def note_event(line: Line, writer: Writer, batch: Batch, kind: EventKind, event_id: str = "", **detail: object) -> None:
    """Add an event to the batch; of its details those that are None are left out."""
    known = {name: value for name, value in detail.items() if value is not None}
    batch.events.append(
        Event(
            event_id or record_id(line, writer),
            writer.owner.session_id,
            writer.owner.agent_id,
            kind,
            writer.at_ms,
            json.encode(known).decode(),
            writer.owner.rank,
        )
    )


def number(value: object) -> int | None:
    """A number of the log as a whole one; None for anything else, or beyond what JSON keeps exact."""
    return int(value) if isinstance(value, int | float) and abs(value) < 2**53 else None
