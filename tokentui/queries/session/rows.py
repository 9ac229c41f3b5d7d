"""Reads the agents, responses, tool calls and events of one session, in the order of time."""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from collections.abc import Iterable
from typing import Any, NamedTuple

from tokentui.records import Tokens


class Member(NamedTuple):
    """An agent of the session."""

    row_id: int
    agent_id: str
    """Empty for the main thread."""
    agent_type: str


class Spoken(NamedTuple):
    """A response, or a part of one that is priced apart: an earlier prompt, a compaction or an advisor."""

    agent_row: int
    response_id: int
    part: int
    at_ms: int
    model_id: int
    tokens: Tokens
    cost_pico_usd: int | None
    is_lower_bound: int

    @property
    def prompt_tokens(self) -> int:
        """Uncached input, reads and writes."""
        return self.tokens.prompt


class Sized(NamedTuple):
    """A response, by the size of its prompt alone."""

    agent_row: int
    response_id: int
    at_ms: int
    prompt_tokens: int
    """Uncached input, reads and writes."""
    output_tokens: int


class Called(NamedTuple):
    """A tool call."""

    agent_row: int
    name: str
    at_ms: int
    result_at_ms: int | None
    is_error: int | None
    result_bytes: int | None
    tool_use_id: str
    task: str
    """Name of a skill, or what a sub-agent was asked."""


class Happened(NamedTuple):
    """An event."""

    agent_row: int
    at_ms: int
    detail: str
    """JSON."""


def session_row(connection: sqlite3.Connection, session_id: str) -> int | None:
    """The row of a session; None where it is not stored."""
    row = connection.execute("SELECT id FROM session WHERE session_id = ?", (session_id,)).fetchone()
    return None if row is None else int(row[0])


def members(connection: sqlite3.Connection, session: int) -> dict[int, Member]:
    """The agents of a session by row."""
    rows = connection.execute(
        "SELECT agent_row, agent, agent_names.agent_type FROM agent JOIN agent_names ON agent_row = agent.id "
        "WHERE agent.session_id = ?",
        (session,),
    )
    return {row[0]: Member(*row) for row in rows}


def spoken(connection: sqlite3.Connection, session: int, agent_row: int | None = None) -> list[Spoken]:
    """All that was billed in a session, or of one agent of it, by agent and time."""
    only = "" if agent_row is None else "AND agent.id = ?"
    rows = connection.execute(
        "SELECT response.agent_id, response.id, part, at_ms, model_id, input_tokens, output_tokens, "
        "cache_write_5m_tokens, cache_write_1h_tokens, cache_read_tokens, cost_pico_usd, is_lower_bound "
        f"FROM agent JOIN response ON response.agent_id = agent.id WHERE agent.session_id = ? {only} "
        "ORDER BY agent.agent_id, at_ms, response.id",
        (session,) if agent_row is None else (session, agent_row),
    )
    return [Spoken._make((*row[:5], Tokens(*row[5:10]), row[10], row[11])) for row in rows]


def sized(connection: sqlite3.Connection, session: int) -> list[Sized]:
    """The responses of a session by agent and time; half the cost of `spoken`."""
    rows = connection.execute(
        "SELECT response.agent_id, response.id, at_ms, input_tokens + cache_write_5m_tokens + cache_write_1h_tokens "
        "+ cache_read_tokens, output_tokens "
        "FROM agent JOIN response ON response.agent_id = agent.id WHERE agent.session_id = ? AND part = 0 "
        "ORDER BY agent.agent_id, at_ms, response.id",
        (session,),
    )
    return list(map(Sized._make, rows))


def called(connection: sqlite3.Connection, session: int) -> list[Called]:
    """All tool calls of a session, by agent and time."""
    rows = connection.execute(
        "SELECT tool_call.agent_id, name, at_ms, result_at_ms, is_error, result_bytes, tool_use_id, tool_call.task "
        "FROM agent JOIN tool_call ON tool_call.agent_id = agent.id WHERE agent.session_id = ? "
        "ORDER BY agent.agent_id, at_ms, tool_call.id",
        (session,),
    )
    return list(map(Called._make, rows))


def happened(connection: sqlite3.Connection, session: int, kind: str) -> list[Happened]:
    """Events of one kind in a session, in the order of time."""
    rows = connection.execute(
        "SELECT event.agent_id, event.at_ms, event.detail FROM agent JOIN event ON event.agent_id = agent.id "
        "WHERE agent.session_id = ? AND event.kind = ? ORDER BY event.at_ms, event.id",
        (session, kind),
    )
    return [Happened(*row) for row in rows]


def by_agent(rows: Iterable[Any]) -> dict[int, list[Any]]:
    """Rows by agent, in their order."""
    found: dict[int, list[Any]] = defaultdict(list)
    for row in rows:
        found[row.agent_row].append(row)
    return found
