"""Reads what an assistant line says besides usage: what the agent does next, its tool calls, and failures."""

from __future__ import annotations

import re

from tokentui.batch import TURN_ENDS, Batch, ToolCall
from tokentui.text import safe_text
from tokentui.transcripts import wire
from tokentui.transcripts.decode import decode_part
from tokentui.transcripts.fields import digest, identifier, label, title, word
from tokentui.transcripts.happenings.contents import text_of
from tokentui.transcripts.happenings.events import note_event
from tokentui.transcripts.usage import SYNTHETIC
from tokentui.transcripts.wire import Block, Line
from tokentui.transcripts.writer import Writer

_SPAWNING_TOOLS = ("Task", "Agent")
_LIMIT_RESET = re.compile(r"\|(\d{10})\b")


def read_assistant(line: Line, writer: Writer, batch: Batch) -> None:
    """Take the state and the tool calls from an assistant line."""
    message = line.message
    if message is None:
        return
    if message.model == SYNTHETIC:
        writer.last_said("done")
        if line.is_api_error_message is True:
            _read_api_failure(line, writer, batch)
        return
    calls = message.stop_reason == "tool_use"
    for block in message.content if isinstance(message.content, list) else ():
        if block.type == "tool_use":
            calls = True
            batch.tool_calls.append(_tool_call(block, word(message.id), writer))
    if message.stop_reason in TURN_ENDS:
        writer.last_said("done")
    else:
        writer.last_said("tool" if calls else "said")


def _tool_call(block: Block, message_id: str, writer: Writer) -> ToolCall:
    name = word(block.name) or "unnamed"
    prompt, agent_type, task = "", "", ""
    if name in _SPAWNING_TOOLS and (spawn := decode_part(wire.SpawnInput, block.input)):
        prompt = digest(spawn.prompt.encode("utf-8", "replace")) if isinstance(spawn.prompt, str) else ""
        agent_type = label(spawn.subagent_type)
        task = title(spawn.description)
    elif name == "Skill" and (loaded := decode_part(wire.SkillInput, block.input)):
        task = identifier(loaded.skill or loaded.command)[:120]
    call_id = identifier(block.id) or f"{message_id}:{name}:{writer.log_offset}"
    inputs, owner = digest(bytes(block.input)), writer.owner
    return ToolCall(
        call_id, message_id, owner.session_id, owner.agent_id, name, writer.at_ms, inputs, prompt, agent_type, task,
        owner.rank,
    )  # fmt: skip


def _read_api_failure(line: Line, writer: Writer, batch: Batch) -> None:
    """Take the error, or the limit with its reset, from an answer that Claude Code wrote when a request failed."""
    reason = decode_part(str, line.error) or ""
    limits = line.quota_limits if isinstance(line.quota_limits, dict) else {}
    reset = limits.get("resetsAt") or (_reset_in_text(line) if reason in ("rate_limit", "") else None)
    if reason == "rate_limit" or limits or reset:
        kind = limits.get("rateLimitType")
        note_event(
            line, writer, batch, "limit",
            resets_at=reset if isinstance(reset, int) else None,
            limit=identifier(kind) or None,
            status=identifier(limits.get("status")) or None,
        )  # fmt: skip
        return
    status = line.api_error_status if isinstance(line.api_error_status, int) else None
    note_event(line, writer, batch, "api error", error=safe_text(reason or "unknown", 60), status=status)


def _reset_in_text(line: Line) -> int | None:
    """The reset of a limit from the text, where older logs, which have no `error`, tell it: `…reached|1750000000`."""
    found = _LIMIT_RESET.search(text_of(line.message.content)) if line.message else None
    return int(found[1]) if found else None
