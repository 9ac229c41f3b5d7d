"""Reads agents' newest prompts, and whether their cache held, from their latest responses; kept until others come."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Set
from typing import NamedTuple

from tokentui.instants import SECOND_MS
from tokentui.queries.sums.recent import PROMPT, WRITTEN
from tokentui.watch.facts import WARM_RESPONSES

_LEAST_PROMPT = 10_000
"""Smaller prompts are not looked at: they say nothing about a cache."""
_MOST = 40
"""How many of an agent's responses tell of its cache; all of them take long when thousands come in a second."""


class Warm(NamedTuple):
    """The latest responses of an agent that might have read all of the prompt before them, added up."""

    lost: int = 0
    """How many read less than half of that prompt."""
    written: int = 0
    prompt: int = 0
    read: int = 0
    responses: int = 0


class Latest(NamedTuple):
    """The figures of an agent's latest responses."""

    newest_prompt: int
    """Of its newest response that had one; 0 where none had."""
    warm: Warm
    oldest_ms: int
    """When the first of those came that were looked at."""


class _Prompt(NamedTuple):
    at_ms: int
    prompt: int
    written: int
    read: int


class LatestAnswers:
    """Answers by one connection, agent by agent; most have had no response since they were last asked about."""

    def __init__(self) -> None:
        self._kept: dict[int, Latest] = {}
        self._end_ms = 0

    def forget(self, agents: Set[int] | None) -> None:
        """Of whom responses came, changed or went; None for all."""
        for agent in list(self._kept) if agents is None else agents:
            self._kept.pop(agent, None)

    def of(
        self, connection: sqlite3.Connection, agents: Iterable[int], since_ms: int, end_ms: int
    ) -> dict[int, Latest]:
        """What the latest responses of each agent between two moments tell; needs the sums by the second."""
        if end_ms < self._end_ms:
            self._kept.clear()
        begun = self._end_ms // SECOND_MS * SECOND_MS
        self.forget({agent for (agent,) in connection.execute(_COMING, (begun, end_ms))})
        self._end_ms = end_ms
        self._kept = {agent: self._one(connection, agent, since_ms, end_ms) for agent in agents}
        return self._kept

    def _one(self, connection: sqlite3.Connection, agent: int, since_ms: int, end_ms: int) -> Latest:
        known = self._kept.get(agent)
        if known is not None and known.oldest_ms >= since_ms:
            return known
        return _latest(map(_Prompt._make, connection.execute(_LATEST, (agent, since_ms, end_ms, _MOST))))


def _latest(newest_first: Iterable[_Prompt]) -> Latest:
    """No more of them are looked at than it takes."""
    later: _Prompt | None = None
    newest_prompt = oldest_ms = 0
    warm = Warm()
    for one in newest_first:
        oldest_ms = one.at_ms
        if not one.prompt:
            continue
        if later is None:
            newest_prompt = one.prompt
        elif min(one.prompt, later.prompt) >= _LEAST_PROMPT:
            warm = _with(warm, later, before=one)
            if warm.responses == WARM_RESPONSES:
                break
        later = one
    return Latest(newest_prompt, warm, oldest_ms)


def _with(warm: Warm, one: _Prompt, before: _Prompt) -> Warm:
    is_lost = one.read < min(before.prompt, one.prompt) / 2 and one.written > one.prompt / 2
    return Warm(
        warm.lost + is_lost,
        warm.written + one.written,
        warm.prompt + one.prompt,
        warm.read + one.read,
        warm.responses + 1,
    )


_COMING = "SELECT DISTINCT agent_id FROM temp.usage_second WHERE start_ms >= ? AND start_ms < ?"
"""Responses that are dated ahead of the clock begin to count as time passes."""
_LATEST = f"""
SELECT at_ms, {PROMPT}, {WRITTEN}, cache_read_tokens FROM response
WHERE agent_id = ? AND at_ms >= ? AND at_ms < ? AND part = 0 ORDER BY at_ms DESC LIMIT ?
"""
