"""What is usual by the measure of the rules: figures per active minute of the last week, in all and by session."""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime, timedelta, tzinfo
from itertools import pairwise

from tokentui.instants import ms_of
from tokentui.queries.usual import FEWEST_ACTIVE_MINUTES, usual_of
from tokentui.watch.facts import AverageDay, Usual, Usuals
from tokentui.watch.windows import midnight

_DAYS = 7
NOT_YET_MS = 30 * 60_000
"""What ran in the last half hour is not usual yet: a storm must not hide itself."""


def usual_rates(connection: sqlite3.Connection, now: datetime, time_zone: tzinfo) -> Usuals:
    """Work it out. An active minute is one in which any response ended; below ten of them nothing is usual."""
    now_ms = ms_of(now)
    span = (now_ms - _DAYS * 86_400_000, now_ms - NOT_YET_MS)
    day = average_day(connection, now, time_zone)
    rows = connection.execute(_BY_SESSION, span).fetchall()
    minutes: dict[int, list[int]] = defaultdict(lambda: [0] * 6)
    for minute, *figures in rows:
        summed = minutes[minute]
        for place, figure in enumerate(figures):
            summed[place] += figure
    if len(minutes) < FEWEST_ACTIVE_MINUTES:
        return Usuals(day=day)
    totals = list(minutes.values())
    return Usuals(
        agents=usual_of(figures[2] for figures in totals),
        spawns=_usual_spawns(connection, span, minutes),
        fresh=usual_of(figures[0] for figures in totals),
        pico_usd=usual_of(figures[1] for figures in totals),
        session_fresh=usual_of(row[1] for row in rows),
        session_pico_usd=usual_of(row[2] for row in rows),
        write_share=usual_of(figures[3] / figures[4] for figures in totals if figures[4]),
        miss_share=usual_of(1 - figures[5] / figures[4] for figures in totals if figures[4]),
        day=day,
    )


_BY_SESSION = """
SELECT minute, sum(fresh), sum(cost), count(*), sum(written), sum(prompt), sum(cached) FROM (
    SELECT at_ms / 60000 AS minute, agent_id,
           sum(input_tokens + cache_write_5m_tokens + cache_write_1h_tokens + output_tokens) AS fresh,
           sum(ifnull(cost_pico_usd, 0)) AS cost,
           sum(cache_write_5m_tokens + cache_write_1h_tokens) AS written,
           sum(input_tokens + cache_write_5m_tokens + cache_write_1h_tokens + cache_read_tokens) AS prompt,
           sum(cache_read_tokens) AS cached
    FROM response WHERE at_ms >= ? AND at_ms < ? GROUP BY 1, 2
) AS used JOIN agent ON agent.id = used.agent_id GROUP BY minute, agent.session_id
"""


def _usual_spawns(connection: sqlite3.Connection, span: tuple[int, int], minutes: Iterable[int]) -> Usual | None:
    counts = dict(
        connection.execute(
            "SELECT first_at_ms / 60000, count(*) FROM agent WHERE last_at_ms >= ?1 AND first_at_ms >= ?1"
            " AND first_at_ms < ?2 AND agent_id <> '' AND background = '' GROUP BY 1",
            span,
        )
    )
    return usual_of(counts.get(minute, 0) for minute in {*minutes, *counts})


def average_day(connection: sqlite3.Connection, now: datetime, time_zone: tzinfo) -> AverageDay | None:
    """The mean of the days with any use among the last seven whole days of the time zone."""
    today = now.astimezone(time_zone).date()
    starts = (midnight(today - timedelta(days=days), time_zone) for days in range(_DAYS, -1, -1))
    edges = [ms_of(start) for start in starts]
    days = [connection.execute(_DAY, edge).fetchone() for edge in pairwise(edges)]
    used = [day for day in days if day[2]]
    if not used:
        return None
    tokens, pico_usd, responses = (sum(day[place] for day in used) / len(used) for place in range(3))
    return AverageDay(len(used), tokens, pico_usd, responses)


_DAY = """
SELECT ifnull(sum(input_tokens + output_tokens + cache_write_5m_tokens + cache_write_1h_tokens + cache_read_tokens), 0),
       ifnull(sum(cost_pico_usd), 0), ifnull(sum(responses), 0)
FROM usage_quarter WHERE quarter_ms >= ? AND quarter_ms < ?
"""
