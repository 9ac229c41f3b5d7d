"""What one stretch of one log holds: the parsed records, on their way into the store in one transaction."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal, NamedTuple

from tokentui.counting import Response
from tokentui.records import LogPlace

LineKind = Literal["asked", "tool", "said", "done"]
"""What an agent's newest line was: something to answer, a tool call, unfinished speech, or the end of a turn."""
TURN_ENDS = ("end_turn", "stop_sequence", "max_tokens", "refusal")
"""Reasons to stop that leave nothing to be done by the agent: its turn is over."""

EventKind = Literal[
    "prompt", "turn end", "api retry", "api error", "limit", "compaction", "interrupt", "background task"
]

FIRST_PROMPT_RANK = 1
"""A title's rank where it is the first prompt; see `Title.rank`."""


class Title(NamedTuple):
    """A session's title, and the place of the line that gave it."""

    rank: int
    """5 the user's title, 4 the session's name, 3 a generated title, 1 the first prompt."""
    at_ms: int
    """Newest time in the log up to that line; titles have none of their own."""
    log_offset: int
    text: str


def better_title(one: Title | None, other: Title | None) -> Title | None:
    """The title of the better kind; of two of one kind the later, of two prompts the first."""
    if one is None or other is None:
        return one or other
    is_prompt = one.rank == other.rank == FIRST_PROMPT_RANK
    return min(one, other) if is_prompt else max(one, other)


class Project(NamedTuple):
    """The working directory that a line names, and when."""

    at_ms: int
    path: str


class Setting(NamedTuple):
    """Under which branch, version and entry point a line was written, and when."""

    at_ms: int
    branch: str
    version: str
    entrypoint: str


@dataclass(slots=True)
class SessionFacts:
    """What lines say about a session; later batches refine it."""

    first_at_ms: int = 0
    """Of lines with a time; 0 where none was seen."""
    last_at_ms: int = 0
    project: Project | None = None
    """The earliest."""
    setting: Setting | None = None
    """The latest."""
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
    """The prompt that an agent began with."""

    at_ms: int
    log_offset: int
    digest: str
    """The last resort for finding the call that spawned it."""
    task: str


@dataclass(slots=True)
class AgentFacts:
    """What lines say about one agent of a session; later batches refine it."""

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
    """Of the prompt given to a sub-agent, else empty."""
    agent_type: str
    """Sub-agent type asked for, else empty."""
    task: str
    """Description given to a sub-agent, or the name of a skill, else empty."""
    owner_rank: int
    """0 for an original, more for a copy; see `counting.Owner`."""


class ToolResult(NamedTuple):
    """The answer to a tool call."""

    tool_use_id: str
    at_ms: int
    is_error: int
    """1 or 0: SQLite's adapters would have to convert a bool, which costs more than the rest of the row."""
    result_bytes: int


class AgentLink(NamedTuple):
    """Which tool call spawned an agent, and how that is known (a lower rank is better)."""

    session_id: str
    agent_id: str
    tool_use_id: str
    kind: str
    rank: int
    agent_type: str = ""
    name: str = ""
    description: str = ""
    parent_agent_id: str = ""
    spawn_depth: int = 0
    status: str = ""
    """`completed` or `failed` where the link says how the agent ended."""
    is_fork: bool = False


class Event(NamedTuple):
    """Something that happened in a session besides responses."""

    event_id: str
    """The record's uuid, which copies share; else the log and offset."""
    session_id: str
    agent_id: str
    kind: EventKind
    at_ms: int
    detail: str
    """JSON, with fields by kind; never text of the conversation."""
    owner_rank: int


@dataclass(slots=True)
class Batch:
    """Everything found in one stretch of one log."""

    place: LogPlace
    responses: list[Response] = field(default_factory=list)
    sessions: dict[str, SessionFacts] = field(default_factory=dict)
    agents: dict[tuple[str, str], AgentFacts] = field(default_factory=dict)
    tool_calls: list[ToolCall] = field(default_factory=list)
    tool_results: list[ToolResult] = field(default_factory=list)
    links: list[AgentLink] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)
    lines: int = 0
    skipped_lines: int = 0
    skipped_first_offset: int | None = None
    skipped_reason: str = ""
    last_at_ms: int | None = None
