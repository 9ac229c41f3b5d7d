"""Sums what was spent in a budget's scope between two moments, cheaply enough for every second."""

from __future__ import annotations

import sqlite3
from typing import NamedTuple

from tokentui.config.settings import EVERYTHING
from tokentui.instants import AHEAD_MS, DAY_MS, EARLIEST_MS, QUARTER_MS
from tokentui.queries.sums.levels import EVERYBODY, Only, agents_of_type
from tokentui.queries.sums.summing import summed
from tokentui.records import PICO_PER_USD


class Spent(NamedTuple):
    """What was spent in the scope of a budget."""

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
        """The amount in dollars or tokens, by a budget's unit."""
        if unit == "usd":
            return self.pico_usd / PICO_PER_USD
        return float(self.tokens if unit == "tokens" else self.fresh)


def only_of(connection: sqlite3.Connection, scope: str, start_ms: int = EARLIEST_MS) -> Only:
    """Whose usage a budget's scope means, for usage from that moment on.

    `project:` and `model:` match anywhere in the name, `session:` an id's start, `agent:` a whole type.
    """
    kind, _, value = scope.partition(":")
    if scope == EVERYTHING:
        return EVERYBODY
    if kind == "model":
        rows = connection.execute("SELECT id FROM model WHERE instr(lower(name), lower(?1)) > 0", (value,))
        return Only(models=frozenset(row[0] for row in rows))
    if kind in _SESSIONS:
        rows = connection.execute(f"{_USED_SINCE} AND {_SESSIONS[kind]}", (value, start_ms // DAY_MS * DAY_MS))
        return Only(sessions=frozenset(row[0] for row in rows))
    return Only(agent_type=value)


_USED_SINCE = """
SELECT session.id FROM (SELECT DISTINCT session_id FROM usage_day WHERE day_ms >= ?2) AS used
CROSS JOIN session ON session.id = used.session_id WHERE true
"""
_SESSIONS = {
    "project": "instr(lower(session.project), lower(?1)) > 0",
    "session": "substr(session.session_id, 1, length(?1)) = ?1",
}


def spent_between(connection: sqlite3.Connection, only: Only, start_ms: int, end_ms: int) -> Spent:
    """Exact at both ends."""
    used = summed(connection, (), (start_ms, max(start_ms, end_ms)), only).get(())
    if used is None:
        return Spent()
    responses, lower_bounds, unpriced, uncached, output, written_5m, written_1h, read, pico_usd, _ = used
    fresh = uncached + output + written_5m + written_1h
    return Spent(pico_usd, fresh + read, fresh, unpriced + lower_bounds, responses)


class SpentSoFar:
    """Sums what was spent until now, by one connection; whose usage a scope means is looked up once for each moment."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._now_ms = 0
        self._known: dict[str, tuple[int, Only]] = {}
        self._agents: dict[str, tuple[int, dict[int, int]]] = {}
        """Type → since when its agents are known, and those with their last moment."""

    def since(self, scope: str, start_ms: int, now_ms: int) -> Spent:
        """What was spent in a scope from that moment until now; usage dated later than this quarter is left out."""
        end_ms = -(-(now_ms + AHEAD_MS) // QUARTER_MS) * QUARTER_MS
        return spent_between(self._connection, self.only(scope, start_ms, now_ms), start_ms, end_ms)

    def only(self, scope: str, start_ms: int, now_ms: int) -> Only:
        """Whose usage a scope means, of what was used from that moment on."""
        if now_ms != self._now_ms:
            self._now_ms = now_ms
            self._known.clear()
            self._agents.clear()
        known = self._known.get(scope)
        if known is None or known[0] > start_ms:
            known = self._known[scope] = (start_ms, only_of(self._connection, scope, start_ms))
        return known[1] if known[1].agent_type is None else self._of_type(known[1].agent_type, start_ms)

    def _of_type(self, agent_type: str, start_ms: int) -> Only:
        """The agents of a type that were there since then, looked up once for all sums."""
        known = self._agents.get(agent_type)
        if known is None or known[0] > start_ms:
            agents = agents_of_type(self._connection, agent_type, start_ms)
            known = self._agents[agent_type] = (start_ms, agents)
        return Only(agents=frozenset(row for row, last_at_ms in known[1].items() if last_at_ms >= start_ms))
