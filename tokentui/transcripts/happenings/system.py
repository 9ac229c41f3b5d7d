"""Reads what Claude Code itself notes: retries, compactions, ends of turns, and which call an agent belongs to."""

from __future__ import annotations

from msgspec import Raw

from tokentui.batch import AgentLink, Batch
from tokentui.transcripts.decode import decode_part
from tokentui.transcripts.fields import identifier
from tokentui.transcripts.happenings.events import note_event, number
from tokentui.transcripts.wire import Line
from tokentui.transcripts.writer import Writer


def read_system(line: Line, writer: Writer, batch: Batch) -> None:
    """Take retries, compactions and ends of turns from a system line."""
    if line.subtype == "api_error":
        error = decode_part(dict[str, Raw], line.error) or {}
        status = decode_part(int, error["status"]) if "status" in error else None
        note_event(line, writer, batch, "api retry", status=status, attempt=number(line.retry_attempt),
               of=number(line.max_retries), wait_ms=number(line.retry_in_ms))  # fmt: skip
    elif line.subtype == "compact_boundary":
        about = line.compact_metadata if isinstance(line.compact_metadata, dict) else {}
        note_event(line, writer, batch, "compaction", trigger=identifier(about.get("trigger")) or None,
               before_tokens=number(about.get("preTokens")), after_tokens=number(about.get("postTokens")),
               duration_ms=number(about.get("durationMs")))  # fmt: skip
    elif line.subtype == "turn_duration":
        note_event(line, writer, batch, "turn end", duration_ms=number(line.duration_ms))
        writer.last_said("done")


def read_progress(line: Line, writer: Writer, batch: Batch) -> None:
    """Take the link of an agent to its call from `agent_progress`; the usage inside is a copy and is never counted."""
    progress = line.data
    if progress is None or progress.type != "agent_progress":
        return
    agent_id, call_id = identifier(progress.agent_id), identifier(line.parent_tool_use_id)
    link = AgentLink(writer.owner.session_id, agent_id, call_id, "progress", 3)
    if agent_id and call_id and link not in batch.links[-4:]:
        batch.links.append(link)


def read_fork_reference(line: Line, writer: Writer, batch: Batch) -> None:
    """Take the link of a forked sub-agent from the first line of its log."""
    session_id = identifier(line.parent_session_id) or writer.owner.session_id
    agent_id = writer.owner.agent_id
    if agent_id:
        batch.links.append(AgentLink(session_id, agent_id, "", "folder", 6, is_fork=True))
