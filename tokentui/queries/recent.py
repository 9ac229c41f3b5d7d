"""What happened lately: two looks at the responses serve the tiles, the sessions table and the alarms on screen."""

from __future__ import annotations

import sqlite3
import time
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from operator import add

from tokentui.instants import MINUTE_MS
from tokentui.queries.levels import Row, Step, summed
from tokentui.queries.row_ids import as_json
from tokentui.queries.sums import Scope, Sums, all_of, by, sums_of
from tokentui.store.rollups import USED

MINUTES = 29
"""Whole minutes before the last 60 seconds, which every trend ends with."""


@dataclass(frozen=True, slots=True)
class LastMinutes:
    """The whole minutes before the running one, oldest first."""

    whole: list[Sums]
    agents: list[int]
    """How many answered in each."""
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


MANY_RESPONSES = 10_000
"""From here on a look at the past minutes is dear, and is let stand for a while."""
STAND_SECONDS = 5e-6
"""For so long per response: a tenth of one processor at most."""


class RecentQuestion:
    """Asks for one connection."""

    def __init__(self) -> None:
        self._held: tuple[tuple[int, int], LastMinutes] | None = None
        self._due = 0.0

    def ask(self, connection: sqlite3.Connection, now_ms: int, day_start_ms: int) -> Recent:
        """What every session did in the last minutes and today."""
        end = now_ms // MINUTE_MS
        minutes = self._minutes(connection, end)
        last_minute: dict[int, Sums] = {}
        found = by(connection, "agent_id", Scope(now_ms - MINUTE_MS))
        sessions = _sessions(connection, found)
        for agent, sums in found.items():
            known = last_minute.get(sessions[agent])
            last_minute[sessions[agent]] = known.plus(sums) if known else sums
        return Recent(last_minute, len(found), minutes, by(connection, "session_id", Scope(day_start_ms)))

    def _minutes(self, connection: sqlite3.Connection, end: int) -> LastMinutes:
        """The very same while the store is; in a storm somewhat older, but never of other minutes."""
        mark = end, connection.execute("PRAGMA data_version").fetchone()[0]
        if self._held is not None:
            known, minutes = self._held
            if known == mark or (known[0] == end and time.monotonic() < self._due):
                return minutes
        minutes = _last_minutes(connection, end)
        responses = sum(minute.responses for minute in minutes.whole)
        self._due = time.monotonic() + STAND_SECONDS * responses if responses >= MANY_RESPONSES else 0.0
        self._held = (mark, minutes)
        return minutes


def _last_minutes(connection: sqlite3.Connection, end: int) -> LastMinutes:
    span = (end - MINUTES) * MINUTE_MS, end * MINUTE_MS
    whole: list[Row] = [(0,) * len(USED)] * MINUTES
    agents = [0] * MINUTES
    tokens: dict[int, dict[int, int]] = defaultdict(lambda: defaultdict(int))
    found = summed(connection, ("at_ms", "agent_id"), span, step=Step(MINUTE_MS))
    sessions = _sessions(connection, {agent for _, agent in found})
    for (at_ms, agent), sums in found.items():
        minute = (at_ms - span[0]) // MINUTE_MS
        whole[minute] = tuple(map(add, whole[minute], sums))
        agents[minute] += 1
        tokens[sessions[agent]][minute] += sums_of(sums).tokens.total
    return LastMinutes([sums_of(row) for row in whole], agents, {key: dict(value) for key, value in tokens.items()})


def _sessions(connection: sqlite3.Connection, agents: Iterable[int]) -> dict[int, int]:
    """Agent row → session row; the responses of a storm are not each asked for theirs."""
    rows = connection.execute("SELECT id, session_id FROM agent WHERE id IN (SELECT value FROM json_each(?))",
                              (as_json(agents),))  # fmt: skip
    return dict(rows.fetchall())
