"""Responses in the database: folded with what is stored, priced, and summed by quarters of an hour."""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import NamedTuple

from msgspec import json

from tokentui.counting import ExtraUsage, Owner, Response, Trace, Usage, is_same, settle
from tokentui.pricing.price import Pricer
from tokentui.records import BilledUsage, Tokens
from tokentui.store.bulk import insert_rows
from tokentui.store.names import Names
from tokentui.store.rollups import QUARTER_MS, USED, add_to_rollups


class _Stored(NamedTuple):
    row_id: int
    variant: int
    response: Response


class _Row(NamedTuple):
    """One row of `response`, without its id."""

    message_id: str
    request_id: str
    variant: int
    part: int
    part_kind: str
    at_ms: int
    first_at_ms: int
    agent_id: int
    model_id: int
    input_tokens: int
    output_tokens: int
    cache_write_5m_tokens: int
    cache_write_1h_tokens: int
    cache_read_tokens: int
    cost_pico_usd: int | None
    uncached_pico_usd: int | None
    price_basis_id: int
    is_lower_bound: int
    stop_reason: str
    service_tier: str
    speed: str
    inference_geo: str
    web_searches: int
    log_id: int
    owner_rank: int
    usage_at_ms: int
    usage_offset: int
    trace: str | None
    cache_miss_reason: str


class Change(NamedTuple):
    """What adding responses did to the store."""

    new: int
    corrected: int


def add_responses(connection: sqlite3.Connection, names: Names, price: Pricer, responses: Iterable[Response]) -> Change:
    """Fold responses into the stored ones and keep the quarter-hour sums right. Runs inside a transaction."""
    sightings: dict[str, list[Response]] = defaultdict(list)
    for response in responses:
        sightings[response.message_id].append(response)
    stored = _load(connection, list(sightings))
    changes = _Changes(connection, names, price)
    for message_id, found in sightings.items():
        if len(found) == 1 and message_id not in stored:
            changes.insert(found[0], 0)
        else:
            _settle_message(stored.get(message_id, []), found, changes)
    changes.write()
    return Change(changes.new, changes.corrected)


def _settle_message(stored: list[_Stored], found: list[Response], changes: _Changes) -> None:
    """Bring the rows of one message id in line with all that is known about it."""
    settled = settle([*(known.response for known in stored), *found])
    unclaimed = list(stored)
    variant = max((known.variant for known in stored), default=-1)
    for response in settled:
        same = next((known for known in unclaimed if is_same(known.response, response)), None)
        if same is None:
            variant += 0 if response.request_id and variant >= 0 else 1
            changes.insert(response, max(variant, 0))
        else:
            unclaimed.remove(same)
            if same.response != response:
                changes.replace(same, response)
    for left in unclaimed:
        changes.delete(left)


class _Changes:
    """The row changes of one transaction, collected so that they are written in bulk."""

    def __init__(self, connection: sqlite3.Connection, names: Names, price: Pricer) -> None:
        self._connection, self._names, self._price = connection, names, price
        self._inserted: list[_Row] = []
        self._removed: list[tuple[str, str, int]] = []
        self._sums: dict[tuple[int, int, int], list[int]] = {}
        self.new = 0
        self.corrected = 0

    def insert(self, response: Response, variant: int) -> None:
        self.new += 1
        self._write_rows(response, variant)

    def replace(self, old: _Stored, response: Response) -> None:
        self.corrected += 1
        self._remove_rows(old)
        self._write_rows(response, old.variant)

    def delete(self, old: _Stored) -> None:
        self._remove_rows(old)

    def _write_rows(self, response: Response, variant: int) -> None:
        for row in _rows(response, variant, self._names, self._price):
            self._inserted.append(row)
            self._sum(row, 1)

    def _remove_rows(self, old: _Stored) -> None:
        key = (old.response.message_id, old.response.request_id, old.variant)
        select = f"SELECT {', '.join(_Row._fields)} FROM response"
        found = self._connection.execute(f"{select} WHERE message_id = ? AND request_id = ? AND variant = ?", key)
        for row in found.fetchall():
            self._sum(_Row(*row), -1)
        self._removed.append(key)

    def _sum(self, row: _Row, sign: int) -> None:
        sums = self._sums.setdefault((row.at_ms // QUARTER_MS * QUARTER_MS, row.agent_id, row.model_id), [0] * 10)
        if row.part == 0:
            sums[0] += sign
            sums[1] += sign * row.is_lower_bound
        sums[2] += sign * (row.cost_pico_usd is None)
        sums[3] += sign * row.input_tokens
        sums[4] += sign * row.output_tokens
        sums[5] += sign * row.cache_write_5m_tokens
        sums[6] += sign * row.cache_write_1h_tokens
        sums[7] += sign * row.cache_read_tokens
        sums[8] += sign * (row.cost_pico_usd or 0)
        sums[9] += sign * (row.uncached_pico_usd or 0)

    def write(self) -> None:
        """Write it all."""
        self._connection.executemany(
            "DELETE FROM response WHERE message_id = ? AND request_id = ? AND variant = ?", self._removed
        )
        insert_rows(self._connection, _INSERT, self._inserted)
        insert_rows(self._connection, _INTO_QUARTER, [(*key, *sums) for key, sums in self._sums.items()], _ADD)
        self._connection.executemany(_DROP_EMPTY_QUARTER, [key for key, sums in self._sums.items() if min(sums) < 0])
        add_to_rollups(self._connection, self._sums)


def _rows(response: Response, variant: int, names: Names, price: Pricer) -> Iterable[_Row]:
    """One row for the answer, and one for each iteration billed beside it."""
    message_id, request_id, usage, owner, first_at_ms, at_ms, stop_reason, is_final, trace = response
    moment = datetime.fromtimestamp(at_ms / 1000, UTC)
    agent_id = names.agent_row(owner.session_id, owner.agent_id, at_ms)
    parts = [("", usage.model, usage.tokens, usage.web_searches), *((*extra, 0) for extra in usage.extras)]
    for part, (kind, model, tokens, searches) in enumerate(parts):
        billed = BilledUsage(model, tokens, usage.service_tier, usage.speed, usage.inference_geo, searches)
        cost, uncached, basis = price(billed, moment)
        yield _Row(
            message_id, request_id, variant, part, kind, at_ms, first_at_ms, agent_id, names.model(model), *tokens,
            cost, uncached, names.price_basis(basis), not is_final, stop_reason, usage.service_tier, usage.speed,
            usage.inference_geo, searches, names.log_at(owner.log_path), owner.rank, usage.at_ms, usage.log_offset,
            _trace_text(trace) if part == 0 else None, usage.cache_miss_reason if part == 0 else "",
        )  # fmt: skip


def _trace_text(trace: Trace | None) -> str | None:
    return json.encode([sorted(trace.homes), sorted(trace.line_times_ms)]).decode() if trace else None


def _trace(text: str | None) -> Trace | None:
    if text is None:
        return None
    homes, times = json.decode(text)
    return Trace(frozenset(homes), frozenset(times))


def _load(connection: sqlite3.Connection, message_ids: list[str]) -> dict[str, list[_Stored]]:
    """Stored responses with these message ids."""
    stored: dict[str, dict[tuple[str, int], _Stored]] = defaultdict(dict)
    for row in connection.execute(_SELECT, (json.encode(message_ids).decode(),)):
        (row_id, message_id, request_id, variant, part, part_kind, model, at_ms, first_at_ms) = row[:9]
        tokens = Tokens(*row[9:14])
        (lower_bound, stop_reason, tier, speed, geo, searches) = row[14:20]
        (rank, usage_at_ms, usage_offset, trace, log_path, session_id, agent_id, missed) = row[20:]
        key = (request_id, variant)
        if part == 0:
            usage = Usage(
                tokens.output, usage_at_ms, usage_offset, tokens, model, tier, speed, geo, searches, (), missed
            )
            owner = Owner(rank, log_path, session_id, agent_id)
            stored[message_id][key] = _Stored(
                row_id, variant,
                Response(message_id, request_id, usage, owner, first_at_ms, at_ms, stop_reason, not lower_bound,
                         _trace(trace)),
            )  # fmt: skip
        else:
            whole = stored[message_id][key]
            extras = (*whole.response.usage.extras, ExtraUsage(part_kind, model, tokens))
            usage = whole.response.usage._replace(extras=extras)
            stored[message_id][key] = whole._replace(response=whole.response._replace(usage=usage))
    return {message_id: list(found.values()) for message_id, found in stored.items()}


_SELECT = """
SELECT response.id, message_id, request_id, variant, part, part_kind, model.name, response.at_ms,
       response.first_at_ms, input_tokens, output_tokens, cache_write_5m_tokens, cache_write_1h_tokens,
       cache_read_tokens, is_lower_bound, stop_reason, service_tier, speed, inference_geo, web_searches,
       owner_rank, usage_at_ms, usage_offset, trace, log.path, session.session_id, agent.agent_id,
       cache_miss_reason
FROM json_each(?) AS wanted
JOIN response ON response.message_id = wanted.value
JOIN model ON model.id = response.model_id
JOIN log ON log.id = response.log_id
JOIN agent ON agent.id = response.agent_id
JOIN session ON session.id = agent.session_id
ORDER BY message_id, request_id, variant, part
"""

_INSERT = f"INSERT INTO response ({', '.join(_Row._fields)})"

_INTO_QUARTER = f"INSERT INTO usage_quarter (quarter_ms, agent_id, model_id, {', '.join(USED)})"
_ADD = "ON CONFLICT (quarter_ms, agent_id, model_id) DO UPDATE SET " + ", ".join(
    f"{name} = {name} + excluded.{name}" for name in USED
)
_DROP_EMPTY_QUARTER = (
    "DELETE FROM usage_quarter WHERE quarter_ms = ? AND agent_id = ? AND model_id = ? AND "
    + " AND ".join(f"{name} = 0" for name in USED)
)
