"""What is usual by the measure of the rules: figures per active minute of the last week, in all and by session."""

from __future__ import annotations

import sqlite3
from array import array
from collections.abc import Iterable
from datetime import datetime, tzinfo
from itertools import chain
from operator import add
from typing import NamedTuple

from tokentui.instants import DAY_MS, MINUTE_MS, ms_of
from tokentui.queries.live.usual import FEWEST_ACTIVE_MINUTES, average_day, usual_of
from tokentui.queries.sums.quarters import ByQuarter
from tokentui.watch.facts import Usual, Usuals

_DAYS = 7
NOT_YET_MS = 30 * MINUTE_MS
"""What ran in the last half hour is not usual yet: a storm must not hide itself."""


class UsualRates:
    """Works it out again and again, by one connection; looks at each quarter of an hour once."""

    def __init__(self) -> None:
        self._quarters = ByQuarter(_quarter)

    def ask(self, connection: sqlite3.Connection, now: datetime, time_zone: tzinfo) -> Usuals:
        """An active minute is one in which any response ended; below ten of them nothing is usual."""
        now_ms = ms_of(now)
        span = (now_ms - _DAYS * DAY_MS, now_ms - NOT_YET_MS)
        day = average_day(connection, now, time_zone)
        quarters = self._quarters.between(connection, *span)
        minutes = {minute: figures for quarter in quarters for minute, figures in quarter.minutes.items()}
        if len(minutes) < FEWEST_ACTIVE_MINUTES:
            return Usuals(day=day)
        totals = list(minutes.values())
        return Usuals(
            agents=usual_of(figures[2] for figures in totals),
            spawns=_usual_spawns(connection, span, minutes),
            fresh=usual_of(figures[0] for figures in totals),
            pico_usd=usual_of(figures[1] for figures in totals),
            session_fresh=usual_of(chain.from_iterable(quarter.session_fresh for quarter in quarters)),
            session_pico_usd=usual_of(chain.from_iterable(quarter.session_pico_usd for quarter in quarters)),
            write_share=usual_of(figures[3] / figures[4] for figures in totals if figures[4]),
            miss_share=usual_of(1 - figures[5] / figures[4] for figures in totals if figures[4]),
            day=day,
        )


class _Quarter(NamedTuple):
    """A quarter of an hour, or what of it lies in the range."""

    minutes: dict[int, tuple[int, ...]]
    """Minute since 1970 → fresh tokens, cost, agents, written, prompt and cached tokens."""
    session_fresh: array[int]
    """Of each session in each minute, the least first."""
    session_pico_usd: array[int]


def _quarter(connection: sqlite3.Connection, start_ms: int, end_ms: int) -> _Quarter:
    rows = connection.execute(_BY_SESSION, (start_ms, end_ms)).fetchall()
    minutes: dict[int, tuple[int, ...]] = {}
    for minute, *figures in rows:
        minutes[minute] = tuple(map(add, minutes[minute], figures)) if minute in minutes else tuple(figures)
    return _Quarter(minutes, array("q", sorted(row[1] for row in rows)), array("q", sorted(row[2] for row in rows)))


_BY_SESSION = """
SELECT minute, sum(fresh), sum(cost), count(*), sum(written), sum(prompt), sum(cached) FROM (
    SELECT at_ms / 60000 AS minute, agent_id,
           sum(input_tokens + cache_write_5m_tokens + cache_write_1h_tokens + output_tokens) AS fresh,
           sum(ifnull(cost_pico_usd, 0)) AS cost,
           sum(cache_write_5m_tokens + cache_write_1h_tokens) AS written,
           sum(input_tokens + cache_write_5m_tokens + cache_write_1h_tokens + cache_read_tokens) AS prompt,
           sum(cache_read_tokens) AS cached
    FROM response WHERE at_ms >= ? AND at_ms < ? GROUP BY 1, 2
) AS used CROSS JOIN agent ON agent.id = used.agent_id GROUP BY minute, agent.session_id
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
