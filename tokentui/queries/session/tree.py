"""A session's agents as a tree: who spawned whom, and what each burns on its own and with all below it."""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from tokentui.instants import MINUTE_MS, moment_of, ms_of
from tokentui.queries.live.sessions import Latest, latest_responses
from tokentui.queries.live.working import Working
from tokentui.queries.results import SessionRow
from tokentui.queries.session.results import AgentRow, AgentState, SessionTree
from tokentui.queries.sums.levels import EARLIEST_MS
from tokentui.queries.sums.usage import NOTHING, Scope, Sums, by
from tokentui.records import cache_hit_rate

MAIN = ""
"""Agent id of the main thread."""


class _Agent(NamedTuple):
    row_id: int
    agent_id: str
    agent_type: str
    task: str
    background: str
    prompt_digest: str
    last_line: str
    first_at_ms: int
    last_at_ms: int


class _Link(NamedTuple):
    agent_id: str
    kind: str
    tool_use_id: str
    parent_agent_id: str
    agent_type: str
    name: str
    description: str
    status: str
    is_fork: int


class _Call(NamedTuple):
    """A tool call that may have spawned an agent."""

    tool_use_id: str
    caller: str
    prompt_digest: str
    agent_type: str
    task: str


@dataclass(frozen=True, slots=True)
class _Parentage:
    parent: str
    kind: str
    call: _Call | None


@dataclass(frozen=True, slots=True)
class _Figures:
    """What was summed and counted, by agent row."""

    own: dict[int, Sums]
    last_minute: dict[int, Sums]
    calls: dict[int, int]
    errors: dict[int, int]
    working: frozenset[int]
    is_idle: bool
    """Whether nobody is at work and no process of the session is known."""


def session_tree(connection: sqlite3.Connection, session: SessionRow, working: Working, now: datetime) -> SessionTree:
    """The agents of a session, parents before children, children in the order in which they began."""
    session_row = connection.execute("SELECT id FROM session WHERE session_id = ?", (session.session_id,)).fetchone()[0]
    agents = _agents(connection, session_row, session)
    links = _links(connection, session_row)
    parentage = _parentage(agents, links, _calls(connection, session_row))
    figures = _figures(connection, session_row, working, now, is_idle=session.state == "idle")
    children = _children(agents, parentage)
    own = {agent_id: figures.own.get(agent.row_id, NOTHING) for agent_id, agent in agents.items()}
    inclusive = _inclusive(children, own)
    newest = latest_responses(connection, (agent.row_id for agent in agents.values()))
    rows: list[AgentRow] = []
    for agent_id, depth, is_last in _walk(children):
        agent, known = agents[agent_id], links.get(agent_id, [])
        row = _row(agent, known, parentage.get(agent_id), figures, newest.get(agent.row_id, Latest()))
        total = inclusive[agent_id]
        rows.append(
            row._replace(depth=depth, is_last_child=is_last, inclusive_tokens=total.tokens, inclusive_money=total.money)
        )
    return SessionTree(now, session, tuple(rows))


def _children(agents: dict[str, _Agent], parentage: dict[str, _Parentage]) -> dict[str, list[str]]:
    """Parent → children, in the order in which they began."""
    children: dict[str, list[str]] = defaultdict(list)
    for agent in sorted(agents.values(), key=lambda agent: (agent.first_at_ms, agent.agent_id)):
        if agent.agent_id != MAIN:
            children[parentage[agent.agent_id].parent].append(agent.agent_id)
    return children


def _agents(connection: sqlite3.Connection, session_row: int, session: SessionRow) -> dict[str, _Agent]:
    rows = connection.execute(
        "SELECT id, agent_id, agent_type, task, background, prompt_digest, last_line, first_at_ms, last_at_ms "
        "FROM agent WHERE session_id = ?",
        (session_row,),
    )
    agents = {row[1]: _Agent(*row) for row in rows}
    if MAIN not in agents:  # only sub-agents' logs were found; the tree still needs its root
        first, last = (ms_of(at) for at in (session.first_line_at, session.last_line_at))
        agents[MAIN] = _Agent(-1, MAIN, "", "", "", "", "", first, last)
    return agents


def _links(connection: sqlite3.Connection, session_row: int) -> dict[str, list[_Link]]:
    """What is known about each agent's origin, the best word first."""
    links: dict[str, list[_Link]] = defaultdict(list)
    for row in connection.execute(
        "SELECT agent_id, kind, tool_use_id, parent_agent_id, agent_type, name, description, status, is_fork "
        "FROM agent_link WHERE session_id = ? ORDER BY agent_id, rank",
        (session_row,),
    ):
        links[row[0]].append(_Link(*row))
    return links


def _calls(connection: sqlite3.Connection, session_row: int) -> list[_Call]:
    rows = connection.execute(
        "SELECT tool_use_id, agent.agent_id, tool_call.prompt_digest, tool_call.agent_type, tool_call.task "
        "FROM agent JOIN tool_call ON tool_call.agent_id = agent.id "
        "WHERE agent.session_id = ? AND tool_call.name IN ('Task', 'Agent') ORDER BY tool_call.at_ms",
        (session_row,),
    )
    return [_Call(*row) for row in rows]


def _parentage(agents: dict[str, _Agent], links: dict[str, list[_Link]], calls: list[_Call]) -> dict[str, _Parentage]:
    """Each sub-agent's parent; links that form a ring, or name nobody, hang under the main thread."""
    by_id = {call.tool_use_id: call for call in calls}
    by_prompt = {call.prompt_digest: call for call in calls if call.prompt_digest}
    found: dict[str, _Parentage] = {}
    for agent_id, agent in agents.items():
        if agent_id != MAIN:
            found[agent_id] = _one_parentage(agent, links.get(agent_id, []), by_id, by_prompt, agents)
    for agent_id, parentage in list(found.items()):
        if _is_in_ring(agent_id, found):
            found[agent_id] = _Parentage(MAIN, "folder", parentage.call)
    return found


def _one_parentage(
    agent: _Agent, links: list[_Link], by_id: dict[str, _Call], by_prompt: dict[str, _Call], agents: dict[str, _Agent]
) -> _Parentage:
    for link in links:
        call = by_id.get(link.tool_use_id)
        if link.parent_agent_id in agents and link.parent_agent_id != agent.agent_id and link.parent_agent_id:
            return _Parentage(link.parent_agent_id, link.kind, call)
        if call is not None and call.caller != agent.agent_id:
            return _Parentage(call.caller, link.kind, call)
    call = by_prompt.get(agent.prompt_digest) if agent.prompt_digest else None
    if call is not None and call.caller != agent.agent_id:
        return _Parentage(call.caller, "prompt", call)
    return _Parentage(MAIN, "folder", None)


def _is_in_ring(agent_id: str, found: dict[str, _Parentage]) -> bool:
    at, steps = agent_id, 0
    while at != MAIN:
        at, steps = found[at].parent, steps + 1
        if at == agent_id or steps > len(found):
            return True
    return False


def _figures(
    connection: sqlite3.Connection, session_row: int, working: Working, now: datetime, *, is_idle: bool
) -> _Figures:
    own = frozenset((session_row,))
    minute_ms = ms_of(now) - MINUTE_MS
    calls: dict[int, int] = {}
    errors: dict[int, int] = defaultdict(int)
    for agent, count, failed in connection.execute(
        "SELECT agent.id, count(*), sum(ifnull(is_error, 0)) FROM agent "
        "JOIN tool_call ON tool_call.agent_id = agent.id WHERE agent.session_id = ? GROUP BY 1",
        (session_row,),
    ):
        calls[agent] = count
        errors[agent] += failed
    for agent, count in connection.execute(
        "SELECT agent.id, count(*) FROM agent JOIN event ON event.agent_id = agent.id "
        "WHERE agent.session_id = ? AND event.kind IN ('api error', 'api retry', 'limit') GROUP BY 1",
        (session_row,),
    ):
        errors[agent] += count
    return _Figures(
        by(connection, "agent_id", Scope(EARLIEST_MS, sessions=own)),
        by(connection, "agent_id", Scope(minute_ms, sessions=own)),
        calls,
        errors,
        working.all_agents,
        is_idle,
    )


def _inclusive(children: dict[str, list[str]], own: dict[str, Sums]) -> dict[str, Sums]:
    """Own figures and those of all below, bottom up (without recursion: depth is whatever the logs say)."""
    inclusive = dict(own)
    for agent_id, _, _ in reversed(list(_walk(children))):
        for child in children.get(agent_id, []):
            inclusive[agent_id] = inclusive[agent_id].plus(inclusive[child])
    return inclusive


def _walk(children: dict[str, list[str]]) -> Iterator[tuple[str, int, bool]]:
    """(agent, depth, whether it is its parent's last child), in display order."""
    stack = [(MAIN, 0, True)]
    while stack:
        agent_id, depth, is_last = stack.pop()
        yield agent_id, depth, is_last
        below = children.get(agent_id, [])
        stack += [(child, depth + 1, child == below[-1]) for child in reversed(below)]


def _row(
    agent: _Agent, links: list[_Link], parentage: _Parentage | None, figures: _Figures, newest: Latest
) -> AgentRow:
    """An agent's own part of its row; its place in the tree and what is below it are filled in by the caller."""
    mine, row_id = figures.own.get(agent.row_id, NOTHING), agent.row_id
    call = parentage.call if parentage else None
    described = next((link.description for link in links if link.description), "")
    return AgentRow(
        agent_id=agent.agent_id,
        depth=0,
        is_last_child=True,
        name=_name(agent, links, call),
        task=described or (call.task if call else "") or agent.task,
        background=agent.background,
        state=_state(agent, links, figures),
        model=newest.model,
        own_tokens=mine.tokens,
        own_money=mine.money,
        inclusive_tokens=mine.tokens,
        inclusive_money=mine.money,
        tokens_last_minute=figures.last_minute.get(row_id, NOTHING).tokens,
        context_tokens=newest.prompt_tokens,
        hit_rate=cache_hit_rate(mine.tokens),
        tool_calls=figures.calls.get(row_id, 0),
        errors=figures.errors.get(row_id, 0),
        lower_bound_responses=mine.lower_bound_responses,
        first_line_at=moment_of(agent.first_at_ms),
        last_line_at=moment_of(agent.last_at_ms),
        link=parentage.kind if parentage else "",
        is_fork=any(link.is_fork for link in links),
        workflow=workflow_of(newest.log_path),
        spawned_by=call.tool_use_id if call else next((link.tool_use_id for link in links if link.tool_use_id), ""),
    )


def workflow_of(log_path: str) -> str:
    """The workflow that an agent's log belongs to, by its folder; empty for any other agent."""
    folders = log_path.replace("\\", "/").split("/")[:-1]
    return folders[-1] if folders[-2:-1] == ["workflows"] else ""


def _name(agent: _Agent, links: list[_Link], call: _Call | None) -> str:
    if agent.agent_id == MAIN:
        return "main"
    name = next((link.name for link in links if link.name), "")
    kind = agent.agent_type or next((link.agent_type for link in links if link.agent_type), "")
    return name or kind or (call.agent_type if call else "") or agent.background or "agent"


def _state(agent: _Agent, links: list[_Link], figures: _Figures) -> AgentState:
    if agent.row_id in figures.working:
        return "working"
    if agent.agent_id == MAIN:
        return "idle" if figures.is_idle else "waiting"
    ended = next((link.status for link in links if link.status in ("completed", "failed", "killed")), "")
    return "failed" if ended in ("failed", "killed") else "done"
