"""What happened lately: two looks at the responses serve the tiles, the sessions table and the alarms on screen."""

from __future__ import annotations

import sqlite3
import time
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import NamedTuple

from tokentui.instants import MINUTE_MS
from tokentui.queries.levels import Step, summed
from tokentui.queries.quarters import ByQuarter
from tokentui.queries.row_ids import as_json
from tokentui.queries.sums import NOTHING, Scope, Sums, all_of, by, sums_of

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
        self._minutes_kept = ByQuarter(_by_minute)
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
        minutes = self._look(connection, end)
        responses = sum(minute.responses for minute in minutes.whole)
        self._due = time.monotonic() + STAND_SECONDS * responses if responses >= MANY_RESPONSES else 0.0
        self._held = (mark, minutes)
        return minutes

    def _look(self, connection: sqlite3.Connection, end: int) -> LastMinutes:
        start = end - MINUTES
        whole, agents = [NOTHING] * MINUTES, [0] * MINUTES
        tokens: dict[int, dict[int, int]] = defaultdict(dict)
        for part in self._minutes_kept.between(connection, start * MINUTE_MS, end * MINUTE_MS):
            for minute, found in part.items():
                whole[minute - start], agents[minute - start] = found.sums, found.agents
                for session, used in found.by_session.items():
                    tokens[session][minute - start] = used
        return LastMinutes(whole, agents, tokens)


class _Minute(NamedTuple):
    """What was used in a minute."""

    sums: Sums
    agents: int
    by_session: dict[int, int]
    """Session row → tokens."""


def _by_minute(connection: sqlite3.Connection, start_ms: int, end_ms: int) -> dict[int, _Minute]:
    """Minute since 1970 → what was used in it."""
    found = summed(connection, ("at_ms", "agent_id"), (start_ms, end_ms), step=Step(MINUTE_MS))
    sessions = _sessions(connection, {agent for _, agent in found})
    minutes: dict[int, _Minute] = defaultdict(lambda: _Minute(NOTHING, 0, {}))
    for (at_ms, agent), row in found.items():
        sums, agents, by_session = minutes[at_ms // MINUTE_MS]
        used, session = sums_of(row), sessions[agent]
        by_session[session] = by_session.get(session, 0) + used.tokens.total
        minutes[at_ms // MINUTE_MS] = _Minute(sums.plus(used), agents + 1, by_session)
    return dict(minutes)


def _sessions(connection: sqlite3.Connection, agents: Iterable[int]) -> dict[int, int]:
    """Agent row → session row; the responses of a storm are not each asked for theirs."""
    rows = connection.execute("SELECT id, session_id FROM agent WHERE id IN (SELECT value FROM json_each(?))",
                              (as_json(agents),))  # fmt: skip
    return dict(rows.fetchall())
