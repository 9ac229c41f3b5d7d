"""The rows of the sessions table: what each session burns, now and over the range."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import NamedTuple

from tokentui.instants import moment_of
from tokentui.queries.live.choosing import SessionLine
from tokentui.queries.live.recent import MINUTES, Recent
from tokentui.queries.live.working import Working
from tokentui.queries.parameters import as_json
from tokentui.queries.results import SessionRow, SessionState
from tokentui.queries.sums.kept_sums import SumUp
from tokentui.queries.sums.summing import summed
from tokentui.queries.sums.usage import NOTHING, Scope, Sums, by
from tokentui.records import cache_hit_rate

TREND_MINUTES = 11
"""Whole minutes in a trend, which ends with the last 60 seconds."""


@dataclass(frozen=True, slots=True)
class Latest:
    """The newest response of an agent or a session."""

    prompt_tokens: int = 0
    model: str = ""
    log_path: str = ""


def latest_response(connection: sqlite3.Connection, agent_id: int) -> Latest:
    """The newest response of an agent."""
    return latest_responses(connection, (agent_id,)).get(agent_id, Latest())


def latest_responses(connection: sqlite3.Connection, agent_ids: Iterable[int]) -> dict[int, Latest]:
    """The newest response of each agent that has any."""
    return {agent: Latest(*found) for agent, *found in connection.execute(_LATEST, (as_json(agent_ids),))}


def session_rows(
    connection: sqlite3.Connection,
    lines: Iterable[SessionLine],
    scope: Scope,
    working: Working,
    latest: Recent,
    sum_up: SumUp = summed,
) -> tuple[SessionRow, ...]:
    """Table rows for some sessions, with what they used in a scope."""
    lines = list(lines)
    own = replace(scope, sessions=frozenset(line.row_id for line in lines))
    used = by(connection, "session_id", own, sum_up)
    crews = _crews(connection, own.sessions or ())
    return tuple(_row(line, crews[line.row_id], used, working, latest) for line in lines)


class _Crew(NamedTuple):
    agents: int = 0
    """Its agents, background agents left out."""
    newest: Latest = Latest()
    """The newest response of its main thread; until that has answered, only the model of another agent."""


def _crews(connection: sqlite3.Connection, sessions: Iterable[int]) -> dict[int, _Crew]:
    """Session row → its agents; sessions without any are left out."""
    crews = dict.fromkeys(sessions, _Crew())
    rows = connection.execute(_CREWS, (as_json(crews),)).fetchall()
    newest = latest_responses(connection, (main for _, _, main in rows if main is not None))
    for session, agents, main in rows:
        latest = newest.get(main, Latest())
        crews[session] = _Crew(
            agents, latest if latest.model else replace(latest, model=_any_model(connection, session))
        )
    return crews


def _row(line: SessionLine, crew: _Crew, used: Mapping[int, Sums], working: Working, latest: Recent) -> SessionRow:
    sums = used.get(line.row_id, NOTHING)
    today = latest.today.get(line.row_id, NOTHING)
    minute = latest.last_minute.get(line.row_id, NOTHING)
    trend = latest.minutes.by_session.get(line.row_id, {})
    live = working.live.get(line.row_id)
    at_work = len(working.agents.get(line.row_id, ()))
    state: SessionState = "working" if at_work else "waiting" if live is not None else "idle"
    return SessionRow(
        session_id=line.session_id,
        title=line.title,
        project=line.project,
        branch=line.branch,
        version=line.version,
        model=crew.newest.model,
        state=state,
        working_agents=at_work,
        agents=crew.agents,
        tokens_last_minute=minute.tokens,
        trend_tokens=(
            *(trend.get(minute, 0) for minute in range(MINUTES - TREND_MINUTES, MINUTES)),
            minute.tokens.total,
        ),
        context_tokens=crew.newest.prompt_tokens,
        hit_rate=cache_hit_rate(sums.tokens),
        range_money=sums.money,
        range_tokens=sums.tokens,
        today_money=today.money,
        lower_bound_responses=sums.lower_bound_responses,
        last_line_at=moment_of(line.last_at_ms),
        first_line_at=moment_of(line.first_at_ms),
        process_id=live.process_id if live else None,
    )


def _any_model(connection: sqlite3.Connection, session: int) -> str:
    """The model of the first of a session's agents that has answered."""
    agents = connection.execute("SELECT id FROM agent WHERE session_id = ? ORDER BY id", (session,)).fetchall()
    return next((model for (agent,) in agents if (model := latest_response(connection, agent).model)), "")


_LATEST = """
SELECT wanted.value, input_tokens + cache_write_5m_tokens + cache_write_1h_tokens + cache_read_tokens, model.name,
       log.path
FROM json_each(?) AS wanted CROSS JOIN response ON response.id = (
    SELECT id FROM response WHERE agent_id = wanted.value AND part = 0 ORDER BY at_ms DESC LIMIT 1)
CROSS JOIN model ON model.id = model_id CROSS JOIN log ON log.id = log_id
"""
_CREWS = """
SELECT agent.session_id, sum(agent.background = ''), max(CASE agent.agent_id WHEN '' THEN agent.id END)
FROM json_each(?) AS wanted CROSS JOIN agent ON agent.session_id = wanted.value GROUP BY agent.session_id
"""
"""Session row → how many agents it has, background ones left out; and the main thread."""
