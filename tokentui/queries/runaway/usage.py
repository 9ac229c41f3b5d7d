"""The responses of the last five minutes, by agent: spend of the last minute, prompts, and how the cache did."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass

from tokentui.instants import AHEAD_MS, MINUTE_MS, SECOND_MS
from tokentui.queries.runaway.latest import Latest, LatestAnswers, Warm
from tokentui.queries.sums.recent import SINGLE_PROMPTS, RecentSums
from tokentui.queries.sums.usage import NOTHING, Scope, Sums, by
from tokentui.watch.budget_facts import SPENDING_MS
from tokentui.watch.facts import RECENT_MS, CacheNow, Spend


@dataclass(frozen=True, slots=True)
class AgentUsage:
    """What one agent used lately."""

    last_minute: Spend
    is_spending: bool
    prompt: int
    written: int
    newest_prompt: int
    """Of its newest response that had one; 0 where none had."""
    prompt_growth: int
    """From the smallest prompt to the newest one after it."""
    warm: Warm


def usage_by_agent(
    connection: sqlite3.Connection, sums: RecentSums, answers: LatestAnswers, now_ms: int
) -> dict[int, AgentUsage]:
    """Agent row id → what it used. Summed by the database, which lets others compute meanwhile.

    `sums` have been brought up to this moment, and reach back by RECENT_MS; `answers` know what changed by that.
    """
    since_ms, end_ms = now_ms - RECENT_MS, now_ms + AHEAD_MS + 1
    last_minute = by(connection, "agent_id", Scope(now_ms - MINUTE_MS, end_ms), sums)
    spending = by(connection, "agent_id", Scope(now_ms - SPENDING_MS, end_ms), sums)
    span = {"since": since_ms, "end": end_ms, "first": -(-since_ms // SECOND_MS) * SECOND_MS,
            "last": end_ms // SECOND_MS * SECOND_MS}  # fmt: skip
    prompts = {agent: rest for agent, *rest in connection.execute(_PROMPTS, span)}
    latest = answers.of(connection, prompts, since_ms, end_ms)
    return {
        agent: _usage(last_minute.get(agent, NOTHING), spending.get(agent, NOTHING), found, latest[agent])
        for agent, found in prompts.items()
    }


def _usage(last_minute: Sums, spending: Sums, prompts: list[int], latest: Latest) -> AgentUsage:
    prompt, written, least_prompt = prompts
    spend = Spend(
        last_minute.responses, last_minute.tokens.fresh, last_minute.cost_pico_usd, last_minute.unpriced_responses
    )
    newest = latest.newest_prompt
    growth = max(newest - (least_prompt or 0), 0) if newest else 0
    return AgentUsage(spend, spending.responses > 0, prompt, written, newest, growth, latest.warm)


_PROMPTS = f"""
SELECT agent_id, sum(prompt), sum(written), min(least_prompt) FROM (
    SELECT agent_id, prompt, written, least_prompt FROM temp.usage_second WHERE start_ms >= :first AND start_ms < :last
    UNION ALL {SINGLE_PROMPTS} WHERE at_ms >= :since AND at_ms < :first
    UNION ALL {SINGLE_PROMPTS} WHERE at_ms >= :last AND at_ms < :end
) GROUP BY agent_id
"""


def cache_of(usages: Iterable[AgentUsage]) -> CacheNow:
    """The agents of one session: writes of all, and the latest warm responses of the agent that lost most."""
    usages = list(usages)
    worst = max((usage.warm for usage in usages), key=lambda warm: (warm.lost, warm.written), default=Warm())
    return CacheNow(
        sum(usage.prompt for usage in usages),
        sum(usage.written for usage in usages),
        worst.prompt,
        worst.read,
        worst.written,
        worst.responses,
        worst.lost,
    )
