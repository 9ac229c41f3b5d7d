"""What was spent in a budget's scope between two moments, cheap enough to ask every second."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from typing import NamedTuple

from tokentui.config import EVERYTHING

QUARTER_MS = 15 * 60 * 1000
_AHEAD_MS = 10_000


class Spent(NamedTuple):
    """Usage in a scope."""

    pico_usd: int = 0
    tokens: int = 0
    fresh: int = 0
    incomplete: int = 0
    """Responses without a price or a final count: the sums are at least this much."""
    responses: int = 0

    def plus(self, other: Spent) -> Spent:
        """Both together."""
        return Spent(*(mine + theirs for mine, theirs in zip(self, other, strict=True)))

    def amount(self, unit: str) -> float:
        """In dollars or tokens, by a budget's unit."""
        if unit == "usd":
            return self.pico_usd / 1e12
        return float(self.tokens if unit == "tokens" else self.fresh)


@dataclass(frozen=True, slots=True)
class ScopeFilter:
    """A budget's scope as a condition over `used`, `agent`, `session` and `model`."""

    joins: str = ""
    condition: str = ""
    value: str = ""


_AGENT = " JOIN agent ON agent.id = used.agent_id"
_SESSION = _AGENT + " JOIN session ON session.id = agent.session_id"
_TYPE = (
    " AND (lower(agent.agent_type) = lower(?1) OR (lower(?1) = 'main' AND agent.agent_id = '') OR EXISTS ("
    "SELECT 1 FROM agent_link AS link WHERE link.session_id = agent.session_id AND link.agent_id = agent.agent_id "
    "AND lower(link.agent_type) = lower(?1)))"
)


def scope_filter(scope: str) -> ScopeFilter:
    """`project:` and `model:` match anywhere in the name, `session:` an id's start, `agent:` a whole type."""
    kind, _, value = scope.partition(":")
    if scope == EVERYTHING:
        return ScopeFilter()
    if kind == "project":
        return ScopeFilter(_SESSION, " AND instr(lower(session.project), lower(?1)) > 0", value)
    if kind == "session":
        return ScopeFilter(_SESSION, " AND substr(session.session_id, 1, length(?1)) = ?1", value)
    if kind == "model":
        joins = " JOIN model ON model.id = used.model_id"
        return ScopeFilter(joins, " AND instr(lower(model.name), lower(?1)) > 0", value)
    return ScopeFilter(_AGENT, _TYPE, value)


_TOKENS = "input_tokens + cache_write_5m_tokens + cache_write_1h_tokens + output_tokens"
_FINE = (
    f"sum(ifnull(cost_pico_usd, 0)), sum({_TOKENS} + cache_read_tokens), sum({_TOKENS}),"
    " sum(cost_pico_usd IS NULL OR is_lower_bound), sum(part = 0)"
)
_COARSE = (
    f"sum(cost_pico_usd), sum({_TOKENS} + cache_read_tokens), sum({_TOKENS}),"
    " sum(unpriced_responses + lower_bound_responses), sum(responses)"
)


def spent_between(connection: sqlite3.Connection, scope: ScopeFilter, start_ms: int, end_ms: int) -> Spent:
    """Exact at both ends: whole quarters of an hour from their sums, the rest from responses."""
    first, last = -(-start_ms // QUARTER_MS) * QUARTER_MS, end_ms // QUARTER_MS * QUARTER_MS
    if first >= last:
        return _fine(connection, scope, start_ms, end_ms)
    total = _fine(connection, scope, start_ms, first) if start_ms < first else Spent()
    total = total.plus(_coarse(connection, scope, first, last))
    return total.plus(_fine(connection, scope, last, end_ms)) if last < end_ms else total


def _fine(connection: sqlite3.Connection, scope: ScopeFilter, start_ms: int, end_ms: int) -> Spent:
    return _sums(connection, scope, f"SELECT {_FINE} FROM response AS used", "at_ms", start_ms, end_ms)


def _coarse(connection: sqlite3.Connection, scope: ScopeFilter, start_ms: int, end_ms: int) -> Spent:
    return _sums(connection, scope, f"SELECT {_COARSE} FROM usage_quarter AS used", "quarter_ms", start_ms, end_ms)


def _sums(
    connection: sqlite3.Connection, scope: ScopeFilter, select: str, column: str, start_ms: int, end_ms: int
) -> Spent:
    statement = f"{select}{scope.joins} WHERE {column} >= ?2 AND {column} < ?3{scope.condition}"
    row = connection.execute(statement, (scope.value, start_ms, end_ms)).fetchone()
    return Spent(*(value or 0 for value in row))


class SpentSoFar:
    """The same up to now, asked again and again: what lies further back than two quarters is kept for a minute."""

    KEPT_MS = 60_000

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._kept: dict[tuple[str, int], tuple[int, int, Spent]] = {}

    def since(self, scope: str, start_ms: int, now_ms: int) -> Spent:
        """What was spent in a scope from that moment to now; what is dated ahead of this quarter is left out."""
        wanted = scope_filter(scope)
        end_ms = -(-(now_ms + _AHEAD_MS) // QUARTER_MS) * QUARTER_MS
        cut_ms = now_ms // QUARTER_MS * QUARTER_MS - QUARTER_MS
        first = -(-start_ms // QUARTER_MS) * QUARTER_MS
        edge = _fine(self._connection, wanted, start_ms, first) if start_ms < first else Spent()
        if first >= cut_ms:
            return edge.plus(_coarse(self._connection, wanted, first, end_ms))
        recent = _coarse(self._connection, wanted, cut_ms, end_ms)
        return edge.plus(self._old(scope, wanted, first, cut_ms, now_ms)).plus(recent)

    def _old(self, scope: str, wanted: ScopeFilter, start_ms: int, cut_ms: int, now_ms: int) -> Spent:
        kept = self._kept.get((scope, start_ms))
        if kept is not None and kept[0] == cut_ms and 0 <= now_ms - kept[1] < self.KEPT_MS:
            return kept[2]
        spent = _coarse(self._connection, wanted, start_ms, cut_ms)
        if len(self._kept) > 200:
            self._kept.clear()
        self._kept[scope, start_ms] = (cut_ms, now_ms, spent)
        return spent
