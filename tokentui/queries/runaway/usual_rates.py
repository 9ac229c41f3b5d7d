"""Works out what is usual for the rules: figures per active minute of the last week, in all and by session."""

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
from tokentui.queries.sums.quarters import ByQuarter, whole_quarters
from tokentui.watch.usual import Usual, Usuals

_DAYS = 7
NOT_YET_MS = 30 * MINUTE_MS
"""The last half hour does not count as usual, so that a storm cannot hide itself."""


class UsualRates:
    """Works out what is usual by one connection; looks at each quarter of an hour once."""

    def __init__(self) -> None:
        self._quarters = ByQuarter(_quarter)

    def ask(self, connection: sqlite3.Connection, now: datetime, time_zone: tzinfo) -> Usuals:
        """An active minute is one in which any response ended; below ten of them nothing is usual.

        Of the week, the quarters of an hour that lie in it whole: those at its ends would be looked at each time.
        """
        now_ms = ms_of(now)
        span = whole_quarters(now_ms - _DAYS * DAY_MS, now_ms - NOT_YET_MS)
        day = average_day(connection, now, time_zone)
        quarters = self._quarters.between(connection, *span)
        minutes = [minute for quarter in quarters for minute in quarter.minutes]
        if len(minutes) < FEWEST_ACTIVE_MINUTES:
            return Usuals(day=day)
        return Usuals(
            agents=_usual(quarter.agents for quarter in quarters),
            spawns=_usual_spawns(connection, span, minutes),
            fresh=_usual(quarter.fresh for quarter in quarters),
            pico_usd=_usual(quarter.pico_usd for quarter in quarters),
            session_fresh=_usual(quarter.session_fresh for quarter in quarters),
            session_pico_usd=_usual(quarter.session_pico_usd for quarter in quarters),
            write_share=_usual(quarter.write_share for quarter in quarters),
            miss_share=_usual(quarter.miss_share for quarter in quarters),
            day=day,
        )


def _usual(figures: Iterable[array[float]]) -> Usual | None:
    return usual_of(chain.from_iterable(figures))


class _Quarter(NamedTuple):
    """The active minutes of a quarter of an hour, since 1970, and their figures, the least first.

    Figures are sorted anew with those of all other quarters: what is in order takes less time then, and so do floats.
    """

    minutes: tuple[int, ...]
    fresh: array[float]
    pico_usd: array[float]
    agents: array[float]
    write_share: array[float]
    """Of the prompt, where there was one; likewise the next."""
    miss_share: array[float]
    session_fresh: array[float]
    """Of each session in each minute; likewise the next."""
    session_pico_usd: array[float]


def _quarter(connection: sqlite3.Connection, start_ms: int, end_ms: int) -> _Quarter:
    rows = connection.execute(_BY_SESSION, (start_ms, end_ms)).fetchall()
    minutes: dict[int, tuple[int, ...]] = {}
    for minute, *figures in rows:
        minutes[minute] = tuple(map(add, minutes[minute], figures)) if minute in minutes else tuple(figures)
    summed = minutes.values()
    prompts = [figures[3:] for figures in summed if figures[4]]
    return _Quarter(
        tuple(minutes),
        _ordered(figures[0] for figures in summed),
        _ordered(figures[1] for figures in summed),
        _ordered(figures[2] for figures in summed),
        _ordered(written / prompt for written, prompt, _ in prompts),
        _ordered(1 - cached / prompt for _, prompt, cached in prompts),
        _ordered(row[1] for row in rows),
        _ordered(row[2] for row in rows),
    )


def _ordered(figures: Iterable[float]) -> array[float]:
    return array("d", sorted(figures))


_BY_SESSION = f"""
SELECT minute, sum(fresh), sum(cost), count(*), sum(written), sum(prompt), sum(cached) FROM (
    SELECT at_ms / {MINUTE_MS} AS minute, agent_id,
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
            f"SELECT first_at_ms / {MINUTE_MS}, count(*) FROM agent WHERE first_at_ms >= ? AND first_at_ms < ?"
            " AND agent_id <> '' AND background = '' GROUP BY 1",
            span,
        )
    )
    return usual_of(counts.get(minute, 0) for minute in {*minutes, *counts})
