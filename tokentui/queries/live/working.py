"""Finds the agents at work: those with something in flight."""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from tokentui.instants import MINUTE_MS
from tokentui.transcripts.registry import LiveSession

IN_FLIGHT_MS = 10 * MINUTE_MS
"""A question or tool call that is older counts as abandoned."""
SPEAKING_MS = MINUTE_MS
"""For so long after any line but the end of a turn an agent counts as working."""


@dataclass(frozen=True, slots=True)
class Working:
    """Agents at work now, by row id of their session, and what the live registry says."""

    agents: dict[int, frozenset[int]]
    """Session → agents at work, background ones left out."""
    all_agents: frozenset[int]
    """Agents at work, background ones included."""
    live: dict[int, LiveSession]
    """Session → its running process."""

    @property
    def agent_count(self) -> int:
        """How many agents of all sessions are at work."""
        return sum(len(agents) for agents in self.agents.values())


def working_now(connection: sqlite3.Connection, now_ms: int, registry: Iterable[LiveSession]) -> Working:
    """The main threads and sub-agents with something in flight, by their last line or by the live registry."""
    agents: dict[int, set[int]] = defaultdict(set)
    everyone: set[int] = set()
    rows = connection.execute(
        "SELECT id, session_id, background, last_line, last_at_ms FROM agent WHERE last_at_ms >= ?",
        (now_ms - IN_FLIGHT_MS,),
    )
    for agent_id, session_id, background, last_line, last_at_ms in rows:
        if is_working(last_line, now_ms - last_at_ms):
            everyone.add(agent_id)
            if not background:
                agents[session_id].add(agent_id)
    live = _live_sessions(connection, registry)
    for session_id, process in live.items():
        if process.status == "busy":
            main = _main_agent(connection, session_id)
            if main is not None:
                agents[session_id].add(main)
                everyone.add(main)
    return Working({key: frozenset(value) for key, value in agents.items()}, frozenset(everyone), live)


def is_working(last_line: str, age_ms: int) -> bool:
    """Whether an agent is at work, from the kind and the age of its newest line."""
    if last_line in ("asked", "tool"):
        return age_ms <= IN_FLIGHT_MS
    return last_line == "said" and age_ms <= SPEAKING_MS


def _live_sessions(connection: sqlite3.Connection, registry: Iterable[LiveSession]) -> dict[int, LiveSession]:
    found: dict[int, LiveSession] = {}
    for process in registry:
        row = connection.execute("SELECT id FROM session WHERE session_id = ?", (process.session_id,)).fetchone()
        if row is not None:
            found[row[0]] = process
    return found


def _main_agent(connection: sqlite3.Connection, session_id: int) -> int | None:
    row = connection.execute("SELECT id FROM agent WHERE session_id = ? AND agent_id = ''", (session_id,)).fetchone()
    return row[0] if row else None
