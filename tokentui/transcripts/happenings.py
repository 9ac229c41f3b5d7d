"""Reads what lines say besides usage: who is working, prompts, tool calls and results, links, errors, titles."""

from __future__ import annotations

import re

from msgspec import Raw, json

from tokentui.batch import (
    FIRST_PROMPT_RANK,
    TURN_ENDS,
    AgentLink,
    Batch,
    Event,
    EventKind,
    FirstPrompt,
    Title,
    ToolCall,
    ToolResult,
    better_title,
)
from tokentui.text import safe_text
from tokentui.transcripts import wire
from tokentui.transcripts.decode import decode_part
from tokentui.transcripts.fields import digest, identifier, label, title, word
from tokentui.transcripts.usage import SYNTHETIC
from tokentui.transcripts.wire import Block, Line
from tokentui.transcripts.writer import Writer, record_id

_SPAWNING_TOOLS = ("Task", "Agent")
_NOT_FOR_THE_MODEL = ("<local-command-", "<bash-", "Caveat:")
_TASK_ID = re.compile(r"<task-id>([^<]{1,100})</task-id>")
_TASK_CALL = re.compile(r"<tool-use-id>([^<]{1,100})</tool-use-id>")
_TASK_STATUS = re.compile(r"<status>([a-z_]{1,30})</status>")
_LIMIT_RESET = re.compile(r"\|(\d{10})\b")
_TITLE_RANKS = {"custom-title": 5, "agent-name": 4, "ai-title": 3}


def _event(line: Line, writer: Writer, batch: Batch, kind: EventKind, event_id: str = "", **detail: object) -> None:
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
    reason = decode_part(str, line.error) or "unknown"
    limits = line.quota_limits if isinstance(line.quota_limits, dict) else {}
    if reason == "rate_limit" or limits:
        reset = limits.get("resetsAt") or _reset_in_text(line)
        kind = limits.get("rateLimitType")
        _event(
            line, writer, batch, "limit",
            resets_at=reset if isinstance(reset, int) else None,
            limit=identifier(kind) or None,
            status=identifier(limits.get("status")) or None,
        )  # fmt: skip
        return
    status = line.api_error_status if isinstance(line.api_error_status, int) else None
    _event(line, writer, batch, "api error", error=safe_text(reason, 60), status=status)


def _reset_in_text(line: Line) -> int | None:
    """The reset of a limit from the text, where older logs have it: `…limit reached|1750000000`."""
    found = _LIMIT_RESET.search(_text_of(line.message.content)) if line.message else None
    return int(found[1]) if found else None


def read_user(line: Line, writer: Writer, batch: Batch) -> None:
    """Take a prompt or tools' results from a user line, which may also be a note that the model never sees."""
    if line.message is None:
        return
    content = line.message.content
    results = [block for block in content if block.type == "tool_result"] if isinstance(content, list) else None
    if results:
        _read_tool_results(results, line, writer, batch)
        writer.last_said("asked")
        return
    text = _text_of(content)
    if text.startswith("[Request interrupted"):
        writer.last_said("done")
        _event(line, writer, batch, "interrupt")
    elif line.is_compact_summary is True or text.startswith("<local-command-stdout"):
        writer.last_said("done")
    elif line.is_meta is not True and not text.startswith(_NOT_FOR_THE_MODEL):
        _read_prompt(text, line, writer, batch)


def _text_of(content: list[Block] | str | None) -> str:
    if isinstance(content, list):
        texts = (decode_part(str, block.text) for block in content if block.type == "text")
        return "\n".join(text for text in texts if text is not None)
    return content or ""


def _read_tool_results(results: list[Block], line: Line, writer: Writer, batch: Batch) -> None:
    for block in results:
        if call_id := identifier(block.tool_use_id):
            size = len(bytes(block.content))
            batch.tool_results.append(ToolResult(call_id, writer.at_ms, int(block.is_error is True), size))
    result = line.tool_use_result
    if not isinstance(result, wire.SpawnResult) or not (agent_id := identifier(result.agent_id)):
        return
    agent_type = label(result.agent_type)
    call_id = identifier(results[0].tool_use_id)
    status = identifier(result.status)
    batch.links.append(
        AgentLink(writer.owner.session_id, agent_id, call_id, "result", 2, agent_type, status=status)
    )  # fmt: skip


def _read_prompt(text: str, line: Line, writer: Writer, batch: Batch) -> None:
    writer.last_said("asked")
    if text.startswith("<task-notification>"):
        _read_notification(text, line, writer, batch)
    elif writer.owner.agent_id:
        _read_agent_prompt(text, writer)
    elif text:
        source = identifier(line.prompt_source) or "typed"
        _event(line, writer, batch, "prompt", source=source, characters=len(text))
        if not text.startswith("<"):
            _offer_title(text, FIRST_PROMPT_RANK, writer)


def _read_agent_prompt(text: str, writer: Writer) -> None:
    facts = writer.agent
    if not writer.speaks:
        return
    if facts.prompt is None or writer.at_ms < facts.prompt.at_ms:
        fingerprint = digest(text.encode("utf-8", "replace"))
        facts.prompt = FirstPrompt(writer.at_ms, writer.log_offset, fingerprint, title(text))
    if text.strip() == "Warmup":
        facts.background = "warm-up"


def _read_notification(text: str, line: Line, writer: Writer, batch: Batch) -> None:
    """Take the end of a background task, often an agent, from a `<task-notification>`."""
    task, call, status = _TASK_ID.search(text), _TASK_CALL.search(text), _TASK_STATUS.search(text)
    if task is None:
        return
    agent_id, call_id = identifier(task[1]), identifier(call[1]) if call else ""
    ended = status[1] if status else ""
    batch.links.append(AgentLink(writer.owner.session_id, agent_id, call_id, "notification", 4, status=ended))
    event_id = f"task:{agent_id}:{call_id}:{ended}"  # the note is logged when it is queued, and again when given
    _event(line, writer, batch, "background task", event_id, status=ended or None)


def read_system(line: Line, writer: Writer, batch: Batch) -> None:
    """Take retries, compactions and ends of turns from a system line."""
    if line.subtype == "api_error":
        error = decode_part(dict[str, Raw], line.error) or {}
        status = decode_part(int, error["status"]) if "status" in error else None
        _event(line, writer, batch, "api retry", status=status, attempt=_number(line.retry_attempt),
               of=_number(line.max_retries), wait_ms=_number(line.retry_in_ms))  # fmt: skip
    elif line.subtype == "compact_boundary":
        about = line.compact_metadata if isinstance(line.compact_metadata, dict) else {}
        _event(line, writer, batch, "compaction", trigger=identifier(about.get("trigger")) or None,
               before_tokens=_number(about.get("preTokens")), after_tokens=_number(about.get("postTokens")),
               duration_ms=_number(about.get("durationMs")))  # fmt: skip
    elif line.subtype == "turn_duration":
        _event(line, writer, batch, "turn end", duration_ms=_number(line.duration_ms))
        writer.last_said("done")


def _number(value: object) -> int | None:
    return int(value) if isinstance(value, int | float) and abs(value) < 2**53 else None


def read_progress(line: Line, writer: Writer, batch: Batch) -> None:
    """Take the link of an agent to its call from `agent_progress`; the usage inside is a copy and is never counted."""
    progress = line.data
    if progress is None or progress.type != "agent_progress":
        return
    agent_id, call_id = identifier(progress.agent_id), identifier(line.parent_tool_use_id)
    link = AgentLink(writer.owner.session_id, agent_id, call_id, "progress", 3)
    if agent_id and call_id and link not in batch.links[-4:]:
        batch.links.append(link)


def read_queue_operation(line: Line, writer: Writer, batch: Batch) -> None:
    """Take the end of a background task from a queued note."""
    text = decode_part(str, line.content) or ""
    if line.operation == "enqueue" and "<task-notification>" in text:
        _read_notification(text, line, writer, batch)


def read_attachment(line: Line, writer: Writer, batch: Batch) -> None:
    """Take a prompt that was typed while the model was working."""
    queued = line.attachment
    if queued is None or queued.type != "queued_command" or not isinstance(queued.prompt, str):
        return
    if not queued.prompt.startswith("<task-notification>"):
        _event(line, writer, batch, "prompt", source="queued", characters=len(queued.prompt))


def read_title(line: Line, writer: Writer, batch: Batch) -> None:
    """Take a session's title or name; the last one of the best kind is kept."""
    given = line.custom_title or line.agent_name or line.ai_title
    if isinstance(given, str):
        _offer_title(given, _TITLE_RANKS[line.type or ""], writer)


def _offer_title(text: str, rank: int, writer: Writer) -> None:
    """Take the text for the session's title if it is better than the one so far."""
    known = writer.session.title
    if rank == FIRST_PROMPT_RANK and known is not None:
        return
    offered = Title(rank, writer.after_ms, writer.log_offset, title(text))
    if offered.text:
        writer.session.title = better_title(known, offered)


def read_fork_reference(line: Line, writer: Writer, batch: Batch) -> None:
    """Take the link of a forked sub-agent from the first line of its log."""
    session_id = identifier(line.parent_session_id) or writer.owner.session_id
    agent_id = writer.owner.agent_id
    if agent_id:
        batch.links.append(AgentLink(session_id, agent_id, "", "folder", 6, is_fork=True))
