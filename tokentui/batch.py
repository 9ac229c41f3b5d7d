"""The records parsed from one stretch of one log, which the store takes in one transaction."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal, NamedTuple

from tokentui.counting import Response
from tokentui.records import LogPlace

LineKind = Literal["asked", "tool", "said", "done"]
"""What an agent's newest line is.

`asked`: a prompt or a tool result to answer; `tool`: a tool call; `said`: words before the turn's end; `done`: its end.
"""
TURN_ENDS = ("end_turn", "stop_sequence", "max_tokens", "refusal")
"""The `stop_reason` values that end an agent's turn."""

EventKind = Literal[
    "prompt", "turn end", "api retry", "api error", "limit", "compaction", "interrupt", "background task"
]

FIRST_PROMPT_RANK = 1
"""The `Title.rank` of a session's first prompt."""


class Title(NamedTuple):
    """A session's title, and where in the log it was given."""

    rank: int
    """5 for the user's title, 4 the session's name, 3 a generated title, 1 the first prompt."""
    at_ms: int
    """The newest time in the log up to that line, since lines with titles have no time of their own."""
    log_offset: int
    text: str


def better_title(one: Title | None, other: Title | None) -> Title | None:
    """The title of higher rank; of two with the same rank the later, but of two prompts the first."""
    if one is None or other is None:
        return one or other
    is_prompt = one.rank == other.rank == FIRST_PROMPT_RANK
    return min(one, other) if is_prompt else max(one, other)


class Project(NamedTuple):
    """A working directory that a line names, and the line's time."""

    at_ms: int
    path: str


class Setting(NamedTuple):
    """The branch, version and entry point that a line names."""

    order_ms: int
    """Of several the greatest holds: the line's time, moved below 0 if a sub-agent wrote it."""
    branch: str
    version: str
    entrypoint: str


@dataclass(slots=True)
class SessionFacts:
    """What the lines of a batch say about a session; later batches add to it."""

    first_at_ms: int = 0
    """0 while no line has had a time."""
    last_at_ms: int = 0
    project: Project | None = None
    """The earliest one named."""
    setting: Setting | None = None
    """The latest one named."""
    title: Title | None = None

    def joined(self, other: SessionFacts) -> SessionFacts:
        """Both together, in whichever order they were seen."""
        return SessionFacts(
            min(filter(None, (self.first_at_ms, other.first_at_ms)), default=0),
            max(self.last_at_ms, other.last_at_ms),
            min(filter(None, (self.project, other.project)), default=None),
            max(filter(None, (self.setting, other.setting)), default=None),
            better_title(self.title, other.title),
        )


class LastLine(NamedTuple):
    """An agent's newest line."""

    at_ms: int
    log_offset: int
    kind: LineKind


class FirstPrompt(NamedTuple):
    """The prompt that a sub-agent was started with."""

    at_ms: int
    log_offset: int
    digest: str
    """Digest of its text: finds the call that spawned the agent where nothing else names it."""
    task: str


@dataclass(slots=True)
class AgentFacts:
    """What the lines of a batch say about one agent of a session; later batches add to it."""

    first_at_ms: int
    last_at_ms: int
    last_line: LastLine | None = None
    prompt: FirstPrompt | None = None
    agent_type: str = ""
    background: str = ""

    def joined(self, other: AgentFacts) -> AgentFacts:
        """Both together, in whichever order they were seen."""
        return AgentFacts(
            min(self.first_at_ms, other.first_at_ms),
            max(self.last_at_ms, other.last_at_ms),
            max(filter(None, (self.last_line, other.last_line)), default=None),
            min(filter(None, (self.prompt, other.prompt)), default=None),
            max(self.agent_type, other.agent_type),
            max(self.background, other.background),
        )


class ToolCall(NamedTuple):
    """One tool call inside a response."""

    tool_use_id: str
    message_id: str
    session_id: str
    agent_id: str
    name: str
    at_ms: int
    input_digest: str
    prompt_digest: str
    """Digest of the prompt given to a sub-agent, else empty."""
    agent_type: str
    """The sub-agent type asked for, else empty."""
    task: str
    """The description given to a sub-agent, or the name of a skill, else empty."""
    owner_rank: int
    """`counting.Owner.rank` of its record: among copies the lowest is the original."""


class ToolResult(NamedTuple):
    """The answer to a tool call."""

    tool_use_id: str
    at_ms: int
    is_error: int
    """1 or 0: converting a bool for SQLite would cost more than the rest of the row."""
    result_bytes: int


class AgentLink(NamedTuple):
    """The tool call that spawned an agent."""

    session_id: str
    agent_id: str
    tool_use_id: str
    kind: str
    """Where the link was found: `meta`, `result`, `progress`, `notification` or `folder`."""
    rank: int
    """Of several links to one agent, the one of lowest rank holds."""
    agent_type: str = ""
    name: str = ""
    description: str = ""
    parent_agent_id: str = ""
    spawn_depth: int = 0
    status: str = ""
    """`completed` or `failed` where the log says how the agent ended, else empty."""
    is_fork: bool = False
    at_ms: int = 0
    """Of several calls to one agent, which may be continued by another, the earliest spawned it; 0 where untold."""


class Event(NamedTuple):
    """Something that happened in a session besides responses."""

    event_id: str
    """The record's uuid, which its copies share, or a digest of its place; for a background task its ids and end."""
    session_id: str
    agent_id: str
    kind: EventKind
    at_ms: int
    detail: str
    """A JSON object whose fields depend on the kind; never holds text of the conversation."""
    owner_rank: int


@dataclass(slots=True)
class Batch:
    """Everything parsed from one stretch of one log."""

    place: LogPlace
    responses: list[Response] = field(default_factory=list)
    sessions: dict[str, SessionFacts] = field(default_factory=dict)
    agents: dict[tuple[str, str], AgentFacts] = field(default_factory=dict)
    """By session id and agent id."""
    tool_calls: list[ToolCall] = field(default_factory=list)
    tool_results: list[ToolResult] = field(default_factory=list)
    links: list[AgentLink] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)
    lines: int = 0
    """Lines read, skipped ones included."""
    skipped_lines: int = 0
    """Lines that could not be used."""
    skipped_first_offset: int | None = None
    """Of the first skipped line, in bytes."""
    skipped_reason: str = ""
    """Why the first skipped line could not be used."""
    last_at_ms: int | None = None
    """Newest time in the log so far; None before any line has had one."""
