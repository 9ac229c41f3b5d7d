"""Writes responses: folded with what is stored, priced, and summed by quarters of an hour."""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from tokentui.counting import Response, is_same, settle
from tokentui.instants import QUARTER_MS
from tokentui.pricing.price import Pricer
from tokentui.records import BilledUsage
from tokentui.store.bulk import insert_rows
from tokentui.store.names import Names
from tokentui.store.rollups import OF_A_RESPONSE, USED, Key, add_sums, add_to_rollups, folded
from tokentui.store.stored_responses import Stored, stored_responses, trace_text


class _Part(NamedTuple):
    """The row of an answer, or of an iteration that is billed beside it."""

    row: tuple[object, ...]
    """In the order of `_COLUMNS`."""
    quarter: Key
    used: tuple[int, ...]
    """What the row adds to the sums of its quarter, in the order of `USED`."""


def add_responses(connection: sqlite3.Connection, names: Names, price: Pricer, responses: Iterable[Response]) -> int:
    """Fold responses into the stored ones and keep the sums right; returns how many are new. Inside a transaction."""
    sightings: dict[str, list[Response]] = defaultdict(list)
    for response in responses:
        sightings[response.message_id].append(response)
    stored = stored_responses(connection, list(sightings))
    changes = _Changes(connection, names, price)
    for message_id, found in sightings.items():
        if len(found) == 1 and message_id not in stored:
            changes.insert(found[0], 0)
        else:
            _settle_message(stored.get(message_id, []), found, changes)
    changes.write()
    return changes.new


def _settle_message(stored: list[Stored], found: list[Response], changes: _Changes) -> None:
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
        self._inserted: list[tuple[object, ...]] = []
        self._removed: list[tuple[str, str, int]] = []
        self._used: list[tuple[Key, Sequence[int]]] = []
        self._moments: set[int] = set()
        self.new = 0

    def insert(self, response: Response, variant: int) -> None:
        self.new += 1
        self._add_parts(response, variant)

    def replace(self, old: Stored, response: Response) -> None:
        self._remove_parts(old)
        self._add_parts(response, old.variant)

    def delete(self, old: Stored) -> None:
        self._remove_parts(old)

    def _add_parts(self, response: Response, variant: int) -> None:
        self._moments.add(response.at_ms)
        for row, quarter, used in _parts(response, variant, self._names, self._price):
            self._inserted.append(row)
            self._used.append((quarter, used))

    def _remove_parts(self, old: Stored) -> None:
        key = (old.response.message_id, old.response.request_id, old.variant)
        self._used += ((row[:3], row[3:]) for row in self._connection.execute(_TAKEN_AWAY, key))
        self._removed.append(key)
        self._moments.add(old.response.at_ms)

    def write(self) -> None:
        """Write all changes."""
        self._connection.executemany(
            "DELETE FROM response WHERE message_id = ? AND request_id = ? AND variant = ?", self._removed
        )
        insert_rows(self._connection, _INSERT, self._inserted)
        quarters = folded(self._used)
        add_sums(self._connection, "usage_quarter", quarters)
        if self._moments:
            add_to_rollups(self._connection, quarters, (min(self._moments), max(self._moments)))


def _parts(response: Response, variant: int, names: Names, price: Pricer) -> Iterator[_Part]:
    """The rows of a response: its answer, and each iteration that is billed beside it."""
    message_id, request_id, usage, owner, first_at_ms, at_ms, stop_reason, is_final, trace = response
    _, usage_at_ms, usage_offset, tokens, model, tier, speed, geo, searches, extras, miss_reason = usage
    agent_id, log_id = names.agent_row(owner.session_id, owner.agent_id, at_ms), names.log_at(owner.log_path)
    kind, kept_trace = "", trace_text(trace)
    for part in range(1 + len(extras)):
        if part:  # what belongs to the answer as a whole stands with the answer
            kind, model, tokens = extras[part - 1]
            searches, miss_reason, kept_trace = 0, "", None
        model_id = names.model(model)
        cost, uncached, basis = price(BilledUsage(model, tokens, tier, speed, geo, searches), at_ms)
        row = (
            message_id, request_id, variant, part, kind, at_ms, first_at_ms, agent_id, model_id, *tokens,
            cost, uncached, names.price_basis(basis), int(not is_final), stop_reason, tier, speed, geo, searches,
            log_id, owner.rank, usage_at_ms, usage_offset, kept_trace, miss_reason,
        )  # fmt: skip
        used = (int(not part), int(not (part or is_final)), int(cost is None), *tokens, cost or 0, uncached or 0)
        yield _Part(row, (at_ms // QUARTER_MS * QUARTER_MS, agent_id, model_id), used)


_COLUMNS = (
    "message_id", "request_id", "variant", "part", "part_kind", "at_ms", "first_at_ms", "agent_id", "model_id",
    "input_tokens", "output_tokens", "cache_write_5m_tokens", "cache_write_1h_tokens", "cache_read_tokens",
    "cost_pico_usd", "uncached_pico_usd", "price_basis_id", "is_lower_bound", "stop_reason", "service_tier", "speed",
    "inference_geo", "web_searches", "log_id", "owner_rank", "usage_at_ms", "usage_offset", "trace",
    "cache_miss_reason",
)  # fmt: skip
_INSERT = f"INSERT INTO response ({', '.join(_COLUMNS)})"
_TAKEN_AWAY = f"""
SELECT at_ms / {QUARTER_MS} * {QUARTER_MS}, agent_id, model_id,
       {", ".join(f"-({OF_A_RESPONSE.get(name, name)})" for name in USED)}
FROM response WHERE message_id = ? AND request_id = ? AND variant = ?
"""
