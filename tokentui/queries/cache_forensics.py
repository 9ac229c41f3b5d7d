"""The cache of a session, or of a stretch of time: rebuilds with causes, the clock, lifetimes, hit rates."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from tokentui.pricing.book import RateBook
from tokentui.queries.cache_mix import MixSums
from tokentui.queries.cache_results import (
    CAUSES,
    FIVE_MINUTES_MS,
    GAPS,
    HOUR_MS,
    AgentKind,
    CacheClock,
    CacheReport,
    CacheStep,
    Cause,
    Gap,
    HitRate,
    Rebuilds,
    SessionCache,
)
from tokentui.queries.cache_steps import Steps
from tokentui.queries.sessions import moment
from tokentui.records import Tokens

_MAIN = ""
_KINDS: tuple[AgentKind, ...] = ("main", "sub-agent", "fork", "background")


def session_cache(connection: sqlite3.Connection, session_id: str, book: RateBook, now: datetime) -> SessionCache:
    """The cache of a session; of one that is not stored, an empty answer."""
    steps, sums, clocks = Steps(connection, book), CacheSums(), list[CacheClock]()
    rebuilds: list[CacheStep] = []
    row = connection.execute("SELECT id FROM session WHERE session_id = ?", (session_id,)).fetchone()
    kinds = agent_kinds(connection, row[0]) if row else {}
    for agent_row, found in steps.of_session(row[0]) if row else ():
        last = None
        for step in found:
            sums.add(step, kinds[agent_row], steps)
            if step.cause is not None:
                rebuilds.append(step)
            last = step
        clocks += [_clock(last, steps, now)] if last is not None else []
    rebuilds.sort(key=lambda step: (-step.at_ms, -step.response_id))
    return SessionCache(now, session_id, sums.report(), tuple(rebuilds), _ordered(clocks))


def agent_steps(
    connection: sqlite3.Connection, session_id: str, agent_id: str, book: RateBook
) -> tuple[CacheStep, ...]:
    """Every response of one agent as the cache saw it, the oldest first."""
    row = connection.execute(
        "SELECT agent.id FROM agent JOIN session ON session.id = agent.session_id "
        "WHERE session.session_id = ? AND agent.agent_id = ?",
        (session_id, agent_id),
    ).fetchone()
    return tuple(Steps(connection, book).of_agent(row[0])) if row else ()


def cache_report(
    connection: sqlite3.Connection, book: RateBook, since_ms: int | None = None, until_ms: int | None = None
) -> CacheReport:
    """The cache of all sessions in a stretch of time; reads every response in it."""
    steps, sums = Steps(connection, book), CacheSums()
    kinds = agent_kinds(connection)
    for agent_row, found in steps.between(since_ms, until_ms):
        for step in found:
            sums.add(step, kinds[agent_row], steps)
    return sums.report()


def agent_kinds(connection: sqlite3.Connection, session_row: int | None = None) -> dict[int, AgentKind]:
    """What kind each agent is, by row; of one session or of all."""
    where = "" if session_row is None else "WHERE agent.session_id = ?"
    return dict(
        connection.execute(
            f"""SELECT agent.id, CASE WHEN background <> '' THEN 'background' WHEN agent.agent_id = '' THEN 'main'
                    WHEN max(ifnull(is_fork, 0)) THEN 'fork' ELSE 'sub-agent' END
                FROM agent LEFT JOIN agent_link
                ON agent_link.session_id = agent.session_id AND agent_link.agent_id = agent.agent_id
                {where} GROUP BY agent.id""",
            () if session_row is None else (session_row,),
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
    rates = steps.rates(last.model, tokens, last.at_ms)
    cached = tokens.cache_read + tokens.cache_write
    used_at = moment(last.at_ms)
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


@dataclass(slots=True)
class _Group:
    responses: int = 0
    tokens: list[int] = field(default_factory=lambda: [0] * 5)
    rebuilds: list[int] = field(default_factory=lambda: [0] * 4)

    def add(self, step: CacheStep) -> None:
        self.responses += 1
        for index, count in enumerate(step.tokens):
            self.tokens[index] += count
        if step.cause is not None:
            premium = step.premium_pico_usd
            for index, count in enumerate((1, step.rewritten_tokens, premium or 0, premium is None)):
                self.rebuilds[index] += count

    def rate(self, name: str) -> HitRate:
        return HitRate(name, self.responses, Tokens(*self.tokens), Rebuilds(*self.rebuilds))


class CacheSums:
    """Steps added up by cause, gap and kind of agent."""

    def __init__(self) -> None:
        self._groups: dict[tuple[Gap, AgentKind], _Group] = {}
        self._causes: dict[Cause, list[int]] = {}
        self._mix = MixSums()

    def add(self, step: CacheStep, kind: AgentKind, steps: Steps) -> None:
        """Count one more response."""
        key = (gap_of(step.gap_ms), kind)
        group = self._groups.get(key)
        if group is None:
            group = self._groups[key] = _Group()
        group.add(step)
        if step.cause is not None:
            sums = self._causes.setdefault(step.cause, [0] * 4)
            premium = step.premium_pico_usd
            for index, count in enumerate((1, step.rewritten_tokens, premium or 0, premium is None)):
                sums[index] += count
        self._mix.add(step, steps)

    def report(self) -> CacheReport:
        """What they come to."""
        by_gap = tuple(_joined(gap, self._of(gap=gap)) for gap in GAPS if any(key[0] == gap for key in self._groups))
        by_kind = tuple(
            _joined(kind, self._of(kind=kind)) for kind in _KINDS if any(k[1] == kind for k in self._groups)
        )
        causes = tuple((cause, Rebuilds(*self._causes[cause])) for cause in CAUSES if cause in self._causes)
        return CacheReport(_joined("all", iter(self._groups.values())), causes, by_gap, by_kind, self._mix.result())

    def _of(self, gap: Gap | None = None, kind: AgentKind | None = None) -> Iterator[_Group]:
        return (group for key, group in self._groups.items() if gap in (None, key[0]) and kind in (None, key[1]))


def _joined(name: str, groups: Iterator[_Group]) -> HitRate:
    whole = _Group()
    for group in groups:
        whole.responses += group.responses
        whole.tokens = [a + b for a, b in zip(whole.tokens, group.tokens, strict=True)]
        whole.rebuilds = [a + b for a, b in zip(whole.rebuilds, group.rebuilds, strict=True)]
    return whole.rate(name)


def gap_of(gap_ms: int | None) -> Gap:
    """The bucket of an idle time."""
    if gap_ms is None:
        return "first"
    for limit, gap in ((60_000, GAPS[1]), (FIVE_MINUTES_MS, GAPS[2]), (HOUR_MS, GAPS[3])):
        if gap_ms < limit:
            return gap
    return "1h and more"
