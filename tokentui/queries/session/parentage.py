"""Finds out who spawned whom in a session: from what logs say of each agent, else by the call with its prompt."""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from dataclasses import dataclass
from typing import NamedTuple

from tokentui.instants import ms_of
from tokentui.queries.results import SessionRow

MAIN = ""
"""Agent id of the main thread."""


class Agent(NamedTuple):
    """An agent as it is stored."""

    row_id: int
    agent_id: str
    agent_type: str
    task: str
    background: str
    prompt_digest: str
    last_line: str
    first_at_ms: int
    last_at_ms: int


class Link(NamedTuple):
    """One statement of the logs on who spawned an agent."""

    agent_id: str
    kind: str
    tool_use_id: str
    parent_agent_id: str
    agent_type: str
    name: str
    description: str
    status: str
    is_fork: int


class Call(NamedTuple):
    """A tool call that may have spawned an agent."""

    tool_use_id: str
    caller: str
    prompt_digest: str
    agent_type: str
    task: str


@dataclass(frozen=True, slots=True)
class Parentage:
    """An agent's parent, how it is known, and the call that spawned it, if known."""

    parent: str
    kind: str
    call: Call | None


def agents_of(connection: sqlite3.Connection, session_row: int, session: SessionRow) -> dict[str, Agent]:
    """All agents of a session by id; the main thread is always among them."""
    rows = connection.execute(
        "SELECT id, agent_id, agent_type, task, background, prompt_digest, last_line, first_at_ms, last_at_ms "
        "FROM agent WHERE session_id = ?",
        (session_row,),
    )
    agents = {row[1]: Agent(*row) for row in rows}
    if MAIN not in agents:  # only sub-agents' logs were found; the tree still needs its root
        first, last = (ms_of(at) for at in (session.first_line_at, session.last_line_at))
        agents[MAIN] = Agent(-1, MAIN, "", "", "", "", "", first, last)
    return agents


def links_of(connection: sqlite3.Connection, session_row: int) -> dict[str, list[Link]]:
    """What logs say of each agent's origin, the most reliable first."""
    links: dict[str, list[Link]] = defaultdict(list)
    for row in connection.execute(
        "SELECT agent_id, kind, tool_use_id, parent_agent_id, agent_type, name, description, status, is_fork "
        "FROM agent_link WHERE session_id = ? ORDER BY agent_id, rank",
        (session_row,),
    ):
        links[row[0]].append(Link(*row))
    return links


def _calls(connection: sqlite3.Connection, session_row: int) -> list[Call]:
    rows = connection.execute(
        "SELECT tool_use_id, agent.agent_id, tool_call.prompt_digest, tool_call.agent_type, tool_call.task "
        "FROM agent JOIN tool_call ON tool_call.agent_id = agent.id "
        "WHERE agent.session_id = ? AND tool_call.name IN ('Task', 'Agent') ORDER BY tool_call.at_ms",
        (session_row,),
    )
    return [Call(*row) for row in rows]


def parentage_of(
    connection: sqlite3.Connection, session_row: int, agents: dict[str, Agent], links: dict[str, list[Link]]
) -> dict[str, Parentage]:
    """Each sub-agent's parent; agents whose links form a ring or name nobody are put under the main thread."""
    calls = _calls(connection, session_row)
    by_id = {call.tool_use_id: call for call in calls}
    by_prompt = {call.prompt_digest: call for call in calls if call.prompt_digest}
    found: dict[str, Parentage] = {}
    for agent_id, agent in agents.items():
        if agent_id != MAIN:
            found[agent_id] = _one_parentage(agent, links.get(agent_id, []), by_id, by_prompt, agents)
    for agent_id, parentage in list(found.items()):
        if _is_in_ring(agent_id, found):
            found[agent_id] = Parentage(MAIN, "folder", parentage.call)
    return found


def _one_parentage(
    agent: Agent, links: list[Link], by_id: dict[str, Call], by_prompt: dict[str, Call], agents: dict[str, Agent]
) -> Parentage:
    for link in links:
        call = by_id.get(link.tool_use_id)
        if link.parent_agent_id in agents and link.parent_agent_id != agent.agent_id and link.parent_agent_id:
            return Parentage(link.parent_agent_id, link.kind, call)
        if call is not None and call.caller != agent.agent_id:
            return Parentage(call.caller, link.kind, call)
    call = by_prompt.get(agent.prompt_digest) if agent.prompt_digest else None
    if call is not None and call.caller != agent.agent_id:
        return Parentage(call.caller, "prompt", call)
    return Parentage(MAIN, "folder", None)


def _is_in_ring(agent_id: str, found: dict[str, Parentage]) -> bool:
    at, steps = agent_id, 0
    while at != MAIN:
        at, steps = found[at].parent, steps + 1
        if at == agent_id or steps > len(found):
            return True
    return False
