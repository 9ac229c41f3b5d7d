"""Who wrote a line, and when: the session, the agent, and whether the record is a copy."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from tokentui.batch import AgentFacts, Batch, LastLine, LineKind, Project, SessionFacts, Setting
from tokentui.counting import FORKED, MISNAMED, SIDECHAIN, Owner
from tokentui.text import safe_text
from tokentui.transcripts.fields import LATEST_LINE_MS, digest, identifier, label, line_time_ms, word
from tokentui.transcripts.sighting import Sighting
from tokentui.transcripts.wire import Line


@dataclass(slots=True)
class LogMemory:
    """What is remembered of one log from one stretch of it to the next."""

    last_at_ms: int = 0
    """Time of the newest line so far, for lines without a readable time."""
    fallback_at_ms: int = 0
    """When the file was written, for lines before the first that has a time."""
    is_copy: bool = False
    """Whether the last line belongs to what a forked agent's log copies from its parent."""
    sidechain_roots: dict[str, str] = field(default_factory=dict)
    """Each record of a sub-agent in the main log, as older versions wrote it → the record that began the agent."""
    recall: Callable[[], dict[str, str]] | None = None
    """Finds these records in what an earlier run read; called once, and only if there is an inline agent."""

    def roots(self) -> dict[str, str]:
        """`sidechain_roots`, of the whole log."""
        if self.recall is not None:
            recall, self.recall = self.recall, None
            self.sidechain_roots = recall() | self.sidechain_roots
        return self.sidechain_roots


class Writer:
    """One author in one setting: what their lines come to, and the line that is being read.

    An author is an agent of a session, or its main thread. Lines with the same envelope share a writer, so that only
    their differences have to be looked at.
    """

    __slots__ = (
        "_first_at_ms", "_last_at_ms", "_last_line", "_project", "_setting", "after_ms", "agent", "at_ms",
        "log_offset", "owner", "records", "session", "sightings", "speaks",
    )  # fmt: skip

    def __init__(self, line: Line, owner: Owner, session: SessionFacts, agent: AgentFacts) -> None:
        self.owner, self.session, self.agent = owner, session, agent
        self.sightings: dict[tuple[str, str | None], list[Sighting]] = {}
        """What was seen of the author's responses, by message and request id as logged."""
        self.records: dict[tuple[str, str | None], set[str]] = {}
        """Fingerprints of the uuids of the lines of those without a request id."""
        self.at_ms = self.log_offset = 0
        self.after_ms = 0
        """Newest time in the log up to the line, 0 before there is one: orders lines without a time of their own."""
        self.speaks = False
        """Whether the line says anything about the agent's state."""
        self._first_at_ms, self._last_at_ms = LATEST_LINE_MS, 0
        self._last_line: tuple[int, int, LineKind | None] = (0, 0, None)
        self._project = None if line.cwd is None else safe_text(line.cwd, 1000)
        self._setting: tuple[str, str, str] | None = None
        if line.version is not None:
            self._setting = (safe_text(line.git_branch or ""), word(line.version), word(line.entrypoint))

    @property
    def home(self) -> str:
        """The author's name across logs."""
        return f"{self.owner.session_id}/{self.owner.agent_id}"

    def move_to(self, line: Line, offset: int, memory: LogMemory) -> None:
        """Make a line the current one; without a readable time it gets that of the newest line before it."""
        at_ms = line_time_ms(line.timestamp)
        if at_ms is None:
            at_ms = memory.last_at_ms or memory.fallback_at_ms
        elif at_ms > memory.last_at_ms:
            memory.last_at_ms = at_ms
        self.at_ms, self.after_ms, self.log_offset = at_ms, memory.last_at_ms, offset
        if line.timestamp is not None:
            self.speaks = True
            self._last_at_ms = max(self._last_at_ms, at_ms)
            self._first_at_ms = min(self._first_at_ms, at_ms)
        else:
            self.speaks = line.type == "assistant"
            if self.speaks:
                _cover(self.agent, at_ms, at_ms)

    def last_said(self, kind: LineKind) -> None:
        """Remember what the author's newest line is."""
        if self.speaks and self.at_ms >= self._last_line[0]:
            self._last_line = (self.at_ms, self.log_offset, kind)

    def conclude(self) -> None:
        """Add what all lines of this writer say to the facts about session and agent."""
        session, agent = self.session, self.agent
        if self._last_at_ms:
            first, last = self._first_at_ms, self._last_at_ms
            _cover(session, first, last)
            _cover(agent, first, last)
            if self._project is not None:
                session.project = min(filter(None, (session.project, Project(first, self._project))))
            if self._setting is not None:
                # A sub-agent may work on another branch, in a worktree: it is heard where the main thread never was.
                order_ms = last - LATEST_LINE_MS if self.owner.agent_id else last
                session.setting = max(filter(None, (session.setting, Setting(order_ms, *self._setting))))
        at_ms, offset, kind = self._last_line
        if kind is not None:
            agent.last_line = max(filter(None, (agent.last_line, LastLine(at_ms, offset, kind))))


def _cover(facts: SessionFacts | AgentFacts, first_at_ms: int, last_at_ms: int) -> None:
    facts.first_at_ms = min(facts.first_at_ms or first_at_ms, first_at_ms)
    facts.last_at_ms = max(facts.last_at_ms, last_at_ms)


class Writers:
    """The writers of one stretch of a log, by the envelope of their lines."""

    def __init__(self, batch: Batch, memory: LogMemory) -> None:
        self._batch, self._memory = batch, memory
        self._by_envelope: dict[tuple[object, ...], Writer] = {}
        self._last: tuple[tuple[object, ...], Writer] | None = None
        """Most lines have the envelope of the line before: comparing the two is quicker than looking it up."""
        self._agents: dict[tuple[str, str], AgentFacts] = {}

    def at(self, line: Line, offset: int) -> Writer:
        """The writer of a line, with that line as its current one."""
        agent_id = line.agent_id
        if line.is_sidechain and not agent_id and not self._batch.place.agent_id:
            agent_id = inline_agent(line, self._memory.roots())
        if self._batch.place.agent_id:
            self._memory.is_copy = copies_parent(line, self._memory.is_copy)
        envelope = (
            line.session_id, agent_id, line.is_sidechain, self._is_forked(line), line.cwd, line.version,
            line.git_branch, line.entrypoint, line.attribution_agent,
        )  # fmt: skip
        if self._last is not None and envelope == self._last[0]:
            writer = self._last[1]
        else:
            writer = self._of(envelope, line, agent_id)
            self._last = envelope, writer
        writer.move_to(line, offset, self._memory)
        return writer

    def _of(self, envelope: tuple[object, ...], line: Line, agent_id: str | None) -> Writer:
        writer = self._by_envelope.get(envelope)
        if writer is None:
            writer = self._by_envelope[envelope] = self._met(line, self._batch.place.agent_id or word(agent_id))
        return writer

    def conclude(self) -> Iterable[Writer]:
        """Complete the batch with what all lines say about sessions and agents; the writers."""
        for writer in self._by_envelope.values():
            writer.conclude()
        self._batch.agents |= {key: agent for key, agent in self._agents.items() if agent.last_at_ms}
        return self._by_envelope.values()

    def _is_forked(self, line: Line) -> bool:
        return self._memory.is_copy or line.forked_from is not None

    def _met(self, line: Line, agent_id: str) -> Writer:
        place = self._batch.place
        session_id = word(line.session_id) or place.session_id
        rank = FORKED * self._is_forked(line) + SIDECHAIN * (line.is_sidechain is True)
        rank += MISNAMED * bool(place.session_id and session_id != place.session_id)
        session = self._batch.sessions.setdefault(session_id, SessionFacts())
        agent = self._agents.get((session_id, agent_id))
        if agent is None:
            background = place.background if agent_id else ""
            agent = self._agents[session_id, agent_id] = AgentFacts(0, 0, background=background)
        if agent_id and line.attribution_agent:
            agent.agent_type = agent.agent_type or label(line.attribution_agent)
        return Writer(line, Owner(rank, session_id, agent_id, place.path), session, agent)


def copies_parent(line: Line, is_copy: bool) -> bool:
    """Whether a line of an agent's log is copied from its parent; `is_copy` says so of the line before.

    The log of a forked agent begins with a reference to its parent and the parent's last answer, then comes its prompt.
    """
    return line.type == "fork-context-ref" or (is_copy and line.type != "user")


def inline_agent(line: Line, roots: dict[str, str]) -> str:
    """The agent of a line in the main log of an older version: named after the record that began it.

    Adds the line to `roots`.
    """
    uuid, parent = identifier(line.uuid), identifier(line.parent_uuid)
    begins = uuid if not parent else roots.get(parent)
    root = begins or next(reversed(roots.values()), "sidechain")
    if uuid:
        roots[uuid] = root
    return root


def record_id(line: Line, writer: Writer) -> str:
    """The record's uuid, which copies share; else its place in the log."""
    return identifier(line.uuid) or digest(f"{writer.owner.log_path}:{writer.log_offset}".encode())
