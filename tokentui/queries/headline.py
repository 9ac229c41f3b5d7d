"""The tiles: the last minute, the last half hour, today, and what is usual."""

from __future__ import annotations

import sqlite3

from tokentui.queries.levels import Step
from tokentui.queries.results import Headline
from tokentui.queries.sums import NOTHING, Scope, Sums, grouped, total
from tokentui.queries.usual import UsualFigures
from tokentui.queries.working import Working
from tokentui.records import cache_hit_rate

MINUTE_MS = 60_000
TREND_MINUTES = 29
"""Whole minutes before the last 60 seconds, which a trend ends with."""


def headline_of(
    connection: sqlite3.Connection, now_ms: int, day_start_ms: int, working: Working, usual: UsualFigures
) -> Headline:
    """Everything the tiles show."""
    last_minute = total(connection, Scope(now_ms - MINUTE_MS))
    today = total(connection, Scope(day_start_ms))
    trend = [*_trend(connection, now_ms), last_minute]
    agents = (*_agents_by_minute(connection, now_ms), _agents_since(connection, now_ms - MINUTE_MS))
    return Headline(
        tokens_last_minute=last_minute.tokens,
        money_last_minute=last_minute.money,
        responses_last_minute=last_minute.responses,
        lower_bound_last_minute=last_minute.lower_bound_responses,
        working_agents=working.agent_count,
        working_sessions=len(working.agents),
        today_tokens=today.tokens,
        today_money=today.money,
        today_responses=today.responses,
        today_lower_bound=today.lower_bound_responses,
        usual_fresh=usual.fresh,
        usual_cached=usual.cached,
        usual_pico_usd=usual.pico_usd,
        usual_agents=usual.agents,
        usual_hit_rate=usual.hit_rate,
        usual_day_pico_usd=usual.day_pico_usd,
        trend_fresh=tuple(minute.tokens.fresh for minute in trend),
        trend_cached=tuple(minute.tokens.cache_read for minute in trend),
        trend_pico_usd=tuple(minute.cost_pico_usd for minute in trend),
        trend_hit_rate=tuple(cache_hit_rate(minute.tokens) for minute in trend),
        trend_agents=agents,
    )


def _trend(connection: sqlite3.Connection, now_ms: int) -> list[Sums]:
    """The last whole minutes, oldest first."""
    end = now_ms // MINUTE_MS
    scope = Scope((end - TREND_MINUTES) * MINUTE_MS, end * MINUTE_MS)
    by_minute = grouped(connection, ("at_ms",), scope, Step(MINUTE_MS))
    return [by_minute.get((minute * MINUTE_MS,), NOTHING) for minute in range(end - TREND_MINUTES, end)]


def _agents_by_minute(connection: sqlite3.Connection, now_ms: int) -> tuple[int, ...]:
    end = now_ms // MINUTE_MS
    rows = connection.execute(
        f"SELECT at_ms / {MINUTE_MS}, count(DISTINCT agent_id) FROM response WHERE at_ms >= ? AND at_ms < ? GROUP BY 1",
        ((end - TREND_MINUTES) * MINUTE_MS, end * MINUTE_MS),
    )
    counts = dict(rows.fetchall())
    return tuple(counts.get(minute, 0) for minute in range(end - TREND_MINUTES, end))


def _agents_since(connection: sqlite3.Connection, since_ms: int) -> int:
    # the sign keeps the planner from going through the index by agent, which is the whole history
    statement = "SELECT count(DISTINCT +agent_id) FROM response WHERE at_ms >= ?"
    return int(connection.execute(statement, (since_ms,)).fetchone()[0])
