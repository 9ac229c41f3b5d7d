"""One step further down from a session's views: the responses of a turn, and the calls of a tool."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from tokentui.instants import moment_of
from tokentui.queries.session.responses import session_responses
from tokentui.queries.session.results import ResponseRow, SessionTree
from tokentui.queries.session.rows import Called, called, happened, members, session_row
from tokentui.queries.session.tools import ToolGrouping, naming
from tokentui.queries.session.turns import Turn, session_turns

_EARLIEST_MS, _LATEST_MS = -(1 << 62), 1 << 62


@dataclass(frozen=True, eq=False, slots=True)
class TurnResponses:
    """The responses of one turn, of all agents."""

    tree: SessionTree
    turn: Turn
    responses: tuple[ResponseRow, ...]
    """The newest first."""
    responses_in_all: int


@dataclass(frozen=True, slots=True)
class ToolCall:
    """One call."""

    tool_use_id: str
    name: str
    agent_id: str
    """Empty for the main thread."""
    at: datetime
    duration_ms: int | None
    """None while there is no result."""
    is_error: bool | None
    result_bytes: int | None
    task: str
    """Name of a skill, or what a sub-agent was asked."""
    response_id: int | None
    """The response that made the call; None if it is not stored."""


@dataclass(frozen=True, eq=False, slots=True)
class ToolCalls:
    """The calls of one tool, server, skill or type of agent."""

    tree: SessionTree
    by: ToolGrouping
    name: str
    calls: tuple[ToolCall, ...]
    """The largest results first."""
    calls_in_all: int


def turn_responses(connection: sqlite3.Connection, tree: SessionTree, number: int, limit: int) -> TurnResponses | None:
    """The responses of a turn; None if there is no such turn."""
    session_id = tree.session.session_id
    row = session_row(connection, session_id)
    turn = next((turn for turn in session_turns(connection, session_id).turns if turn.number == number), None)
    if row is None or turn is None:
        return None
    starts = [prompt.at_ms for prompt in happened(connection, row, "prompt")]
    start_ms = starts[number - 1] if number else _EARLIEST_MS
    end_ms = starts[number] if number < len(starts) else _LATEST_MS
    return TurnResponses(tree, turn, *session_responses(connection, row, start_ms, end_ms, limit))


def tool_calls(connection: sqlite3.Connection, tree: SessionTree, by: ToolGrouping, name: str, limit: int) -> ToolCalls:
    """The calls that are counted under a name, see `tools.naming`."""
    row = session_row(connection, tree.session.session_id)
    if row is None:
        return ToolCalls(tree, by, name, (), 0)
    agents = members(connection, row)
    name_of = naming(by, agents)
    found = [call for call in called(connection, row) if name_of(call) == name]
    found.sort(key=lambda call: (-(call.result_bytes or 0), call.at_ms, call.tool_use_id))
    shown = found[:limit]
    responses = _responses(connection, [call.tool_use_id for call in shown])
    calls = (_call(call, agents[call.agent_row].agent_id, responses) for call in shown)
    return ToolCalls(tree, by, name, tuple(calls), len(found))


def _call(call: Called, agent_id: str, responses: Mapping[str, int]) -> ToolCall:
    took = None if call.result_at_ms is None else max(call.result_at_ms - call.at_ms, 0)
    is_error = None if call.is_error is None else bool(call.is_error)
    return ToolCall(
        call.tool_use_id, call.name, agent_id, moment_of(call.at_ms), took, is_error, call.result_bytes, call.task,
        responses.get(call.tool_use_id),
    )  # fmt: skip


def _responses(connection: sqlite3.Connection, calls: list[str]) -> dict[str, int]:
    """Row id of each call → the response that made it."""
    rows = connection.execute(
        "SELECT tool_use_id, min(response.id) FROM json_each(?) AS wanted "
        "JOIN tool_call ON tool_call.tool_use_id = wanted.value "
        "JOIN response ON response.message_id = tool_call.message_id AND response.agent_id = tool_call.agent_id "
        "WHERE part = 0 GROUP BY tool_use_id",
        (json.dumps(calls),),
    )
    return dict(rows.fetchall())
