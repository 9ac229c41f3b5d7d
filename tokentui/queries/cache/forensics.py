"""The cache of a session: rebuilds with causes, the clock, lifetimes, hit rates."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from tokentui.instants import HOUR_MS, moment_of
from tokentui.pricing.book import RateBook
from tokentui.queries.cache.results import FIVE_MINUTES_MS, AgentKind, CacheClock, CacheStep, SessionCache
from tokentui.queries.cache.steps import Steps
from tokentui.queries.cache.sums import CacheSums

_MAIN = ""


def session_cache(connection: sqlite3.Connection, session_id: str, book: RateBook, now: datetime) -> SessionCache:
    """The cache of a session; of one that is not stored, an empty answer."""
    return LiveCache(book).ask(connection, session_id, now)


class LiveCache:
    """The cache of a session that is asked for repeatedly: only agents with something new are worked out again."""

    def __init__(self, book: RateBook) -> None:
        self._book = book
        self._session_id = ""
        self._agents: dict[int, _AgentCache] = {}

    def ask(self, connection: sqlite3.Connection, session_id: str, now: datetime) -> SessionCache:
        """The cache as of now; of a session that is not stored, an empty answer."""
        if session_id != self._session_id:
            self._session_id, self._agents = session_id, {}
        row = connection.execute("SELECT id FROM session WHERE session_id = ?", (session_id,)).fetchone()
        steps = Steps(connection, self._book)
        if row is not None:
            self._refresh(connection, row[0], steps)
        sums = CacheSums()
        for agent in self._agents.values():
            sums.join(agent.sums)
        rebuilds = [step for agent in self._agents.values() for step in agent.rebuilds]
        rebuilds.sort(key=lambda step: (-step.at_ms, -step.response_id))
        clocks = [_clock(agent.last, steps, now) for agent in self._agents.values() if agent.last is not None]
        return SessionCache(now, session_id, sums.report(), tuple(rebuilds), _ordered(clocks))

    def _refresh(self, connection: sqlite3.Connection, session: int, steps: Steps) -> None:
        marks = _marks(connection, session)
        self._agents = {row: agent for row, agent in self._agents.items() if row in marks}
        changed = [row for row, mark in marks.items() if row not in self._agents or self._agents[row].mark != mark]
        if not changed:
            return
        kinds = _agent_kinds(connection, session)
        if len(changed) > _MANY:
            for row, found in steps.of_session(session):
                self._agents[row] = _agent_cache(marks[row], found, kinds[row], steps)
        else:
            for row in changed:
                self._agents[row] = _agent_cache(marks[row], steps.of_agent(row), kinds[row], steps)


_MANY = 16
"""With more agents than this all are read by one statement."""


@dataclass(slots=True)
class _AgentCache:
    """What has been worked out for one agent, and from what."""

    mark: tuple[int, ...]
    sums: CacheSums
    rebuilds: list[CacheStep]
    last: CacheStep | None


def _agent_cache(mark: tuple[int, ...], found: Iterator[CacheStep], kind: AgentKind, steps: Steps) -> _AgentCache:
    agent = _AgentCache(mark, CacheSums(), [], None)
    for step in found:
        agent.sums.add(step, kind, steps)
        if step.cause is not None:
            agent.rebuilds.append(step)
        agent.last = step
    return agent


def _marks(connection: sqlite3.Connection, session: int) -> dict[int, tuple[int, ...]]:
    """Values that change whenever an agent's steps may have: its rows, their times and tokens, compactions, fork."""
    rows = connection.execute(
        """SELECT agent.id, count(*), max(response.id), sum(at_ms), sum(input_tokens + cache_read_tokens),
               sum(output_tokens), sum(cache_write_5m_tokens), sum(cache_write_1h_tokens), sum(model_id * at_ms % 8191),
               (SELECT count(*) FROM event WHERE event.agent_id = agent.id AND kind = 'compaction'),
               EXISTS (SELECT 1 FROM agent_link AS link WHERE link.session_id = agent.session_id
                       AND link.agent_id = agent.agent_id AND link.is_fork)
           FROM agent JOIN response ON response.agent_id = agent.id WHERE agent.session_id = ? GROUP BY agent.id""",
        (session,),
    )
    return {row[0]: row[1:] for row in rows}


def _agent_kinds(connection: sqlite3.Connection, session_row: int) -> dict[int, AgentKind]:
    """What kind each agent of a session is, by row."""
    return dict(
        connection.execute(
            """SELECT agent.id, CASE WHEN background <> '' THEN 'background' WHEN agent.agent_id = '' THEN 'main'
                    WHEN max(ifnull(is_fork, 0)) THEN 'fork' ELSE 'sub-agent' END
                FROM agent LEFT JOIN agent_link
                ON agent_link.session_id = agent.session_id AND agent_link.agent_id = agent.agent_id
                WHERE agent.session_id = ? GROUP BY agent.id""",
            (session_row,),
        ).fetchall()
    )


def _ordered(clocks: list[CacheClock]) -> tuple[CacheClock, ...]:
    shown = [clock for clock in clocks if clock.is_warm or clock.agent_id == _MAIN]
    shown.sort(key=lambda clock: (clock.agent_id == _MAIN, clock.last_used_at, clock.agent_id), reverse=True)
    return tuple(shown)


def _clock(last: CacheStep, steps: Steps, now: datetime) -> CacheClock:
    tokens = last.tokens
    ttl_ms = last.ttl_ms
    if tokens.cache_write:
        ttl_ms = HOUR_MS if tokens.cache_write_1h else FIVE_MINUTES_MS
    rates = steps.rates(last.model, tokens, last.at_ms, last.modifiers)
    cached = tokens.cache_read + tokens.cache_write
    used_at = moment_of(last.at_ms)
    cold_at = used_at + timedelta(milliseconds=ttl_ms)
    write = 3 if ttl_ms == HOUR_MS else 2
    return CacheClock(
        agent_id=last.agent_id,
        model=last.model,
        last_used_at=used_at,
        ttl_seconds=ttl_ms // 1000,
        cold_at=cold_at,
        is_warm=cached > 0 and now < cold_at,
        cached_tokens=cached,
        going_cold_pico_usd=None if rates is None else cached * (rates[write] - rates[4]),
    )
