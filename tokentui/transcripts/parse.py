"""Turns the lines of a log into records, in one pass. It never raises: bad lines are counted."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from tokentui.batch import Batch
from tokentui.counting import Response, settle
from tokentui.records import LogPlace
from tokentui.transcripts import usage
from tokentui.transcripts.decode import BadLineError, Decoded
from tokentui.transcripts.happenings import answers, prompts, system, titles
from tokentui.transcripts.wire import Line
from tokentui.transcripts.writer import LogMemory, Writer, Writers


def parse_lines(lines: Iterable[tuple[int, Decoded]], place: LogPlace, memory: LogMemory) -> Batch:
    """Turn decoded lines of one log, each with its offset, into a batch of records."""
    batch = Batch(place)
    writers = Writers(batch, memory)
    for offset, line in lines:
        batch.lines += 1
        if isinstance(line, Line):
            read = _READERS.get(line.type)
            writer = writers.at(line, offset)
            if read is not None:
                read(line, writer, batch)
        elif line is not None:
            _skip(batch, offset, line)
    batch.responses = _responses(writers.conclude())
    batch.last_at_ms = memory.last_at_ms or None
    return batch


def _read_assistant(line: Line, writer: Writer, batch: Batch) -> None:
    answers.read_assistant(line, writer, batch)
    try:
        usage.see(line, writer)
    except BadLineError as bad:
        _skip(batch, writer.log_offset, bad)


_READERS: dict[str | None, Callable[[Line, Writer, Batch], None]] = {
    "assistant": _read_assistant,
    "user": prompts.read_user,
    "system": system.read_system,
    "progress": system.read_progress,
    "queue-operation": prompts.read_queue_operation,
    "attachment": prompts.read_attachment,
    "ai-title": titles.read_title,
    "custom-title": titles.read_title,
    "agent-name": titles.read_title,
    "fork-context-ref": system.read_fork_reference,
}


def _skip(batch: Batch, offset: int, bad: BadLineError) -> None:
    batch.skipped_lines += 1
    if batch.skipped_first_offset is None:
        batch.skipped_first_offset, batch.skipped_reason = offset, str(bad)


def _responses(writers: Iterable[Writer]) -> list[Response]:
    """The responses in the lines of all writers; what several of them say of one message is settled."""
    by_message: dict[str, list[Response]] = {}
    for writer in writers:
        for logged_ids, seen in writer.sightings.items():
            response = usage.response_of(logged_ids, seen, writer)
            by_message.setdefault(response.message_id, []).append(response)
    return [one for found in by_message.values() for one in (settle(found) if len(found) > 1 else found)]
