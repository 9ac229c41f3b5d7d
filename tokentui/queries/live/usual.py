"""Works out what is usual: each figure over the active minutes of the last seven days."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from itertools import pairwise
from math import inf

from tokentui.instants import DAY_MS, MINUTE_MS, midnight, ms_of
from tokentui.queries.sums.quarters import ByQuarter
from tokentui.queries.sums.usage import Scope, total
from tokentui.watch.usual import AverageDay, Usual

FEWEST_ACTIVE_MINUTES = 10
"""With fewer active minutes than this nothing is called usual."""
_DAYS = 7


@dataclass(frozen=True, slots=True)
class UsualFigures:
    """Medians and 95th percentiles per active minute; None if there is too little history."""

    fresh: Usual | None = None
    cached: Usual | None = None
    pico_usd: Usual | None = None
    agents: Usual | None = None
    hit_rate: Usual | None = None
    day_pico_usd: float | None = None
    """Mean cost of the days with any use among the last seven whole days."""


class UsualQuestion:
    """Works out what is usual, by one connection; looks at each quarter of an hour once."""

    def __init__(self) -> None:
        self._minutes = ByQuarter(_minutes)

    def ask(
        self, connection: sqlite3.Connection, now: datetime, time_zone: tzinfo, most: float = inf
    ) -> UsualFigures | None:
        """The figures; None if more than `most` responses have to be looked at: ask again to go on.

        An active minute is one in which any response ended; the last one is left out.
        """
        now_ms = ms_of(now)
        span = (now_ms - _DAYS * DAY_MS, now_ms - MINUTE_MS)
        if not self._minutes.look(connection, *span, most):
            return None
        rows = [minute for quarter in self._minutes.between(connection, *span) for minute in quarter]
        if len(rows) < FEWEST_ACTIVE_MINUTES:
            return UsualFigures()
        day = average_day(connection, now, time_zone)
        return UsualFigures(
            fresh=usual_of(row[0] for row in rows),
            cached=usual_of(row[1] for row in rows),
            pico_usd=usual_of(row[2] for row in rows),
            agents=usual_of(row[3] for row in rows),
            hit_rate=usual_of(row[1] / row[4] for row in rows if row[4]),
            day_pico_usd=None if day is None else day.pico_usd,
        )


_Minute = tuple[int, int, int, int, int]
"""Of one minute: fresh tokens, cached tokens, cost, agents, prompt tokens."""


def _minutes(connection: sqlite3.Connection, start_ms: int, end_ms: int) -> list[_Minute]:
    return connection.execute(
        f"""SELECT sum(input_tokens + cache_write_5m_tokens + cache_write_1h_tokens + output_tokens),
                  sum(cache_read_tokens), sum(ifnull(cost_pico_usd, 0)), count(DISTINCT agent_id),
                  sum(input_tokens + cache_write_5m_tokens + cache_write_1h_tokens + cache_read_tokens)
           FROM response WHERE at_ms >= ? AND at_ms < ? GROUP BY at_ms / {MINUTE_MS}""",
        (start_ms, end_ms),
    ).fetchall()


def usual_of(values: Iterable[float]) -> Usual | None:
    """Median and 95th percentile; None for no values."""
    ordered = sorted(values)
    if not ordered:
        return None
    return Usual(float(_quantile(ordered, 0.5)), float(_quantile(ordered, 0.95)), len(ordered))


def _quantile(ordered: list[float], share: float) -> float:
    """A quantile of sorted values, linear between the two nearest ranks."""
    place = (len(ordered) - 1) * share
    below = int(place)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (ordered[above] - ordered[below]) * (place - below)


def average_day(connection: sqlite3.Connection, now: datetime, time_zone: tzinfo) -> AverageDay | None:
    """The mean of the days with any use among the last seven whole days of the time zone."""
    today = now.astimezone(time_zone).date()
    starts = (midnight(today - timedelta(days=days), time_zone) for days in range(_DAYS, -1, -1))
    edges = [ms_of(start) for start in starts]
    days = [total(connection, Scope(*edge)) for edge in pairwise(edges)]
    used = [day for day in days if day.responses]
    if not used:
        return None
    return AverageDay(
        len(used),
        sum(day.tokens.total for day in used) / len(used),
        sum(day.cost_pico_usd for day in used) / len(used),
        sum(day.responses for day in used) / len(used),
    )
