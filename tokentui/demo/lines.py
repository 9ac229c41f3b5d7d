"""Pure functions that make the lines of a session log, field by field as Claude Code writes them."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from tokentui.demo.log import Log, epoch_ms, timestamp
from tokentui.records import Tokens

Json = dict[str, Any]

_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


def to_bytes(line: Json) -> bytes:
    """One line of a log, with its line feed."""
    return (_encode(line) + "\n").encode()


def text_block(text: str) -> Json:
    """A block of text."""
    return {"type": "text", "text": text}


def thinking_block(text: str) -> Json:
    """A block of thinking; the signature is as long as a short real one."""
    return {"type": "thinking", "thinking": text, "signature": "EqQBCkgIBhABGAIiQ" + "A" * 160}


def tool_block(tool_use_id: str, name: str, arguments: Json) -> Json:
    """A call of a tool."""
    caller = {"type": "direct"}
    return {"type": "tool_use", "id": tool_use_id, "name": name, "input": arguments, "caller": caller}


def usage(tokens: Tokens, *, final: bool = True) -> Json:
    """The usage of a response; without `final` it is what a streaming sub-agent writes first."""
    counts = {
        "input_tokens": tokens.input,
        "cache_creation_input_tokens": tokens.cache_write,
        "cache_read_input_tokens": tokens.cache_read,
        "cache_creation": {
            "ephemeral_5m_input_tokens": tokens.cache_write_5m,
            "ephemeral_1h_input_tokens": tokens.cache_write_1h,
        },
        "output_tokens": tokens.output,
    }
    if not final:
        return counts | {"service_tier": "standard", "inference_geo": "not_available"}
    return counts | {
        "output_tokens_details": {"thinking_tokens": tokens.output // 3},
        "server_tool_use": {"web_search_requests": 0, "web_fetch_requests": 0},
        "service_tier": "standard",
        "inference_geo": "not_available",
        "iterations": [counts | {"type": "message"}],
        "speed": "standard",
    }


def message(message_id: str, model: str, block: Json, stop_reason: str | None, used: Json) -> Json:
    """The message inside an assistant line: one block of the response and the usage of all of it."""
    return {
        "model": model,
        "id": message_id,
        "type": "message",
        "role": "assistant",
        "content": [block],
        "stop_reason": stop_reason,
        "stop_sequence": None,
        "stop_details": None,
        "usage": used,
        "diagnostics": None,
    }


def assistant(log: Log, uuid: str, parent: str | None, at: datetime, request_id: str, said: Json) -> Json:
    """One block of a response."""
    extra: Json = {"attributionAgent": log.agent_type} if log.agent_id else {"effort": "medium"}
    head = _head(log, parent) | {"message": said, "requestId": request_id} | extra
    return head | {"type": "assistant"} | _tail(log, uuid, at)


def user_prompt(log: Log, uuid: str, parent: str | None, at: datetime, prompt_id: str, text: str) -> Json:
    """What the user, or the agent that spawned this one, asks."""
    head = _head(log, parent) | {"promptId": prompt_id, "type": "user"}
    said = {"message": {"role": "user", "content": text}}
    if log.agent_id:
        return head | said | _tail(log, uuid, at)
    kind = "task-notification" if text.startswith("<task-notification>") else "human"
    source = "system" if kind == "task-notification" else "typed"
    origin: Json = {"permissionMode": "acceptEdits", "origin": {"kind": kind}, "promptSource": source}
    return head | said | origin | _tail(log, uuid, at)


def tool_result(
    log: Log, uuid: str, at: datetime, prompt_id: str, caller: tuple[str, str], text: str, result: Json
) -> Json:
    """The result of a tool call; `caller` is the uuid of the line that called and the id of the call."""
    parent, tool_use_id = caller
    content = [{"tool_use_id": tool_use_id, "type": "tool_result", "content": text, "is_error": False}]
    head = _head(log, parent) | {"promptId": prompt_id, "type": "user"}
    said = {"message": {"role": "user", "content": content}, "toolUseResult": result}
    return head | said | {"sourceToolAssistantUUID": parent} | _tail(log, uuid, at)


def api_error(log: Log, uuid: str, parent: str | None, at: datetime, attempt: int, wait_ms: float) -> Json:
    """An overloaded API: one line for each retry."""
    inner = {"type": "error", "error": {"type": "overloaded_error", "message": "Overloaded"}}
    error = {"status": 529, "headers": {}, "requestID": None, "error": inner}
    retry = {"error": error, "retryInMs": wait_ms, "retryAttempt": attempt, "maxRetries": 10}
    return _system(log, parent, "api_error") | {"level": "error"} | retry | _tail(log, uuid, at)


def turn_duration(log: Log, uuid: str, parent: str | None, at: datetime, duration_ms: int, pending: int) -> Json:
    """The end of a turn, and how many agents still run in the background."""
    facts: Json = {"durationMs": duration_ms, "messageCount": 12, "isMeta": False}
    if pending:
        facts["pendingBackgroundAgentCount"] = pending
    return _system(log, parent, "turn_duration") | facts | _tail(log, uuid, at)


def compact_boundary(log: Log, uuid: str, parent: str | None, at: datetime, before: int, after: int) -> Json:
    """The point where a long conversation was replaced by its summary."""
    facts = {"trigger": "auto", "preTokens": before, "durationMs": 41_000, "postTokens": after}
    body = {"content": "Conversation compacted", "isMeta": False, "level": "info", "compactMetadata": facts}
    return _system(log, None, "compact_boundary") | {"logicalParentUuid": parent} | body | _tail(log, uuid, at)


def compact_summary(log: Log, uuid: str, parent: str | None, at: datetime, prompt_id: str, text: str) -> Json:
    """The summary that a compacted conversation goes on from."""
    head = _head(log, parent) | {"promptId": prompt_id, "type": "user"}
    marks = {"isVisibleInTranscriptOnly": True, "isCompactSummary": True}
    return head | {"message": {"role": "user", "content": text}} | marks | _tail(log, uuid, at)


def rate_limit_error(log: Log, uuid: str, parent: str | None, at: datetime, resets_at: datetime) -> Json:
    """The local answer that Claude Code writes when the plan's five hours are used up."""
    resets_at_s = int(resets_at.timestamp())
    limits = {"status": "rejected", "resetsAt": resets_at_s, "rateLimitType": "five_hour"}
    limits |= {"overageStatus": "allowed", "isUsingOverage": False}
    nothing = usage(Tokens()) | {
        "service_tier": None,
        "inference_geo": None,
        "iterations": None,
        "speed": None,
    }
    nothing |= {"output_tokens_details": None}
    block = text_block("You've hit your session limit")
    said = message(uuid, "<synthetic>", block, "stop_sequence", nothing) | {"stop_sequence": ""}
    error: Json = {
        "error": "rate_limit",
        "isApiErrorMessage": True,
        "apiErrorStatus": 429,
        "quotaLimits": limits,
    }
    return _head(log, parent) | {"type": "assistant", "message": said} | error | _tail(log, uuid, at)


def ai_title(log: Log, title: str) -> Json:
    """The title that a session was given."""
    return {"type": "ai-title", "aiTitle": title, "sessionId": log.session_id}


def task_notification(agent_id: str, tool_use_id: str, summary: str, context_tokens: int) -> str:
    """What a session is told when a background agent is done; the tokens are a context size, not a sum."""
    return (
        f"<task-notification><task-id>{agent_id}</task-id><tool-use-id>{tool_use_id}</tool-use-id>"
        f"<status>completed</status><summary>{summary}</summary>"
        f"<usage><subagent_tokens>{context_tokens}</subagent_tokens></usage></task-notification>"
    )


def queue_operation(log: Log, at: datetime, content: str) -> Json:
    """Something was put in the session's queue."""
    line = {"type": "queue-operation", "operation": "enqueue", "timestamp": timestamp(at)}
    return line | {"sessionId": log.session_id, "content": content}


def agent_meta(log: Log, description: str, tool_use_id: str, depth: int, parent_agent_id: str) -> Json:
    """The card beside a sub-agent's log."""
    card: Json = {"agentType": log.agent_type, "description": description, "toolUseId": tool_use_id}
    card["spawnDepth"] = depth
    return card | ({"parentAgentId": parent_agent_id} if parent_agent_id else {})


def registry(log: Log, at: datetime, pid: int, started_at: datetime, name: str, status: str) -> Json:
    """The live registry's card of a running session: `sessions/<pid>.json`."""
    who = {"pid": pid, "sessionId": log.session_id, "cwd": log.cwd, "startedAt": epoch_ms(started_at)}
    what = {"version": log.version, "kind": "interactive", "entrypoint": "cli", "name": name}
    return who | what | {"status": status, "statusUpdatedAt": epoch_ms(at)}


def forked(line: Json, session_id: str) -> Json:
    """The line as a fork of its session copies it: same ids and time, another session."""
    origin = {"sessionId": line["sessionId"], "messageUuid": line["uuid"]}
    return line | {"sessionId": session_id, "forkedFrom": origin}


def _head(log: Log, parent: str | None) -> Json:
    head: Json = {"parentUuid": parent, "isSidechain": bool(log.agent_id)}
    return head | ({"agentId": log.agent_id} if log.agent_id else {})


def _system(log: Log, parent: str | None, subtype: str) -> Json:
    return _head(log, parent) | {"type": "system", "subtype": subtype}


def _tail(log: Log, uuid: str, at: datetime) -> Json:
    return {
        "uuid": uuid,
        "timestamp": timestamp(at),
        "userType": "external",
        "entrypoint": "cli",
        "cwd": log.cwd,
        "sessionId": log.session_id,
        "version": log.version,
        "gitBranch": log.branch,
    }
