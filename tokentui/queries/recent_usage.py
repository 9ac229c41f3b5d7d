"""The responses of the last five minutes, by agent: spend of the last minute, prompts, and how the cache did."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

from tokentui.instants import MINUTE_MS
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
    """Of its latest responses those that might have read all of the prompt before them, in order of time."""


def usage_by_agent(connection: sqlite3.Connection, now_ms: int) -> dict[int, AgentUsage]:
    """Agent row id → what it used. Summed by the database, which lets others compute meanwhile."""
    span = {"since": now_ms - RECENT_MS, "until": now_ms + _AHEAD_MS}
    moments = {"minute": now_ms - MINUTE_MS, "spending": now_ms - SPENDING_MS}
    return {
        agent_id: _usage(sums, _latest(connection, agent_id, span))
        for agent_id, *sums in connection.execute(_SUMS, span | moments).fetchall()
    }


def _usage(sums: list[int], latest: list[_Prompt]) -> AgentUsage:
    *last_minute, is_spending, prompt, written, least_prompt = sums
    newest = next((one.prompt for one in reversed(latest) if one.prompt), 0)
    growth = max(newest - (least_prompt or 0), 0) if newest else 0
    return AgentUsage(Spend(*last_minute), bool(is_spending), prompt, written, newest, growth, list(_warm(latest)))


def _warm(latest: list[_Prompt]) -> Iterator[WarmResponse]:
    for before, one in pairwise([one for one in latest if one.prompt]):
        if one.prompt >= _LEAST_PROMPT and before.prompt >= _LEAST_PROMPT:
            is_lost = one.read < min(before.prompt, one.prompt) / 2 and one.written > one.prompt / 2
            yield WarmResponse(one.prompt, one.read, one.written, is_lost)


def _latest(connection: sqlite3.Connection, agent_id: int, span: dict[str, int]) -> list[_Prompt]:
    """The prompts of an agent's latest responses, in order of time."""
    rows = connection.execute(_LATEST, {"agent": agent_id, "most": _LATEST_RESPONSES, **span}).fetchall()
    return [_Prompt(*row) for row in reversed(rows)]


_WRITTEN = "cache_write_5m_tokens + cache_write_1h_tokens"
_PROMPT = f"input_tokens + {_WRITTEN} + cache_read_tokens"
_SUMS = f"""
SELECT agent_id,
       sum(part = 0 AND at_ms >= :minute),
       sum(iif(at_ms >= :minute, input_tokens + {_WRITTEN} + output_tokens, 0)),
       sum(iif(at_ms >= :minute, ifnull(cost_pico_usd, 0), 0)),
       sum(cost_pico_usd IS NULL AND at_ms >= :minute),
       max(part = 0 AND at_ms >= :spending),
       sum(iif(part = 0, {_PROMPT}, 0)),
       sum(iif(part = 0, {_WRITTEN}, 0)),
       min(iif(part = 0, nullif({_PROMPT}, 0), NULL))
FROM response WHERE at_ms >= :since AND at_ms <= :until GROUP BY +agent_id
"""
_LATEST = f"""
SELECT {_PROMPT}, {_WRITTEN}, cache_read_tokens FROM response
WHERE agent_id = :agent AND at_ms >= :since AND at_ms <= :until AND part = 0 ORDER BY at_ms DESC LIMIT :most
"""


def cache_of(usages: Iterable[AgentUsage]) -> CacheNow:
    """The agents of one session: writes of all, and the latest warm responses of the agent that lost most."""
    usages = list(usages)
    latest = [usage.warm[-WARM_RESPONSES:] for usage in usages]
    worst = max(
        latest, key=lambda warm: (sum(one.is_lost for one in warm), sum(one.written for one in warm)), default=[]
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
