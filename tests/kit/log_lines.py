"""Log lines written by hand, field by field where a test needs it, and the trees of logs that hold them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import fields, is_dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from tokentui.batch import Batch
from tokentui.records import LogPlace
from tokentui.transcripts.decode import decode_block
from tokentui.transcripts.log_names import place_of
from tokentui.transcripts.parse import parse_lines
from tokentui.transcripts.writer import LogMemory

Json = dict[str, Any]

START_AT = datetime(2026, 11, 20, 12, tzinfo=UTC)
START_MS = int(START_AT.timestamp() * 1000)
ONE = "00000001-5e55-4000-8000-000000000000"
TWO = "00000002-5e55-4000-8000-000000000000"
MODEL = "claude-opus-4-8"


def stamp(seconds: float) -> str:
    """A time so many seconds after the start, as logs write it."""
    return (START_AT + timedelta(seconds=seconds)).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def ms(seconds: float) -> int:
    """The same in milliseconds since 1970."""
    return START_MS + round(seconds * 1000)


def line(kind: str, at: float | None, session: str = ONE, **fields: Any) -> Json:
    """The envelope of any line."""
    head: Json = {"type": kind, "sessionId": session, "isSidechain": False, "cwd": "/home/sam/work"}
    head |= {"version": "2.1.270", "gitBranch": "main", "entrypoint": "cli", "parentUuid": None}
    if at is not None:
        head["timestamp"] = stamp(at)
    return head | fields


def usage(output: int = 100, **fields: object) -> Json:
    """A usage object: 3 uncached, 1,000 read, 200 written for an hour."""
    written = {"ephemeral_5m_input_tokens": 0, "ephemeral_1h_input_tokens": 200}
    counts: Json = {"input_tokens": 3, "cache_read_input_tokens": 1000, "cache_creation_input_tokens": 200}
    return counts | {"cache_creation": written, "output_tokens": output} | fields


def answer(
    message_id: str | None = "msg_1",
    request_id: str | None = "req_1",
    at: float = 0,
    output: int = 100,
    *,
    used: Json | None = None,
    model: str = MODEL,
    stop: str | None = "end_turn",
    content: Iterable[Json] = (),
    **fields: Any,
) -> Json:
    """One line of a response."""
    said: Json = {"id": message_id, "model": model, "role": "assistant", "content": list(content), "stop_reason": stop}
    said["usage"] = usage(output) if used is None else used
    ids: Json = {"uuid": f"u-{message_id}-{at}-{output}", "requestId": request_id}
    return line("assistant", at, message=said, **(ids | fields))


def prompt(text: object, at: float = 0, **fields: Any) -> Json:
    """What a user, or the agent that spawned this one, asks."""
    return line("user", at, **({"uuid": f"p-{at}", "message": {"role": "user", "content": text}} | fields))


def call(tool_use_id: str, name: str = "Bash", **arguments: object) -> Json:
    """A tool call, as a block of an answer."""
    return {"type": "tool_use", "id": tool_use_id, "name": name, "input": arguments}


def result(tool_use_id: str, at: float = 0, text: object = "done", **fields: Any) -> Json:
    """The line that answers a tool call."""
    block = {"type": "tool_result", "tool_use_id": tool_use_id, "content": text, "is_error": False}
    return prompt([block], at, **fields)


def of_agent(agent_id: str, said: Json) -> Json:
    """The line as a sub-agent's log has it."""
    return said | {"agentId": agent_id, "isSidechain": True}


def inline(uuid: str, parent: str | None, said: Json) -> Json:
    """The line as old versions have it, that kept sub-agents in the log of their session."""
    return said | {"isSidechain": True, "uuid": uuid, "parentUuid": parent}


def forked(said: Json, session: str) -> Json:
    """The line as a fork copies it."""
    return said | {
        "sessionId": session,
        "forkedFrom": {"sessionId": said["sessionId"], "messageUuid": said.get("uuid")},
    }


def encode(*said: Json) -> bytes:
    """Lines as bytes."""
    return b"".join(json.dumps(one).encode() + b"\n" for one in said)


def main_log(folder: Path, session: str = ONE, project: str = "-home-sam-work") -> Path:
    """Where a session's log stands below a configuration directory."""
    return folder / "projects" / project / f"{session}.jsonl"


def agent_log(folder: Path, agent_id: str, session: str = ONE, *, flat: bool = False) -> Path:
    """Where a sub-agent's log stands."""
    project = main_log(folder, session).parent
    return (project if flat else project / session / "subagents") / f"agent-{agent_id}.jsonl"


def write(path: Path, *said: Json | bytes) -> Path:
    """Make a log."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"".join(one if isinstance(one, bytes) else encode(one) for one in said))
    return path


def append(path: Path, *said: Json) -> None:
    """Write on."""
    with path.open("ab") as file:
        file.write(encode(*said))


def place(path: str = f"/logs/projects/p/{ONE}.jsonl") -> LogPlace:
    """What a path below `/logs` says."""
    return place_of(path, "/logs/projects")


AGENT = place(f"/logs/projects/p/{ONE}/subagents/agent-a1.jsonl")
"""The place of a sub-agent's log."""


def every_text(value: object) -> Iterator[str]:
    """All texts anywhere in a batch, the names of files apart."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for key, inner in value.items():
            yield from every_text(key)
            yield from every_text(inner)
    elif isinstance(value, list | tuple | frozenset | set):
        for inner in value:
            yield from every_text(inner)
    elif is_dataclass(value):
        for part in fields(value):
            yield from every_text(getattr(value, part.name))


def parse(*said: Json | bytes, at: LogPlace | None = None, memory: LogMemory | None = None) -> Batch:
    """The records in some lines of one log."""
    lines = (one.removesuffix(b"\n") if isinstance(one, bytes) else json.dumps(one).encode() for one in said)
    block = b"".join(line + b"\n" for line in lines)
    return parse_lines(decode_block(block, 0), at or place(), memory or LogMemory())
