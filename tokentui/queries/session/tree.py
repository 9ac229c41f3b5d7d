"""Builds the tree of a session's agents, with what each used itself and with all agents below it."""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from tokentui.instants import EARLIEST_MS, MINUTE_MS, moment_of, ms_of
from tokentui.queries.live.sessions import Latest, latest_responses
from tokentui.queries.live.working import Working
from tokentui.queries.results import SessionRow
from tokentui.queries.session.parentage import MAIN, Agent, Call, Link, Parentage, agents_of, links_of, parentage_of
from tokentui.queries.session.results import AgentRow, AgentState, SessionTree
from tokentui.queries.sums.usage import NOTHING, Scope, Sums, by
from tokentui.records import cache_hit_rate


@dataclass(frozen=True, slots=True)
class _Figures:
    """Sums and counts by agent row."""

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
    agents = agents_of(connection, session_row, session)
    links = links_of(connection, session_row)
    parentage = parentage_of(connection, session_row, agents, links)
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


def _children(agents: dict[str, Agent], parentage: dict[str, Parentage]) -> dict[str, list[str]]:
    """Parent → children, in the order in which they began."""
    children: dict[str, list[str]] = defaultdict(list)
    for agent in sorted(agents.values(), key=lambda agent: (agent.first_at_ms, agent.agent_id)):
        if agent.agent_id != MAIN:
            children[parentage[agent.agent_id].parent].append(agent.agent_id)
    return children


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
    """Own figures and those of all agents below, bottom up; not recursive, because logs may claim any depth."""
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


def _row(agent: Agent, links: list[Link], parentage: Parentage | None, figures: _Figures, newest: Latest) -> AgentRow:
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


def _name(agent: Agent, links: list[Link], call: Call | None) -> str:
    if agent.agent_id == MAIN:
        return "main"
    name = next((link.name for link in links if link.name), "")
    kind = agent.agent_type or next((link.agent_type for link in links if link.agent_type), "")
    return name or kind or (call.agent_type if call else "") or agent.background or "agent"


def _state(agent: Agent, links: list[Link], figures: _Figures) -> AgentState:
    if agent.row_id in figures.working:
        return "working"
    if agent.agent_id == MAIN:
        return "idle" if figures.is_idle else "waiting"
    ended = next((link.status for link in links if link.status in ("completed", "failed", "killed")), "")
    return "failed" if ended in ("failed", "killed") else "done"
