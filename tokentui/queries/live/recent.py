"""Sums of the last minutes and of today: two queries serve the tiles and the sessions table."""

from __future__ import annotations

import sqlite3
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from operator import add
from typing import NamedTuple

from tokentui.instants import MINUTE_MS
from tokentui.queries.parameters import as_json
from tokentui.queries.sums.changes import Changes
from tokentui.queries.sums.kept_sums import SumUp
from tokentui.queries.sums.levels import Step
from tokentui.queries.sums.summing import Row, summed
from tokentui.queries.sums.usage import Scope, Sums, all_of, by, sums_of
from tokentui.store.rollups import USED

MINUTES = 29
"""Whole minutes in a trend, which ends with the last 60 seconds."""


@dataclass(frozen=True, slots=True)
class LastMinutes:
    """Figures of the whole minutes before the running one, oldest first."""

    whole: list[Sums]
    agents: list[int]
    """How many agents answered in each."""
    by_session: dict[int, dict[int, int]] = field(default_factory=dict)
    """Session row → number of the minute → tokens."""


@dataclass(frozen=True, slots=True)
class Recent:
    """The last minutes and today."""

    last_minute: dict[int, Sums]
    """The last 60 seconds, to the millisecond, by session row."""
    agents_last_minute: int
    minutes: LastMinutes
    today: dict[int, Sums]
    """By session row."""

    @property
    def whole_minute(self) -> Sums:
        """The last 60 seconds of all sessions."""
        return all_of(self.last_minute.values())


class RecentQuestion:
    """Asks for the recent figures by one connection, and keeps those of past minutes."""

    def __init__(self, sum_up: SumUp = summed) -> None:
        self._sum_up = sum_up
        self._changes = Changes()
        self._kept: dict[int, _Minute] = {}
        """By number since 1970; until something in one changes."""

    def ask(self, connection: sqlite3.Connection, now_ms: int, day_start_ms: int) -> Recent:
        """The figures of every session in the last minutes and today."""
        minutes = self._minutes(connection, now_ms // MINUTE_MS)
        last_minute: dict[int, Sums] = {}
        found = by(connection, "agent_id", Scope(now_ms - MINUTE_MS), self._sum_up)
        sessions = _sessions(connection, found)
        for agent, sums in found.items():
            known = last_minute.get(sessions[agent])
            last_minute[sessions[agent]] = known.plus(sums) if known else sums
        return Recent(last_minute, len(found), minutes, by(connection, "session_id", Scope(day_start_ms)))

    def _minutes(self, connection: sqlite3.Connection, end: int) -> LastMinutes:
        wanted = range(end - MINUTES, end)
        changed = self._changes.since_last(connection, MINUTE_MS)
        self._kept = {
            minute: kept
            for minute, kept in self._kept.items()
            if minute in wanted and changed is not None and not any(a <= minute * MINUTE_MS < b for a, b in changed)
        }
        missing = [minute for minute in wanted if minute not in self._kept]
        if missing:
            self._kept |= _minutes_between(connection, missing[0], missing[-1] + 1, self._sum_up)
        minutes = [self._kept[minute] for minute in wanted]
        by_session: dict[int, dict[int, int]] = defaultdict(dict)
        for number, minute in enumerate(minutes):
            for session, tokens in minute.tokens.items():
                by_session[session][number] = tokens
        return LastMinutes([minute.used for minute in minutes], [minute.agents for minute in minutes], by_session)


class _Minute(NamedTuple):
    used: Sums
    agents: int
    tokens: dict[int, int]
    """By session row."""


def _minutes_between(connection: sqlite3.Connection, first: int, last: int, sum_up: SumUp) -> dict[int, _Minute]:
    """Minutes by their number since 1970, the last one not included."""
    used: dict[int, Row] = {minute: (0,) * len(USED) for minute in range(first, last)}
    agents: Counter[int] = Counter()
    tokens: dict[int, Counter[int]] = defaultdict(Counter)
    span = first * MINUTE_MS, last * MINUTE_MS
    found = sum_up(connection, ("at_ms", "agent_id"), span, step=Step(MINUTE_MS))
    sessions = _sessions(connection, {agent for _, agent in found})
    for (at_ms, agent), sums in found.items():
        minute = at_ms // MINUTE_MS
        used[minute] = tuple(map(add, used[minute], sums))
        agents[minute] += 1
        tokens[minute][sessions[agent]] += sums_of(sums).tokens.total
    return {minute: _Minute(sums_of(row), agents[minute], tokens[minute]) for minute, row in used.items()}


def _sessions(connection: sqlite3.Connection, agents: Iterable[int]) -> dict[int, int]:
    """Agent row → session row, asked once for each agent, not for each response."""
    rows = connection.execute("SELECT id, session_id FROM agent WHERE id IN (SELECT value FROM json_each(?))",
                              (as_json(agents),))  # fmt: skip
    return dict(rows.fetchall())
