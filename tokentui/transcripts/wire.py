"""The shape of log lines on disk. Unknown fields are skipped, not built.

Fields stand in the order in which Claude Code writes them: the decoder looks for each where the last one was found.
`Raw` leaves a part undecoded, and `Any` stands where all kinds of values are met.
"""

from __future__ import annotations

from typing import Any

from msgspec import Raw, Struct, field


class CacheCreation(Struct, gc=False):
    """`usage.cache_creation`: writes by lifetime."""

    ephemeral_5m_input_tokens: int | None = 0
    ephemeral_1h_input_tokens: int | None = 0


class Usage(Struct, gc=False):
    """`message.usage` of an assistant line."""

    input_tokens: int | None = 0
    cache_creation_input_tokens: int | None = 0
    cache_read_input_tokens: int | None = 0
    cache_creation: CacheCreation | None = None
    output_tokens: int | None = 0
    server_tool_use: Any = None
    service_tier: Any = None
    inference_geo: Any = None
    iterations: Raw = Raw()
    speed: Any = None


class Block(Struct, gc=False):
    """One element of `message.content`: a text, a tool call, or a tool's result. Their bulk is not built."""

    tool_use_id: Any = None
    type: Any = None
    text: Raw = Raw()
    id: Any = None
    name: Any = None
    input: Raw = Raw()
    content: Raw = Raw()
    is_error: Any = False


class Message(Struct, gc=False):
    """`message` of an assistant or user line."""

    model: Any = None
    id: str | None = None
    content: list[Block] | str | None = None
    stop_reason: Any = None
    usage: Usage | None = None
    diagnostics: Any = None


class SpawnResult(Struct, rename="camel", gc=False):
    """`toolUseResult` of the tool that starts a sub-agent."""

    agent_id: Any = None
    agent_type: Any = None
    status: Any = None


class AgentProgress(Struct, rename="camel", gc=False):
    """`data` of a progress line."""

    type: Any = None
    agent_id: Any = None


class QueuedCommand(Struct, gc=False):
    """`attachment` of an attachment line."""

    type: Any = None
    prompt: Any = None


class Fork(Struct, gc=False):
    """`forkedFrom`: the record is a copy; of what does not matter."""


class Line(Struct, rename="camel", gc=False):
    """The envelope that all lines share, with the fields that some types add."""

    parent_uuid: Any = None
    is_sidechain: bool | None = False
    agent_id: str | None = None
    message: Message | None = None
    request_id: str | None = None
    attribution_agent: str | None = None
    type: str | None = None
    tool_use_result: SpawnResult | str | list[Raw] | None = None
    uuid: Any = None
    timestamp: str | None = None
    entrypoint: str | None = None
    cwd: str | None = None
    session_id: str | None = None
    version: str | None = None
    git_branch: str | None = None
    attachment: QueuedCommand | None = None
    forked_from: Fork | None = None
    is_meta: Any = False
    is_compact_summary: Any = False
    is_api_error_message: Any = False
    prompt_source: Any = None
    origin: Any = None
    subtype: Any = None
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
    # progress, queue operations
    data: AgentProgress | None = None
    parent_tool_use_id: Any = field(default=None, name="parentToolUseID")
    content: Raw = Raw()
    operation: Any = None
    parent_session_id: Any = None


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


class Iteration(Struct):
    """One entry of `usage.iterations`."""

    type: Any = None
    model: Any = None
    input_tokens: int | None = 0
    output_tokens: int | None = 0
    cache_read_input_tokens: int | None = 0
    cache_creation_input_tokens: int | None = 0
    cache_creation: CacheCreation | None = None


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
    started_at: Any = None
    status: Any = None
    name: Any = None
