"""The frozen answers of the drill-down: a session's agents, an agent's responses, one response in full."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal, NamedTuple

from tokentui.queries.results import Money, SessionRow
from tokentui.records import Tokens

AgentState = Literal["working", "waiting", "idle", "done", "failed"]
"""A main thread waits for its user while its process runs, and is idle otherwise; sub-agents end."""


class AgentRow(NamedTuple):
    """One agent in its session's tree, in display order (parents before children)."""

    agent_id: str
    """Empty for the main thread."""
    depth: int
    is_last_child: bool
    name: str
    """Type or name of the agent, `main` for the main thread."""
    task: str
    """What it was asked, in one line."""
    background: str
    """`compaction`, `prompt suggestion`, `side question`, `warm-up`, or empty for an ordinary agent."""
    state: AgentState
    model: str
    own_tokens: Tokens
    own_money: Money
    inclusive_tokens: Tokens
    inclusive_money: Money
    tokens_last_minute: Tokens
    context_tokens: int
    hit_rate: float | None
    tool_calls: int
    errors: int
    lower_bound_responses: int
    first_line_at: datetime
    last_line_at: datetime
    link: str = ""
    """How its parent is known: `meta`, `result`, `progress`, `notification`, `prompt` or `folder`."""
    spawned_by: str = ""
    """Id of the tool call that spawned it; empty for the main thread, and where no log tells."""
    is_fork: bool = False
    """Whether it began as a copy of its parent's conversation."""
    workflow: str = ""
    """Name of the workflow that it is a part of, if of any."""

    @property
    def duration_ms(self) -> int:
        """From its first line to its last; 0 where the clock went back."""
        return max(round((self.last_line_at - self.first_line_at).total_seconds() * 1000), 0)


@dataclass(frozen=True, eq=False, slots=True)
class SessionTree:
    """A session and its agents; own figures of all rows add up to the session's."""

    as_of: datetime
    session: SessionRow
    agents: tuple[AgentRow, ...]


class ToolUse(NamedTuple):
    """One tool call of a response."""

    name: str
    tool_use_id: str
    duration_ms: int | None
    is_error: bool | None
    result_bytes: int | None


class ResponseRow(NamedTuple):
    """One billed answer."""

    response_id: int
    at: datetime
    model: str
    tokens: Tokens
    money: Money
    stop_reason: str
    is_lower_bound: bool
    tools: tuple[str, ...]
    """Names of the tools called, in order."""
    agent_id: str = ""
    """Whose it is; empty for the main thread."""


@dataclass(frozen=True, eq=False, slots=True)
class AgentResponses:
    """The newest responses of one agent, newest first."""

    as_of: datetime
    session: SessionRow
    agent: AgentRow
    responses: tuple[ResponseRow, ...]
    responses_in_all: int


class ResponsePart(NamedTuple):
    """A part of a response that is priced apart."""

    kind: str
    """`message` for an earlier prompt of the same response, `compaction` or `advisor_message`."""
    model: str
    tokens: Tokens
    money: Money


@dataclass(frozen=True, eq=False, slots=True)
class ResponseDetail:
    """One response with all that is known about it."""

    response: ResponseRow
    message_id: str
    request_id: str
    session_id: str
    agent_id: str
    first_line_at: datetime
    service_tier: str
    speed: str
    inference_geo: str
    web_searches: int
    price_basis: str
    log_path: str
    log_offset: int
    parts: tuple[ResponsePart, ...]
    """What is priced apart from the last prompt, which `response` is."""
    tools: tuple[ToolUse, ...]
