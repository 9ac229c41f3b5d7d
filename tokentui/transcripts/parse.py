"""Lines to records: one pass over the lines of a log, never raising, every bad line counted."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from tokentui.batch import Batch, LogPlace
from tokentui.counting import Response, settle
from tokentui.transcripts import happenings, usage
from tokentui.transcripts.wire import BadLineError, Line, decode_line
from tokentui.transcripts.writer import Writer, line_time_ms, writer_of


@dataclass(slots=True)
class LogMemory:
    """What must be remembered of one log between two stretches of it."""

    last_at_ms: int = 0
    """Newest line so far: stands in where a line has no readable time."""
    fallback_at_ms: int = 0
    """Stands in before any line had a time: when the file was written."""
    sidechain_roots: dict[str, str] = field(default_factory=dict)
    """Old logs hold sub-agents inline: each of their records, to the record that began the agent."""


def parse_lines(lines: Iterable[tuple[int, bytes | None]], place: LogPlace, memory: LogMemory) -> Batch:
    """Parse (offset, line) pairs of one log into a batch of records."""
    batch = Batch(place)
    sightings: dict[str, list[Response]] = {}
    for offset, raw in lines:
        batch.lines += 1
        try:
            line = _decode(raw)
        except BadLineError as bad:
            _skip(batch, offset, str(bad))
            continue
        if line is not None:
            _read_line(line, offset, batch, sightings, memory)
    for found in sightings.values():
        batch.responses += settle(found) if len(found) > 1 else found
    batch.last_at_ms = memory.last_at_ms or None
    return batch


def _decode(raw: bytes | None) -> Line | None:
    if raw is None:
        raise BadLineError("longer than 64 MiB")
    return None if not raw or raw.isspace() else decode_line(raw)


def _skip(batch: Batch, offset: int, reason: str) -> None:
    batch.skipped_lines += 1
    if batch.skipped_first_offset is None:
        batch.skipped_first_offset, batch.skipped_reason = offset, reason


_Reader = Callable[[Line, Writer, Batch], None]
_READERS: dict[str, _Reader] = {
    "user": happenings.read_user,
    "system": happenings.read_system,
    "progress": happenings.read_progress,
    "queue-operation": happenings.read_queue_operation,
    "attachment": happenings.read_attachment,
    "ai-title": happenings.read_title,
    "custom-title": happenings.read_title,
    "agent-name": happenings.read_title,
    "fork-context-ref": happenings.read_fork_reference,
}


def _read_line(line: Line, offset: int, batch: Batch, sightings: dict[str, list[Response]], memory: LogMemory) -> None:
    kind = line.type if isinstance(line.type, str) else ""
    at_ms = line_time_ms(line.timestamp)
    if at_ms is not None:
        memory.last_at_ms = max(memory.last_at_ms, at_ms)
    else:
        at_ms = memory.last_at_ms or memory.fallback_at_ms
    writer = writer_of(line, offset, at_ms, memory.last_at_ms, batch, memory.sidechain_roots)
    if kind == "assistant":
        happenings.read_assistant(line, writer, batch)
        try:
            response = usage.response_of(line, writer)
        except BadLineError as bad:
            _skip(batch, offset, str(bad))
            return
        if response is not None:
            sightings.setdefault(response.message_id, []).append(response)
    elif kind in _READERS:
        _READERS[kind](line, writer, batch)
