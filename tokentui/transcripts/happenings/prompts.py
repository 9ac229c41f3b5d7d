"""Reads what is put to an agent: prompts, results of tools, and notes that a background task has ended."""

from __future__ import annotations

import re

from tokentui.batch import FIRST_PROMPT_RANK, AgentLink, Batch, FirstPrompt, ToolResult
from tokentui.transcripts import wire
from tokentui.transcripts.decode import decode_part
from tokentui.transcripts.fields import digest, identifier, label, title
from tokentui.transcripts.happenings.contents import text_of
from tokentui.transcripts.happenings.events import note_event
from tokentui.transcripts.happenings.titles import offer_title
from tokentui.transcripts.wire import Block, Line
from tokentui.transcripts.writer import Writer

_NOT_FOR_THE_MODEL = ("<local-command-", "<bash-", "Caveat:")
_TASK_ID = re.compile(r"<task-id>([^<]{1,100})</task-id>")
_TASK_CALL = re.compile(r"<tool-use-id>([^<]{1,100})</tool-use-id>")
_TASK_STATUS = re.compile(r"<status>([a-z_]{1,30})</status>")


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
    text = text_of(content)
    if text.startswith("[Request interrupted"):
        writer.last_said("done")
        note_event(line, writer, batch, "interrupt")
    elif line.is_compact_summary is True or text.startswith("<local-command-stdout"):
        writer.last_said("done")
    elif line.is_meta is not True and not text.startswith(_NOT_FOR_THE_MODEL):
        _read_prompt(text, line, writer, batch)


def read_attachment(line: Line, writer: Writer, batch: Batch) -> None:
    """Take a prompt that was typed while the model was working."""
    queued = line.attachment
    if queued is None or queued.type != "queued_command" or not isinstance(queued.prompt, str):
        return
    if not queued.prompt.startswith("<task-notification>"):
        note_event(line, writer, batch, "prompt", source="queued", characters=len(queued.prompt))


def read_queue_operation(line: Line, writer: Writer, batch: Batch) -> None:
    """Take the end of a background task from a queued note."""
    text = decode_part(str, line.content) or ""
    if line.operation == "enqueue" and "<task-notification>" in text:
        _read_notification(text, line, writer, batch)


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
        AgentLink(
            writer.owner.session_id, agent_id, call_id, "result", 2, agent_type, status=status, at_ms=writer.at_ms
        )
    )  # fmt: skip


def _read_prompt(text: str, line: Line, writer: Writer, batch: Batch) -> None:
    writer.last_said("asked")
    if text.startswith("<task-notification>"):
        _read_notification(text, line, writer, batch)
    elif writer.owner.agent_id:
        _read_agent_prompt(text, writer)
    elif text or (line.message is not None and line.message.content):  # a picture has no text
        note_event(line, writer, batch, "prompt", source=_source(line), characters=len(text))
        if text and not text.startswith("<"):
            offer_title(text, FIRST_PROMPT_RANK, writer)


def _source(line: Line) -> str:
    """Who put a prompt: `typed`, `sdk`, `system` …, or the kind of its origin if that is no person: `peer` …"""
    origin = identifier(line.origin.get("kind")) if isinstance(line.origin, dict) else ""
    return origin if origin not in ("", "human") else identifier(line.prompt_source) or "typed"


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
    session_id = writer.owner.session_id
    batch.links.append(
        AgentLink(session_id, agent_id, call_id, "notification", 4, status=ended, at_ms=writer.at_ms)
    )  # fmt: skip
    event_id = f"task:{agent_id}:{call_id}:{ended}"  # the note is logged when it is queued, and again when given
    note_event(line, writer, batch, "background task", event_id, status=ended or None)
