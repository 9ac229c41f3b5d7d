"""Who wrote a line, and when: the session, the agent, and whether the record is a copy."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import lru_cache
from hashlib import blake2b
from typing import NamedTuple

from tokentui.batch import AgentFacts, Batch, Project, SessionFacts, Setting
from tokentui.counting import FORKED, MISNAMED, SIDECHAIN
from tokentui.text import safe_text
from tokentui.transcripts.wire import Line

_EARLIEST_MS, _LATEST_MS = 1_577_836_800_000, 4_102_444_800_000  # 2020 to 2100: beyond is a broken clock


class Writer(NamedTuple):
    """The author of one line."""

    session_id: str
    agent_id: str
    """Empty for the main thread."""
    at_ms: int
    after_ms: int
    """Newest time in the log up to this line, 0 before there is one: orders lines that have no time of their own."""
    log_path: str
    log_offset: int
    copy_rank: int
    """0 for an original; see `counting.Owner`."""
    session: SessionFacts
    agent: AgentFacts | None
    """None for lines that say nothing about an agent's state."""

    @property
    def home(self) -> str:
        """Names the writer across logs."""
        return f"{self.session_id}/{self.agent_id}"


def line_time_ms(timestamp: object) -> int | None:
    """An ISO timestamp as milliseconds since 1970, or None where it is missing or absurd."""
    if not isinstance(timestamp, str):
        return None
    try:
        moment = datetime.fromisoformat(timestamp)
        aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        at_ms = round(aware.timestamp() * 1000)
    except (ValueError, OverflowError, OSError):
        return None
    return at_ms if _EARLIEST_MS <= at_ms <= _LATEST_MS else None


def identifier(value: object) -> str:
    """An id from a log, safe to store and show; empty where it is no text."""
    if not isinstance(value, str):
        return ""
    return value if value.isascii() and value.isprintable() and len(value) <= 200 else safe_text(value)


def word(value: object) -> str:
    """The same for what many lines repeat: ids of sessions, names of models, versions."""
    return _word(value) if isinstance(value, str) else ""


_word = lru_cache(maxsize=2048)(identifier)
_branch = lru_cache(maxsize=256)(safe_text)


def digest(raw: bytes) -> str:
    """A short fingerprint: equal inputs are recognised, the input itself is not kept."""
    return blake2b(raw, digest_size=8).hexdigest()


def record_id(line: Line, writer: Writer) -> str:
    """The record's uuid, which copies share; else its place."""
    return identifier(line.uuid) or digest(f"{writer.log_path}:{writer.log_offset}".encode())


def writer_of(
    line: Line, offset: int, at_ms: int, after_ms: int, batch: Batch, sidechain_roots: dict[str, str]
) -> Writer:
    """The author of a line, with the facts about session and agent brought up to date."""
    place = batch.place
    session_id = word(line.session_id) or place.session_id
    sidechain = line.is_sidechain is True
    agent_id = place.agent_id or word(line.agent_id)
    if sidechain and not agent_id:
        agent_id = _inline_agent(line, sidechain_roots)
    rank = FORKED * isinstance(line.forked_from, dict) + SIDECHAIN * sidechain
    rank += MISNAMED * bool(place.session_id and session_id != place.session_id)
    session = _session_facts(line, session_id, at_ms, batch)
    speaks = line.timestamp is not None or line.type == "assistant"
    agent = _agent_facts(line, session_id, agent_id, at_ms, batch) if speaks else None
    return Writer(session_id, agent_id, at_ms, after_ms, place.path, offset, rank, session, agent)


def _inline_agent(line: Line, roots: dict[str, str]) -> str:
    """Old logs keep sub-agents in the main file; an agent there is named after the record that began it."""
    uuid, parent = identifier(line.uuid), identifier(line.parent_uuid)
    root = roots.get(parent) or (uuid if not parent else next(reversed(roots.values()), "sidechain"))
    roots[uuid] = root
    return root


def _session_facts(line: Line, session_id: str, at_ms: int, batch: Batch) -> SessionFacts:
    facts = batch.sessions.get(session_id)
    if facts is None:
        facts = batch.sessions[session_id] = SessionFacts()
    if line.timestamp is None:
        return facts
    if not facts.first_at_ms or at_ms < facts.first_at_ms:
        facts.first_at_ms = at_ms
    facts.last_at_ms = max(facts.last_at_ms, at_ms)
    if isinstance(line.cwd, str) and (facts.project is None or at_ms <= facts.project.at_ms):
        project = Project(at_ms, safe_text(line.cwd, 1000))
        facts.project = min(facts.project or project, project)
    if isinstance(line.version, str) and (facts.setting is None or at_ms >= facts.setting.at_ms):
        branch = _branch(line.git_branch) if isinstance(line.git_branch, str) else ""
        setting = Setting(at_ms, branch, word(line.version), word(line.entrypoint))
        facts.setting = setting if facts.setting is None else max(facts.setting, setting)
    return facts


def _agent_facts(line: Line, session_id: str, agent_id: str, at_ms: int, batch: Batch) -> AgentFacts:
    facts = batch.agents.get((session_id, agent_id))
    if facts is None:
        facts = batch.agents[session_id, agent_id] = AgentFacts(
            at_ms, at_ms, background=batch.place.background if agent_id else ""
        )
    facts.first_at_ms = min(facts.first_at_ms, at_ms)
    facts.last_at_ms = max(facts.last_at_ms, at_ms)
    if agent_id and isinstance(line.attribution_agent, str):
        facts.agent_type = facts.agent_type or safe_text(line.attribution_agent, 80)
    return facts
