"""Finds the agents of the last ten minutes, and how far each is below its session's main thread."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from typing import NamedTuple

from tokentui.instants import AHEAD_MS, MINUTE_MS
from tokentui.queries.live.working import IN_FLIGHT_MS, Working
from tokentui.queries.parameters import as_json

_CALLED_BEFORE_MS = 10 * MINUTE_MS
"""How far before an agent's first line the call that spawned it is searched for."""


class RecentAgent(NamedTuple):
    """A row of table `agent`."""

    row_id: int
    session_row: int
    agent_id: str
    agent_type: str
    background: str
    first_at_ms: int
    last_at_ms: int


def recent_agents(connection: sqlite3.Connection, now_ms: int, working: Working) -> list[RecentAgent]:
    """Agents with a line in the last ten minutes, or at work by the live registry; the earliest first."""
    rows = connection.execute(
        f"SELECT {_COLUMNS} FROM agent WHERE last_at_ms >= ? AND first_at_ms <= ?",
        (now_ms - IN_FLIGHT_MS, now_ms + AHEAD_MS),
    )
    found = {row[0]: RecentAgent(*row) for row in rows}
    silent = working.all_agents - found.keys()
    if silent:
        rows = connection.execute(
            f"SELECT {_COLUMNS} FROM json_each(?) AS wanted JOIN agent ON agent.id = wanted.value", (as_json(silent),)
        )
        found.update((row[0], RecentAgent(*row)) for row in rows)
    return sorted(found.values(), key=lambda agent: (agent.first_at_ms, agent.row_id))


_COLUMNS = """agent.id, agent.session_id, agent.agent_id, coalesce(nullif(agent.agent_type, ''), (
    SELECT link.agent_type FROM agent_link AS link WHERE link.session_id = agent.session_id
    AND link.agent_id = agent.agent_id AND link.agent_type <> '' ORDER BY link.rank LIMIT 1), ''),
    agent.background, agent.first_at_ms, agent.last_at_ms"""


MOST_REMEMBERED = 50_000
"""How many agents' parents are remembered; when there are more, all are forgotten and looked up again."""


class Depths:
    """Finds who spawned whom. Parents that are known are remembered; others are looked for again."""

    def __init__(self, connection: sqlite3.Connection, most: int = MOST_REMEMBERED) -> None:
        self._connection, self._most = connection, most
        self._parents: dict[tuple[int, str], str] = {}

    def of(self, agents: Iterable[RecentAgent]) -> dict[int, int]:
        """Row id → levels below the main thread; 1 if a sub-agent's parent is not known."""
        agents = list(agents)
        if len(self._parents) > self._most:
            self._parents.clear()
        unknown = [agent for agent in agents if agent.agent_id and self._key(agent) not in self._parents]
        if unknown:
            self._parents.update(self._linked(unknown))
            self._parents.update(self._by_prompt([a for a in unknown if self._key(a) not in self._parents]))
        return {agent.row_id: self._depth(agent.session_row, agent.agent_id) for agent in agents}

    @staticmethod
    def _key(agent: RecentAgent) -> tuple[int, str]:
        return agent.session_row, agent.agent_id

    def _linked(self, agents: list[RecentAgent]) -> dict[tuple[int, str], str]:
        """Parents from the links in logs: the best one that names a parent or a call."""
        rows = self._connection.execute(
            "SELECT agent.session_id, agent.agent_id, link.parent_agent_id, caller.agent_id"
            " FROM json_each(?) AS wanted JOIN agent ON agent.id = wanted.value"
            " JOIN agent_link AS link ON link.session_id = agent.session_id AND link.agent_id = agent.agent_id"
            " LEFT JOIN tool_call AS call ON call.tool_use_id = link.tool_use_id AND link.tool_use_id <> ''"
            " LEFT JOIN agent AS caller ON caller.id = call.agent_id AND caller.session_id = agent.session_id"
            " ORDER BY agent.id, link.rank",
            (as_json(agent.row_id for agent in agents),),
        )
        parents: dict[tuple[int, str], str] = {}
        for session_row, agent_id, named, caller in rows:
            parent = named or caller
            if parent is not None and parent != agent_id:
                parents.setdefault((session_row, agent_id), parent)
        return parents

    def _by_prompt(self, agents: list[RecentAgent]) -> dict[tuple[int, str], str]:
        """Parents from prompts: an agent's first prompt is that of a call. Links may come only when the agent ends."""
        if not agents:
            return {}
        rows = self._connection.execute(
            "SELECT agent.session_id, agent.agent_id, caller.agent_id"
            " FROM json_each(:agents) AS wanted JOIN agent ON agent.id = wanted.value"
            " JOIN agent AS caller ON caller.session_id = agent.session_id AND caller.id <> agent.id"
            " JOIN tool_call AS call ON call.agent_id = caller.id AND call.prompt_digest = agent.prompt_digest"
            " WHERE agent.prompt_digest <> '' AND caller.last_at_ms >= agent.first_at_ms - :before_ms"
            " AND call.at_ms >= agent.first_at_ms - :before_ms",
            {"agents": as_json(agent.row_id for agent in agents), "before_ms": _CALLED_BEFORE_MS},
        )
        return {(session_row, agent_id): caller for session_row, agent_id, caller in rows}

    def _depth(self, session_row: int, agent_id: str) -> int:
        depth = 0
        met: set[str] = set()
        while agent_id and agent_id not in met:
            met.add(agent_id)
            agent_id = self._parents.get((session_row, agent_id), "")
            depth += 1
        return depth
