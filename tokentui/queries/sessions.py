"""The sessions table: who burns how much, now and over the range."""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from tokentui.instants import moment_of
from tokentui.queries.matching import Candidate, matches, model_matches
from tokentui.queries.names import model_names
from tokentui.queries.results import SessionRow, SessionState
from tokentui.queries.row_ids import as_json
from tokentui.queries.sums import NOTHING, Scope, Sums, coarse, grouped
from tokentui.queries.working import Working
from tokentui.records import cache_hit_rate
from tokentui.view import Filter, SortName, View

TREND_MINUTES = 11
"""Whole minutes before the last 60 seconds, which a trend ends with."""
MINUTE_MS = 60_000


class SessionLine(NamedTuple):
    """A row of table `session`."""

    row_id: int
    session_id: str
    title: str
    project: str
    branch: str
    version: str
    first_at_ms: int
    last_at_ms: int


@dataclass(frozen=True, slots=True)
class Selection:
    """The sessions that a view's range and filter leave, and the scope that they make."""

    lines: tuple[SessionLine, ...]
    in_range: int
    scope: Scope
    """Of the range, narrowed to the matching sessions and models."""
    sums: dict[int, Sums]
    """Usage in the range by session row."""


def select(connection: sqlite3.Connection, view: View, scope: Scope, range_start_ms: int, now: datetime) -> Selection:
    """Sessions with a line in the range that match the filter."""
    lines = tuple(
        SessionLine(*row)
        for row in connection.execute(
            "SELECT id, session_id, title, project, branch, version, first_at_ms, last_at_ms FROM session "
            "WHERE last_at_ms >= ? AND last_at_ms > 0",
            (range_start_ms,),
        )
    )
    if not view.filter.terms:
        return Selection(lines, len(lines), scope, dict(grouped(connection, "agent.session_id", scope)))
    return _filtered(connection, view.filter, scope, lines, now)


def _filtered(
    connection: sqlite3.Connection, wanted: Filter, scope: Scope, lines: tuple[SessionLine, ...], now: datetime
) -> Selection:
    names = model_names(connection)
    models = None
    if any(term.field == "model" for term in wanted.terms):
        models = frozenset(model for model, name in names.items() if model_matches(name, wanted))
    narrowed = Scope(scope.start_ms, scope.end_ms, None, models, scope.is_fine)
    by_session: dict[int, Sums] = dict(grouped(connection, "agent.session_id", narrowed))
    used_models: dict[int, set[str]] = defaultdict(set)
    for code, _ in grouped(connection, "agent.session_id * 1000000 + model_id", scope):
        used_models[code // 1_000_000].add(names[code % 1_000_000])
    agents = _agents_by_session(connection, [line.row_id for line in lines])
    kept = tuple(
        line
        for line in lines
        if matches(_candidate(line, by_session.get(line.row_id, NOTHING), used_models, agents), wanted, now)
    )
    kept_agents = frozenset(agent for line in kept for agent, _, _ in agents.get(line.row_id, ()))
    return Selection(
        kept, len(lines), Scope(scope.start_ms, scope.end_ms, kept_agents, models, scope.is_fine), by_session
    )


_Agents = dict[int, list[tuple[int, str, str]]]
"""Session row → its agents as (row id, type, kind of background)."""


def _agents_by_session(connection: sqlite3.Connection, sessions: Iterable[int]) -> _Agents:
    found: _Agents = defaultdict(list)
    for session_id, *agent in connection.execute(
        "SELECT agent.session_id, agent.id, coalesce(nullif(agent.agent_type, ''), max(agent_link.agent_type), ''), "
        "agent.background FROM json_each(?) AS wanted JOIN agent ON agent.session_id = wanted.value "
        "LEFT JOIN agent_link ON agent_link.session_id = agent.session_id AND agent_link.agent_id = agent.agent_id "
        "GROUP BY agent.id",
        (as_json(sessions),),
    ):
        found[session_id].append((agent[0], agent[1], agent[2]))
    return found


def _candidate(line: SessionLine, sums: Sums, used_models: dict[int, set[str]], agents: _Agents) -> Candidate:
    own = agents.get(line.row_id, [])
    return Candidate(
        line.title,
        line.project,
        line.session_id,
        line.branch,
        frozenset(used_models.get(line.row_id, ())),
        frozenset(agent_type for _, agent_type, _ in own),
        sums.cost_pico_usd / 1e12,
        sums.tokens.total,
        sum(1 for _, _, background in own if not background),
        moment_of(line.last_at_ms),
    )


@dataclass(frozen=True, slots=True)
class Recent:
    """The last minutes and today, by session row."""

    last_minute: dict[int, Sums]
    trend: dict[int, dict[int, int]]
    """Session → minute → tokens."""
    today: dict[int, Sums]
    end_minute: int
    """The running minute, which the trend leaves out."""


def recent(connection: sqlite3.Connection, now_ms: int, day_start_ms: int) -> Recent:
    """What every session did in the last minutes and today."""
    end = now_ms // MINUTE_MS
    trend: dict[int, dict[int, int]] = defaultdict(dict)
    scope = Scope((end - TREND_MINUTES) * MINUTE_MS, end * MINUTE_MS)
    for code, sums in grouped(
        connection, f"agent.session_id * 1000 + at_ms / {MINUTE_MS} - {scope.start_ms // MINUTE_MS}", scope
    ):
        trend[code // 1000][code % 1000] = sums.tokens.total
    return Recent(
        dict(grouped(connection, "agent.session_id", Scope(now_ms - MINUTE_MS))),
        trend,
        dict(grouped(connection, "agent.session_id", coarse(day_start_ms))),
        end,
    )


def ordered(selection: Selection, view: View, working: Working, latest: Recent) -> list[SessionLine]:
    """The sessions in the view's order, ties by newest line, then by id so that rows never shuffle."""
    keys: dict[SortName, Callable[[SessionLine], object]] = {
        "rate": lambda line: (
            latest.last_minute.get(line.row_id, NOTHING).tokens.total,
            len(working.agents.get(line.row_id, ())),
        ),
        "cost": lambda line: selection.sums.get(line.row_id, NOTHING).cost_pico_usd,
        "agents": lambda line: len(working.agents.get(line.row_id, ())),
        "hit": lambda line: cache_hit_rate(selection.sums.get(line.row_id, NOTHING).tokens) or 0.0,
        "age": lambda line: line.last_at_ms,
        "title": lambda line: tuple(-ord(char) for char in line.title.lower()[:40]),
    }
    key = keys.get(view.sort, keys["rate"])
    lines = sorted(selection.lines, key=lambda line: line.session_id)
    lines.sort(key=lambda line: line.last_at_ms, reverse=True)
    lines.sort(key=key, reverse=not view.reverse)  # type: ignore[arg-type]
    return lines


@dataclass(frozen=True, slots=True)
class Latest:
    """The newest response of an agent or a session."""

    prompt_tokens: int = 0
    model: str = ""


def latest_response(connection: sqlite3.Connection, agent_id: int) -> Latest:
    """The newest response of an agent."""
    row = connection.execute(
        "SELECT input_tokens + cache_write_5m_tokens + cache_write_1h_tokens + cache_read_tokens, model.name "
        "FROM response JOIN model ON model.id = model_id WHERE agent_id = ? AND part = 0 ORDER BY at_ms DESC LIMIT 1",
        (agent_id,),
    ).fetchone()
    return Latest(*row) if row else Latest()


def session_rows(
    connection: sqlite3.Connection, lines: Iterable[SessionLine], selection: Selection, working: Working, latest: Recent
) -> tuple[SessionRow, ...]:
    """Table rows for some sessions."""
    lines = list(lines)
    agents = _agents_by_session(connection, [line.row_id for line in lines])
    mains = dict(
        connection.execute(
            "SELECT agent.session_id, agent.id FROM json_each(?) AS wanted "
            "JOIN agent ON agent.session_id = wanted.value AND agent.agent_id = ''",
            (as_json(line.row_id for line in lines),),
        ).fetchall()
    )
    return tuple(
        _row(connection, line, agents.get(line.row_id, []), mains.get(line.row_id), selection, working, latest)
        for line in lines
    )


def _row(
    connection: sqlite3.Connection,
    line: SessionLine,
    agents: list[tuple[int, str, str]],
    main: int | None,
    selection: Selection,
    working: Working,
    latest: Recent,
) -> SessionRow:
    sums = selection.sums.get(line.row_id, NOTHING)
    today = latest.today.get(line.row_id, NOTHING)
    minute = latest.last_minute.get(line.row_id, NOTHING)
    trend = latest.trend.get(line.row_id, {})
    newest = latest_response(connection, main) if main is not None else Latest()
    live = working.live.get(line.row_id)
    at_work = len(working.agents.get(line.row_id, ()))
    state: SessionState = "working" if at_work else "waiting" if live is not None else "idle"
    return SessionRow(
        session_id=line.session_id,
        title=line.title,
        project=line.project,
        branch=line.branch,
        version=line.version,
        model=newest.model or _any_model(connection, agents),
        state=state,
        working_agents=at_work,
        agents=sum(1 for _, _, background in agents if not background),
        tokens_last_minute=minute.tokens,
        pico_usd_last_minute=minute.cost_pico_usd,
        trend_tokens=(*(trend.get(index, 0) for index in range(TREND_MINUTES)), minute.tokens.total),
        context_tokens=newest.prompt_tokens,
        hit_rate=cache_hit_rate(sums.tokens),
        range_money=sums.money,
        range_tokens=sums.tokens,
        today_money=today.money,
        today_tokens=today.tokens,
        lower_bound_responses=sums.lower_bound_responses,
        last_line_at=moment_of(line.last_at_ms),
        first_line_at=moment_of(line.first_at_ms),
        process_id=live.process_id if live else None,
    )


def _any_model(connection: sqlite3.Connection, agents: list[tuple[int, str, str]]) -> str:
    return next((model for agent, _, _ in agents if (model := latest_response(connection, agent).model)), "")
