"""The responses of the last five minutes, by agent: spend of the last minute, prompts, and how the cache did."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from tokentui.watch.facts import MINUTE_MS, NO_SPEND, RECENT_MS, SPENDING_MS, WARM_RESPONSES, CacheNow, Spend

_AHEAD_MS = 10_000
_LEAST_PROMPT = 10_000
"""Smaller prompts say nothing about a cache."""


class WarmResponse(NamedTuple):
    """One response of an agent that had answered before."""

    prompt: int
    read: int
    written: int
    is_lost: bool
    """Whether it read less than half of the prompt before it."""


@dataclass(slots=True)
class AgentUsage:
    """What one agent used lately."""

    last_minute: Spend = NO_SPEND
    is_spending: bool = False
    prompts: list[int] = field(default_factory=list)
    """Prompt tokens of its responses, in order of time."""
    prompt: int = 0
    written: int = 0
    warm: list[WarmResponse] = field(default_factory=list)
    """Responses that might have read all of the prompt before them."""

    @property
    def prompt_growth(self) -> int:
        """From the smallest prompt to the newest one after it."""
        return max(self.prompts[-1] - min(self.prompts), 0) if self.prompts else 0

    def add(self, at_ms: int, now_ms: int, fresh: int, prompt: int, written: int, read: int) -> None:
        """Count one response; they come in order of time."""
        self.is_spending |= at_ms >= now_ms - SPENDING_MS
        self.prompt += prompt
        self.written += written
        if self.prompts and prompt >= _LEAST_PROMPT and self.prompts[-1] >= _LEAST_PROMPT:
            is_lost = read < min(self.prompts[-1], prompt) / 2 and written > prompt / 2
            self.warm.append(WarmResponse(prompt, read, written, is_lost))
        if prompt:
            self.prompts.append(prompt)


def usage_by_agent(connection: sqlite3.Connection, now_ms: int) -> dict[int, AgentUsage]:
    """Agent row id → what it used."""
    found: dict[int, AgentUsage] = {}
    minute_ms = now_ms - MINUTE_MS
    for agent_id, at_ms, fresh, prompt, written, read, cost, part in _responses(connection, now_ms):
        usage = found.get(agent_id)
        if usage is None:
            usage = found[agent_id] = AgentUsage()
        if part == 0:
            usage.add(at_ms, now_ms, fresh, prompt, written, read)
        if at_ms >= minute_ms:
            usage.last_minute = usage.last_minute.plus(Spend(part == 0, fresh, cost or 0, cost is None))
    return found


def _responses(connection: sqlite3.Connection, now_ms: int) -> Iterator[tuple[int, ...]]:
    yield from connection.execute(
        "SELECT agent_id, at_ms, input_tokens + cache_write_5m_tokens + cache_write_1h_tokens + output_tokens,"
        " input_tokens + cache_write_5m_tokens + cache_write_1h_tokens + cache_read_tokens,"
        " cache_write_5m_tokens + cache_write_1h_tokens, cache_read_tokens, cost_pico_usd, part"
        " FROM response WHERE at_ms >= ? AND at_ms <= ? ORDER BY at_ms",
        (now_ms - RECENT_MS, now_ms + _AHEAD_MS),
    )


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
