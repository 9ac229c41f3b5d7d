"""The shape of log lines on disk, as typed decoders. Unknown fields are skipped, not built.

Scalars are `Any` because a wrong type in one field must not lose the line; `Raw` leaves a part undecoded.
"""

from __future__ import annotations

import json
import re
from collections.abc import Hashable
from functools import cache
from typing import Any, TypeVar, cast

from msgspec import DecodeError, Raw, Struct, ValidationError, field
from msgspec.json import Decoder

_Part = TypeVar("_Part")


class Usage(Struct):
    """`message.usage` of an assistant line."""

    input_tokens: Any = 0
    output_tokens: Any = 0
    cache_read_input_tokens: Any = 0
    cache_creation_input_tokens: Any = 0
    cache_creation: Any = None
    server_tool_use: Any = None
    service_tier: Any = None
    speed: Any = None
    inference_geo: Any = None
    iterations: Raw = Raw()


class Message(Struct):
    """`message` of an assistant or user line."""

    id: Any = None
    model: Any = None
    stop_reason: Any = None
    usage: Usage | None = None
    content: Raw = Raw()
    diagnostics: Any = None


class Line(Struct, rename="camel"):
    """The envelope that all lines share, with the fields that some types add."""

    type: Any = None
    subtype: Any = None
    uuid: Any = None
    parent_uuid: Any = None
    timestamp: Any = None
    session_id: Any = None
    agent_id: Any = None
    is_sidechain: Any = False
    request_id: Any = None
    cwd: Any = None
    git_branch: Any = None
    version: Any = None
    entrypoint: Any = None
    is_meta: Any = False
    is_compact_summary: Any = False
    is_api_error_message: Any = False
    forked_from: Any = None
    message: Message | None = None
    tool_use_result: Raw = Raw()
    attribution_agent: Any = None
    prompt_source: Any = None
    # titles and names
    ai_title: Any = None
    custom_title: Any = None
    agent_name: Any = None
    # errors, limits, durations
    error: Raw = Raw()
    api_error_status: Any = None
    quota_limits: Any = None
    retry_attempt: Any = None
    max_retries: Any = None
    retry_in_ms: Any = None
    duration_ms: Any = None
    compact_metadata: Any = None
    # progress, queue operations, attachments
    data: Raw = Raw()
    parent_tool_use_id: Any = field(default=None, name="parentToolUseID")
    content: Raw = Raw()
    operation: Any = None
    attachment: Raw = Raw()
    parent_session_id: Any = None


class SpokenBlock(Struct):
    """One element of an assistant's `message.content`; its text is not built."""

    type: Any = None
    id: Any = None
    name: Any = None
    input: Raw = Raw()


class GivenBlock(Struct):
    """One element of a user's `message.content`: a text or a tool's result."""

    type: Any = None
    tool_use_id: Any = None
    is_error: Any = False
    text: Any = None
    content: Raw = Raw()


class SpawnInput(Struct):
    """Input of the tool that starts a sub-agent."""

    prompt: Any = None
    description: Any = None
    subagent_type: Any = None


class SkillInput(Struct):
    """Input of the tool that loads a skill."""

    skill: Any = None
    command: Any = None
    """Its name in older logs."""


class SpawnResult(Struct, rename="camel"):
    """`toolUseResult` of that tool."""

    agent_id: Any = None
    agent_type: Any = None
    status: Any = None


class AgentProgress(Struct, rename="camel"):
    """`data` of a progress line."""

    type: Any = None
    agent_id: Any = None


class QueuedCommand(Struct):
    """`attachment` of an attachment line."""

    type: Any = None
    prompt: Any = None


class Iteration(Struct):
    """One entry of `usage.iterations`."""

    type: Any = None
    model: Any = None
    input_tokens: Any = 0
    output_tokens: Any = 0
    cache_read_input_tokens: Any = 0
    cache_creation_input_tokens: Any = 0
    cache_creation: Any = None


class AgentMeta(Struct, rename="camel"):
    """`agent-<id>.meta.json` beside a sub-agent's log."""

    agent_type: Any = None
    description: Any = None
    tool_use_id: Any = None
    name: Any = None
    spawn_depth: Any = None
    parent_agent_id: Any = None
    is_fork: Any = False


class RegistryEntry(Struct, rename="camel"):
    """`sessions/<pid>.json`: a Claude Code process that is or was running."""

    pid: Any = None
    session_id: Any = None
    cwd: Any = None
    started_at: Any = None
    status: Any = None
    status_updated_at: Any = None
    kind: Any = None
    name: Any = None


class BadLineError(ValueError):
    """A line that is no JSON object of the known shape; the message says why, without quoting the line."""


_line = Decoder(Line)
_LONE_SURROGATE = re.compile("[\ud800-\udfff]")


def decode_line(raw: bytes) -> Line:
    """Decode one line; a line that strict JSON refuses (bad UTF-8, lone surrogates, NaN) is mended first."""
    try:
        return _line.decode(raw)
    except ValidationError as error:
        raise BadLineError("a field has an unexpected type") from error
    except (DecodeError, UnicodeDecodeError, RecursionError):
        pass  # worth a second look below
    try:
        return _line.decode(_mended(raw))
    except ValidationError as error:
        raise BadLineError("a field has an unexpected type") from error
    except RecursionError as error:
        raise BadLineError("nested too deeply") from error
    except (ValueError, DecodeError) as error:
        raise BadLineError("not valid JSON") from error


def _mended(raw: bytes) -> bytes:
    """The same as strict JSON: what is no text becomes U+FFFD, what is no number null, padding of NULs goes."""
    value = json.loads(raw.strip(b"\0").decode("utf-8", "replace"), parse_constant=lambda _: None)
    return _LONE_SURROGATE.sub("\ufffd", json.dumps(value, ensure_ascii=False)).encode()


def decode_part(kind: type[_Part], raw: Raw) -> _Part | None:
    """A part of a line that was left undecoded, as the given shape; None where it has another one."""
    decoder = _decoder(cast("Hashable", kind))
    try:
        part: _Part = decoder.decode(raw)
    except ValidationError:
        return None
    except (DecodeError, UnicodeDecodeError):
        return _decode_mended(decoder, bytes(raw))
    except RecursionError:
        return None
    return part


def _decode_mended(decoder: Decoder[_Part], raw: bytes) -> _Part | None:
    try:
        return decoder.decode(_mended(raw)) if raw else None
    except (ValueError, DecodeError, RecursionError):
        return None


@cache
def _decoder(kind: Hashable) -> Decoder[Any]:
    return Decoder(kind)


def decode_bytes(kind: type[_Part], raw: bytes) -> _Part | None:
    """A whole small file as the given shape; None where it is torn or has another one."""
    return decode_part(kind, Raw(raw))
