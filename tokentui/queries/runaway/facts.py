"""Gathers what the rules look at, from one state of the store, cheaply enough for every second."""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime, tzinfo
from typing import NamedTuple

from tokentui.config.settings import Budget
from tokentui.instants import MINUTE_MS, midnight, ms_of
from tokentui.queries.budgets.spent import SpentSoFar
from tokentui.queries.budgets.standing import BudgetQuestions
from tokentui.queries.live.working import Working, working_now
from tokentui.queries.runaway.agents import Depths, RecentAgent, recent_agents
from tokentui.queries.runaway.events import (
    Errors,
    errors_by_session,
    last_human_line,
    limits_by_session,
    loops,
    spend_since,
)
from tokentui.queries.runaway.latest import LatestAnswers
from tokentui.queries.runaway.usage import AgentUsage, cache_of, usage_by_agent
from tokentui.queries.sums.recent import RecentSums
from tokentui.transcripts.registry import LiveSession
from tokentui.watch.budget_facts import DayNow
from tokentui.watch.facts import NO_SPEND, RECENT_MS, AgentNow, Facts, LoopNow, SessionNow, Spend

_UNATTENDED_MS = 15 * MINUTE_MS
"""How long a session must be unattended before its spend since then is summed."""
_ALONE_MS = 5_000
"""How long that sum is kept; it covers a quarter of an hour or more."""


class _Lately(NamedTuple):
    """What was found for all sessions together."""

    now_ms: int
    working: Working
    depths: dict[int, int]
    usage: dict[int, AgentUsage]
    errors: dict[int, Errors]
    limits: dict[int, int]
    loops: dict[int, LoopNow]


class FactGatherer:
    """Facts from one connection; made, used and closed in one thread."""

    def __init__(self, connection: sqlite3.Connection, time_zone: tzinfo, week_start: int = 0) -> None:
        self._connection, self._zone = connection, time_zone
        self._recent = RecentSums(RECENT_MS, MINUTE_MS)
        self._answers = LatestAnswers()
        self._budgets = BudgetQuestions(connection, time_zone, week_start, self._recent)
        self._sums = SpentSoFar(connection)
        self._depths = Depths(connection)
        self._alone: dict[int, tuple[int, int, Spend]] = {}
        """Session row → since when nobody is there, when its spend was summed, and that spend."""

    def gather(self, now: datetime, budgets: Iterable[Budget], registry: Iterable[LiveSession] = ()) -> Facts:
        """All facts as of `now`."""
        now_ms = ms_of(now)
        self._connection.execute("BEGIN")
        try:
            with self._recent.brought_up(self._connection, now_ms) as changed:
                self._answers.forget(changed)
                sessions = self._sessions(now_ms, registry)
                return Facts(now_ms, self._today(now), sessions, self._budgets.now(budgets, now))
        finally:
            self._connection.execute("COMMIT")

    def _today(self, now: datetime) -> DayNow:
        start_at = midnight(now.astimezone(self._zone).date(), self._zone)
        now_ms, start_ms = (ms_of(moment) for moment in (now, start_at))
        spent = self._sums.since("everything", start_ms, now_ms)
        return DayNow(start_at.astimezone(self._zone), spent.tokens, spent.pico_usd, spent.responses)

    def _sessions(self, now_ms: int, registry: Iterable[LiveSession]) -> tuple[SessionNow, ...]:
        working = working_now(self._connection, now_ms, registry)
        agents = recent_agents(self._connection, now_ms, working)
        usage = usage_by_agent(self._connection, self._recent, self._answers, now_ms)
        spending = [agent.row_id for agent in agents if agent.row_id in usage and usage[agent.row_id].is_spending]
        lately = _Lately(
            now_ms,
            working,
            self._depths.of(agents),
            usage,
            errors_by_session(self._connection, now_ms),
            limits_by_session(self._connection, now_ms),
            loops(self._connection, spending, now_ms),
        )
        by_session: dict[int, list[RecentAgent]] = defaultdict(list)
        for agent in agents:
            by_session[agent.session_row].append(agent)
        self._alone = {row: known for row, known in self._alone.items() if row in by_session}
        return tuple(self._session(row, found, lately) for row, found in by_session.items())

    def _session(self, row: int, agents: list[RecentAgent], lately: _Lately) -> SessionNow:
        session_id, title, project, first_at_ms = self._connection.execute(
            "SELECT session_id, title, project, first_at_ms FROM session WHERE id = ?", (row,)
        ).fetchone()
        used = [lately.usage[agent.row_id] for agent in agents if agent.row_id in lately.usage]
        is_spending = any(usage.is_spending for usage in used)
        alone_ms, alone = self._unattended(row, first_at_ms, lately.now_ms) if is_spending else (0, NO_SPEND)
        errors = lately.errors.get(row, Errors(0, ()))
        return SessionNow(
            session_id=session_id,
            title=title or project.rstrip("/\\").replace("\\", "/").rpartition("/")[2] or session_id[:8],
            project=project,
            agents=tuple(_agent(agent, lately) for agent in agents if not agent.background),
            last_minute=_total(usage.last_minute for usage in used),
            is_spending=is_spending,
            spawned=_spawned(agents, lately.now_ms),
            cache=cache_of(used),
            errors=errors.in_all,
            error_kinds=errors.kinds,
            limit_at_ms=lately.limits.get(row),
            unattended_ms=alone_ms,
            unattended_spend=alone,
            loop=_worst([lately.loops[agent.row_id] for agent in agents if agent.row_id in lately.loops]),
        )

    def _unattended(self, row: int, first_at_ms: int, now_ms: int) -> tuple[int, Spend]:
        since_ms = last_human_line(self._connection, row) or first_at_ms
        alone_ms = max(now_ms - since_ms, 0)
        if alone_ms < _UNATTENDED_MS:
            return alone_ms, NO_SPEND
        known = self._alone.get(row)
        if known is None or known[0] != since_ms or not 0 <= now_ms - known[1] < _ALONE_MS:
            known = (since_ms, now_ms, spend_since(self._connection, row, since_ms))
            self._alone[row] = known
        return alone_ms, known[2]


def _agent(agent: RecentAgent, lately: _Lately) -> AgentNow:
    usage = lately.usage.get(agent.row_id)
    return AgentNow(
        agent_id=agent.agent_id,
        name=agent.agent_type or ("agent" if agent.agent_id else "main"),
        depth=lately.depths[agent.row_id],
        first_at_ms=agent.first_at_ms,
        is_working=agent.row_id in lately.working.agents.get(agent.session_row, ()),
        last_minute=usage.last_minute if usage else NO_SPEND,
        prompt_tokens=usage.newest_prompt if usage else 0,
        prompt_growth=usage.prompt_growth if usage else 0,
    )


def _spawned(agents: list[RecentAgent], now_ms: int) -> tuple[str, ...]:
    """Agents that began in the last minute; background agents are not spawned by anybody."""
    return tuple(
        agent.agent_id
        for agent in agents
        if agent.agent_id and not agent.background and agent.first_at_ms > now_ms - MINUTE_MS
    )


def _total(spends: Iterable[Spend]) -> Spend:
    total = NO_SPEND
    for spend in spends:
        total = total.plus(spend)
    return total


def _worst(found: list[LoopNow]) -> LoopNow | None:
    return max(found, key=lambda loop: loop.repeats) if found else None
