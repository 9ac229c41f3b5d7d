"""The responses of the last five minutes, by agent: spend of the last minute, prompts, and how the cache did."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain, islice, pairwise
from typing import NamedTuple

from tokentui.instants import MINUTE_MS
from tokentui.queries.sums.levels import SECOND_MS
from tokentui.queries.sums.recent import PROMPT, SINGLE_PROMPTS, WRITTEN, RecentSums
from tokentui.queries.sums.usage import NOTHING, Scope, Sums, by
from tokentui.watch.facts import RECENT_MS, SPENDING_MS, WARM_RESPONSES, CacheNow, Spend

_AHEAD_MS = 10_000
_LEAST_PROMPT = 10_000
"""Smaller prompts say nothing about a cache."""


_LATEST_RESPONSES = 40
"""So many of an agent tell how its cache does; looking at all takes long when thousands come in a second."""


class _Prompt(NamedTuple):
    prompt: int
    written: int
    read: int


class WarmResponse(NamedTuple):
    """One response of an agent that had answered before."""

    prompt: int
    read: int
    written: int
    is_lost: bool
    """Whether it read less than half of the prompt before it."""


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
    warm: list[WarmResponse]
    """The latest of its responses that might have read all of the prompt before them, in order of time."""


class _Latest(NamedTuple):
    newest_prompt: int
    warm: list[WarmResponse]


def usage_by_agent(connection: sqlite3.Connection, sums: RecentSums, now_ms: int) -> dict[int, AgentUsage]:
    """Agent row id → what it used. Summed by the database, which lets others compute meanwhile.

    `sums` have been brought up to this moment, and reach back by RECENT_MS.
    """
    end_ms = now_ms + _AHEAD_MS + 1
    last_minute = by(connection, "agent_id", Scope(now_ms - MINUTE_MS, end_ms), sums)
    spending = by(connection, "agent_id", Scope(now_ms - SPENDING_MS, end_ms), sums)
    since = now_ms - RECENT_MS
    span = {"since": since, "end": end_ms, "first": -(-since // SECOND_MS) * SECOND_MS,
            "last": end_ms // SECOND_MS * SECOND_MS}  # fmt: skip
    return {
        agent: _usage(
            last_minute.get(agent, NOTHING), spending.get(agent, NOTHING), prompts, _latest(connection, agent, span)
        )
        for agent, *prompts in connection.execute(_PROMPTS, span).fetchall()
    }


def _usage(last_minute: Sums, spending: Sums, prompts: list[int], latest: _Latest) -> AgentUsage:
    prompt, written, least_prompt = prompts
    spend = Spend(
        last_minute.responses, last_minute.tokens.fresh, last_minute.cost_pico_usd, last_minute.unpriced_responses
    )
    newest, warm = latest
    growth = max(newest - (least_prompt or 0), 0) if newest else 0
    return AgentUsage(spend, spending.responses > 0, prompt, written, newest, growth, warm)


def _latest(connection: sqlite3.Connection, agent_id: int, span: dict[str, int]) -> _Latest:
    """What an agent's latest responses tell; no more of them are looked at than it takes."""
    rows = connection.execute(_LATEST, {"agent": agent_id, "most": _LATEST_RESPONSES, **span})
    prompts = (one for one in map(_Prompt._make, rows) if one.prompt)
    newest = next(prompts, None)
    if newest is None:
        return _Latest(0, [])
    warm = list(islice(_warm(chain([newest], prompts)), WARM_RESPONSES))
    return _Latest(newest.prompt, warm[::-1])


def _warm(newest_first: Iterable[_Prompt]) -> Iterator[WarmResponse]:
    for one, before in pairwise(newest_first):
        if one.prompt >= _LEAST_PROMPT and before.prompt >= _LEAST_PROMPT:
            is_lost = one.read < min(before.prompt, one.prompt) / 2 and one.written > one.prompt / 2
            yield WarmResponse(one.prompt, one.read, one.written, is_lost)


_PROMPTS = f"""
SELECT agent_id, sum(prompt), sum(written), min(least_prompt) FROM (
    SELECT agent_id, prompt, written, least_prompt FROM temp.usage_second WHERE start_ms >= :first AND start_ms < :last
    UNION ALL {SINGLE_PROMPTS} WHERE at_ms >= :since AND at_ms < :first
    UNION ALL {SINGLE_PROMPTS} WHERE at_ms >= :last AND at_ms < :end
) GROUP BY agent_id
"""
_LATEST = f"""
SELECT {PROMPT}, {WRITTEN}, cache_read_tokens FROM response
WHERE agent_id = :agent AND at_ms >= :since AND at_ms < :end AND part = 0 ORDER BY at_ms DESC LIMIT :most
"""


def cache_of(usages: Iterable[AgentUsage]) -> CacheNow:
    """The agents of one session: writes of all, and the latest warm responses of the agent that lost most."""
    usages = list(usages)
    worst = max(
        (usage.warm for usage in usages),
        key=lambda warm: (sum(one.is_lost for one in warm), sum(one.written for one in warm)),
        default=[],
    )
    return CacheNow(
        sum(usage.prompt for usage in usages),
        sum(usage.written for usage in usages),
        sum(one.prompt for one in worst),
        sum(one.read for one in worst),
        sum(one.written for one in worst),
        len(worst),
        sum(one.is_lost for one in worst),
    )
