"""Lines to records: one pass over the lines of a log, never raising, every bad line counted."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from tokentui.batch import Batch, LogPlace
from tokentui.counting import Response, settle
from tokentui.transcripts import happenings, usage
from tokentui.transcripts.wire import BadLineError, Decoded, Line
from tokentui.transcripts.writer import Writer, Writers, line_time_ms


@dataclass(slots=True)
class LogMemory:
    """What must be remembered of one log between two stretches of it."""

    last_at_ms: int = 0
    """Newest line so far: stands in where a line has no readable time."""
    fallback_at_ms: int = 0
    """Stands in before any line had a time: when the file was written."""
    sidechain_roots: dict[str, str] = field(default_factory=dict)
    """Old logs hold sub-agents inline: each of their records, to the record that began the agent."""


def parse_lines(lines: Iterable[tuple[int, Decoded]], place: LogPlace, memory: LogMemory) -> Batch:
    """Read decoded lines of one log, each with its offset, into a batch of records."""
    batch = Batch(place)
    writers = Writers(batch, memory.sidechain_roots)
    for offset, line in lines:
        batch.lines += 1
        if isinstance(line, Line):
            writer = writers.of(line)
            _date(line, offset, writer, memory)
            _read_line(line, writer, batch)
        elif line is not None:
            _skip(batch, offset, line)
    batch.responses = _responses(writers.conclude())
    batch.last_at_ms = memory.last_at_ms or None
    return batch


def _date(line: Line, offset: int, writer: Writer, memory: LogMemory) -> None:
    """Move the writer on to a line. One without a readable time has that of the newest before it."""
    at_ms = line_time_ms(line.timestamp)
    if at_ms is None:
        at_ms = memory.last_at_ms or memory.fallback_at_ms
    elif at_ms > memory.last_at_ms:
        memory.last_at_ms = at_ms
    writer.move_to(line, offset, at_ms, memory.last_at_ms)


_Reader = Callable[[Line, Writer, Batch], None]
_READERS: dict[str | None, _Reader] = {
    "assistant": happenings.read_assistant,
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


def _read_line(line: Line, writer: Writer, batch: Batch) -> None:
    read = _READERS.get(line.type)
    if read is None:
        return
    read(line, writer, batch)
    if line.type == "assistant":
        try:
            usage.see(line, writer)
        except BadLineError as bad:
            _skip(batch, writer.log_offset, bad)


def _skip(batch: Batch, offset: int, bad: BadLineError) -> None:
    batch.skipped_lines += 1
    if batch.skipped_first_offset is None:
        batch.skipped_first_offset, batch.skipped_reason = offset, str(bad)


def _responses(writers: Iterable[Writer]) -> list[Response]:
    """What all writers saw of responses, one for each."""
    by_message: dict[str, list[Response]] = {}
    for writer in writers:
        for (message_id, request_id), seen in writer.sightings.items():
            response = usage.response_of(message_id, request_id, seen, writer)
            by_message.setdefault(message_id, []).append(response)
    return [one for found in by_message.values() for one in (settle(found) if len(found) > 1 else found)]
