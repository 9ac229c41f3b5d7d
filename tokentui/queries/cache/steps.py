"""Compares each response of an agent with the one before: what the cache should have held, and what it did not."""

from __future__ import annotations

import sqlite3
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator
from itertools import groupby
from operator import itemgetter
from typing import NamedTuple

from tokentui.counting import EARLIER_PROMPT
from tokentui.instants import HOUR_MS, utc_day
from tokentui.pricing.book import RateBook
from tokentui.pricing.cost import rates_of
from tokentui.pricing.model_names import normalise
from tokentui.pricing.rates import FiveRates, RateCard
from tokentui.queries.cache.results import FIVE_MINUTES_MS, LEAST_REBUILD_TOKENS, CacheStep, Cause
from tokentui.queries.names import model_names
from tokentui.queries.parameters import as_json
from tokentui.records import BilledUsage, Tokens

_ADVISOR = "advisor_message"
_TOOLS_OR_SYSTEM = ("tools_changed", "system_changed")


class _Row(NamedTuple):
    agent_row: int
    agent_id: str
    response_id: int
    part_kind: str
    at_ms: int
    first_at_ms: int
    model_id: int
    input: int
    output: int
    cache_write_5m: int
    cache_write_1h: int
    cache_read: int
    service_tier: str
    speed: str
    inference_geo: str
    miss_reason: str


_ROWS = """
SELECT response.agent_id, agent.agent_id, response.id, part_kind, response.at_ms, response.first_at_ms, model_id,
       input_tokens, output_tokens, cache_write_5m_tokens, cache_write_1h_tokens, cache_read_tokens, service_tier,
       speed, inference_geo, cache_miss_reason
FROM agent JOIN response ON response.agent_id = agent.id
"""
_ORDER = "ORDER BY response.agent_id, response.at_ms, response.id"
_SESSION_ORDER = "ORDER BY agent.agent_id, response.at_ms, response.id"  # the order of the indexes: nothing to sort


class Steps:
    """Steps of the cache, with the price of each rebuild."""

    def __init__(self, connection: sqlite3.Connection, book: RateBook) -> None:
        self._connection = connection
        self._book = book
        self._models = model_names(connection)
        self._same = {row: normalise(name) for row, name in self._models.items()}

    def of_session(self, session_row: int) -> Iterator[tuple[int, Iterator[CacheStep]]]:
        """Yield (agent row, its steps) for each agent of the session with this row id."""
        where = "agent.session_id = ?"
        return self._by_agent(where, (session_row,), _SESSION_ORDER)

    def of_agent(self, agent_row: int) -> Iterator[CacheStep]:
        """Steps of one agent, the oldest first."""
        for _, steps in self._by_agent("agent.id = ?", (agent_row,), _ORDER):
            yield from steps

    def of_agents(self, agent_rows: Iterable[int], since_ms: int) -> Iterator[tuple[int, Iterator[CacheStep]]]:
        """Yield (agent row, its steps since then) for each of these agents; the first step has nothing before it."""
        where = "agent.id IN (SELECT value FROM json_each(?)) AND response.at_ms >= ?"
        return self._by_agent(where, (as_json(agent_rows), since_ms), "ORDER BY agent.id, response.at_ms, response.id")

    def card(self, model: str, at_ms: int) -> RateCard | None:
        """Prices of a model on the day; None where it has none."""
        return self._book.card(model, utc_day(at_ms))

    def rates(self, model: str, tokens: Tokens, at_ms: int, modifiers: tuple[str, str, str]) -> FiveRates | None:
        """Rates of a request on its day, in the order of `Tokens`; None where the model has no price."""
        card = self.card(model, at_ms)
        return rates_of(BilledUsage(model, tokens, *modifiers), card) if card else None

    def _by_agent(
        self, where: str, values: tuple[int | str, ...], order: str
    ) -> Iterator[tuple[int, Iterator[CacheStep]]]:
        compactions = self._compactions(where.replace("response.at_ms", "event.at_ms"), values)
        rows = self._connection.execute(f"{_ROWS} WHERE {where} {order}", values)
        for agent_row, found in groupby(rows, itemgetter(0)):
            yield agent_row, self._steps(map(_Row._make, found), compactions.get(agent_row, []))

    def _compactions(self, where: str, values: tuple[int | str, ...]) -> dict[int, list[int]]:
        """When each agent's conversation was compacted, in order."""
        found: dict[int, list[int]] = defaultdict(list)
        for agent_row, at_ms in self._connection.execute(
            "SELECT event.agent_id, event.at_ms FROM agent JOIN event ON event.agent_id = agent.id "
            f"WHERE event.kind = 'compaction' AND {where} ORDER BY event.at_ms",
            values,
        ):
            found[agent_row].append(at_ms)
        return found

    def _steps(self, rows: Iterator[_Row], compactions: list[int]) -> Iterator[CacheStep]:
        before: _Row | None = None
        expected, ttl_ms, is_last_prompt = 0, FIVE_MINUTES_MS, False
        for row in rows:
            if row.part_kind:
                is_last_prompt |= row.part_kind == EARLIER_PROMPT
                if row.part_kind == _ADVISOR and not is_last_prompt:
                    expected = 0  # the count is of the prompt sent twice, and says nothing about the next prefix
                continue
            is_last_prompt = False
            yield self._step(row, before, expected, ttl_ms, compactions)
            before = row
            expected = row.input + row.cache_write_5m + row.cache_write_1h + row.cache_read
            if row.cache_write_1h or row.cache_write_5m:
                ttl_ms = HOUR_MS if row.cache_write_1h else FIVE_MINUTES_MS

    def _step(self, row: _Row, before: _Row | None, expected: int, ttl_ms: int, compactions: list[int]) -> CacheStep:
        tokens = Tokens(*row[7:12])
        gap_ms = None if before is None else max(row.first_at_ms - before.at_ms, 0)
        rewritten = min(max(expected - row.cache_read, 0), row.cache_write_5m + row.cache_write_1h)
        cause: Cause | None = None
        premium: int | None = 0
        if before is not None and rewritten >= LEAST_REBUILD_TOKENS:
            cause = self._cause(row, before, gap_ms or 0, ttl_ms, compactions)
            premium = self._premium(row, tokens, rewritten)
        return CacheStep(
            row.response_id, row.agent_id, row.at_ms, self._models[row.model_id], tokens, gap_ms, ttl_ms, expected,
            rewritten, cause, premium, row.miss_reason, (row.service_tier, row.speed, row.inference_geo),
        )  # fmt: skip

    def _cause(self, row: _Row, before: _Row, gap_ms: int, ttl_ms: int, compactions: list[int]) -> Cause:
        if bisect_right(compactions, row.at_ms) > bisect_right(compactions, before.at_ms):
            return "compaction"
        if self._same[row.model_id] != self._same[before.model_id] or row.miss_reason == "model_changed":
            return "model switch"
        if gap_ms >= ttl_ms:
            return "expired"
        return "tools or system changed" if row.miss_reason in _TOOLS_OR_SYSTEM else "prefix changed"

    def _premium(self, row: _Row, tokens: Tokens, rewritten: int) -> int | None:
        """rewritten × (write rate − read rate); a write of both lifetimes is priced by the share of each."""
        modifiers = (row.service_tier, row.speed, row.inference_geo)
        rates = self.rates(self._models[row.model_id], tokens, row.at_ms, modifiers)
        if rates is None:
            return None
        write_5m, write_1h, read = rates[2:]
        extra = tokens.cache_write_5m * (write_5m - read) + tokens.cache_write_1h * (write_1h - read)
        return rewritten * extra // tokens.cache_write
