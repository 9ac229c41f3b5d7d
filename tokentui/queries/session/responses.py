"""Single responses: the newest of an agent, and one in full."""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from tokentui.instants import moment_of
from tokentui.queries.parameters import as_json
from tokentui.queries.results import Money
from tokentui.queries.session.results import ResponseDetail, ResponsePart, ResponseRow, ToolUse
from tokentui.records import Tokens

_ROW = (
    "response.id, response.at_ms, model.name, input_tokens, output_tokens, cache_write_5m_tokens, "
    "cache_write_1h_tokens, cache_read_tokens, cost_pico_usd, stop_reason, is_lower_bound"
)


def agent_responses(
    connection: sqlite3.Connection, session_id: str, agent_id: str, limit: int
) -> tuple[tuple[ResponseRow, ...], int]:
    """The newest responses of an agent, newest first, and how many there are in all."""
    agent = connection.execute(
        "SELECT agent.id FROM agent JOIN session ON session.id = agent.session_id "
        "WHERE session.session_id = ? AND agent.agent_id = ?",
        (session_id, agent_id),
    ).fetchone()
    if agent is None:
        return (), 0
    rows = connection.execute(
        f"SELECT {_ROW} FROM response JOIN model ON model.id = model_id "
        "WHERE agent_id = ? AND part = 0 ORDER BY at_ms DESC, response.id DESC LIMIT ?",
        (agent[0], limit),
    ).fetchall()
    tools = _tools_of(connection, (row[0] for row in rows))
    in_all = connection.execute("SELECT count(*) FROM response WHERE agent_id = ? AND part = 0", agent).fetchone()[0]
    return tuple(_response(row, tools.get(row[0], [])) for row in rows), in_all


def session_responses(
    connection: sqlite3.Connection, session_row: int, start_ms: int, end_ms: int, limit: int
) -> tuple[tuple[ResponseRow, ...], int]:
    """The newest responses of all agents of a session in a stretch of time, newest first, and how many there are."""
    values = (session_row, start_ms, end_ms)
    where = "agent.session_id = ? AND part = 0 AND response.at_ms >= ? AND response.at_ms < ?"
    rows = connection.execute(
        f"SELECT {_ROW}, agent.agent_id FROM agent JOIN response ON response.agent_id = agent.id "
        f"JOIN model ON model.id = model_id WHERE {where} ORDER BY response.at_ms DESC, response.id DESC LIMIT ?",
        (*values, limit),
    ).fetchall()
    tools = _tools_of(connection, (row[0] for row in rows))
    count = "SELECT count(*) FROM agent JOIN response ON response.agent_id = agent.id"
    in_all = connection.execute(f"{count} WHERE {where}", values).fetchone()[0]
    return tuple(_response(row, tools.get(row[0], []))._replace(agent_id=row[11]) for row in rows), in_all


def _response(row: tuple[Any, ...], tools: list[ToolUse]) -> ResponseRow:
    return ResponseRow(
        response_id=row[0],
        at=moment_of(row[1]),
        model=row[2],
        tokens=Tokens(*row[3:8]),
        money=Money(row[8] or 0, int(row[8] is None)),
        stop_reason=row[9],
        is_lower_bound=bool(row[10]),
        tools=tuple(tool.name for tool in tools),
    )


def _tools_of(connection: sqlite3.Connection, responses: Iterable[int]) -> dict[int, list[ToolUse]]:
    """Tool calls by response, in the order of the calls."""
    found: dict[int, list[ToolUse]] = defaultdict(list)
    for response, name, call_id, at_ms, result_at_ms, is_error, size in connection.execute(
        "SELECT response.id, tool_call.name, tool_use_id, tool_call.at_ms, result_at_ms, is_error, result_bytes "
        "FROM json_each(?) AS wanted JOIN response ON response.id = wanted.value "
        "JOIN tool_call ON tool_call.message_id = response.message_id AND tool_call.agent_id = response.agent_id "
        "ORDER BY tool_call.at_ms, tool_call.id",
        (as_json(responses),),
    ):
        duration = result_at_ms - at_ms if result_at_ms is not None and at_ms is not None else None
        found[response].append(ToolUse(name, call_id, duration, None if is_error is None else bool(is_error), size))
    return found


def response_detail(connection: sqlite3.Connection, response_id: int) -> ResponseDetail | None:
    """One response with all that is known about it; None if it is not stored (any more)."""
    row = connection.execute(
        f"SELECT {_ROW}, message_id, request_id, variant, session.session_id, agent.agent_id, response.first_at_ms, "
        "service_tier, speed, inference_geo, web_searches, price_basis.name, log.path, usage_offset "
        "FROM response JOIN model ON model.id = model_id JOIN agent ON agent.id = response.agent_id "
        "JOIN session ON session.id = agent.session_id JOIN log ON log.id = log_id "
        "LEFT JOIN price_basis ON price_basis.id = price_basis_id WHERE response.id = ?",
        (response_id,),
    ).fetchone()
    if row is None:
        return None
    tools = _tools_of(connection, [response_id]).get(response_id, [])
    message_id, request_id, variant, session_id, agent_id, first_at_ms, tier, speed, geo = row[11:20]
    return ResponseDetail(
        response=_response(row, tools),
        message_id=message_id,
        request_id=request_id,
        session_id=session_id,
        agent_id=agent_id,
        first_line_at=moment_of(first_at_ms),
        service_tier=tier,
        speed=speed,
        inference_geo=geo,
        web_searches=row[20],
        price_basis=row[21] or "",
        log_path=row[22],
        log_offset=row[23],
        parts=_parts(connection, message_id, request_id, variant),
        tools=tuple(tools),
    )


def _parts(connection: sqlite3.Connection, message_id: str, request_id: str, variant: int) -> tuple[ResponsePart, ...]:
    rows = connection.execute(
        "SELECT part_kind, model.name, input_tokens, output_tokens, cache_write_5m_tokens, cache_write_1h_tokens, "
        "cache_read_tokens, cost_pico_usd FROM response JOIN model ON model.id = model_id "
        "WHERE message_id = ? AND request_id = ? AND variant = ? AND part > 0 ORDER BY part",
        (message_id, request_id, variant),
    )
    return tuple(
        ResponsePart(kind, model, Tokens(*tokens), Money(cost or 0, int(cost is None)))
        for kind, model, *tokens, cost in rows
    )
