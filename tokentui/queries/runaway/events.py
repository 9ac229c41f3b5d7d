"""Reads what happened lately besides responses: errors, limits, human lines, and calls that repeat."""

from __future__ import annotations

import sqlite3
from collections import Counter, defaultdict
from collections.abc import Iterable
from typing import NamedTuple

from tokentui.instants import AHEAD_MS, HOUR_MS, QUARTER_MS
from tokentui.queries.sums.usage import Scope, total
from tokentui.watch.facts import ERRORS_MS, LOOP_MS, LoopNow, Spend

_LIMIT_MS = HOUR_MS
_FEWEST_REPEATS = 5
_LONGEST_LOOP = 200


class Errors(NamedTuple):
    """Errors of one session."""

    in_all: int
    kinds: tuple[str, ...]
    """The most frequent first, as `529 ×6`."""


def errors_by_session(connection: sqlite3.Connection, now_ms: int) -> dict[int, Errors]:
    """Session row → answers 429, 529 and 5xx in the last two minutes, retries included."""
    rows = connection.execute(
        "SELECT agent.session_id, coalesce(json_extract(detail, '$.status'), json_extract(detail, '$.error'))"
        " FROM event JOIN agent ON agent.id = event.agent_id"
        " WHERE at_ms >= ? AND at_ms <= ? AND kind IN ('api retry', 'api error')",
        (now_ms - ERRORS_MS, now_ms + AHEAD_MS),
    )
    counts: dict[int, Counter[str]] = defaultdict(Counter)
    for session_row, status in rows:
        if _is_overload(status):
            counts[session_row][str(status)] += 1
    return {
        session_row: Errors(found.total(), tuple(f"{kind} ×{count}" for kind, count in found.most_common(3)))
        for session_row, found in counts.items()
    }


def _is_overload(status: object) -> bool:
    """Whether a status, or the name that stands in for one, says that the API is overloaded or broken."""
    if isinstance(status, int):
        return status == 429 or 500 <= status < 600
    return isinstance(status, str) and any(word in status for word in ("overload", "server_error", "rate_limit"))


def limits_by_session(connection: sqlite3.Connection, now_ms: int) -> dict[int, int]:
    """Session row → its newest limit error of the last hour, if its reset has not come yet."""
    rows = connection.execute(
        "SELECT agent.session_id, max(at_ms) FROM event JOIN agent ON agent.id = event.agent_id"
        " WHERE at_ms >= ?1 AND at_ms <= ?2 AND kind = 'limit'"
        " AND ifnull(json_extract(detail, '$.resets_at') * 1000 > ?2, 1) GROUP BY 1",
        (now_ms - _LIMIT_MS, now_ms),
    )
    return dict(rows.fetchall())


def last_human_line(connection: sqlite3.Connection, session_row: int) -> int | None:
    """When a person last put a prompt or interrupted; prompts of programs and of other agents do not count."""
    row = connection.execute(
        "SELECT max(found) FROM (SELECT (SELECT at_ms FROM event WHERE agent_id = agent.id AND kind = named.value"
        " AND ifnull(json_extract(detail, '$.source'), 'typed') IN ('typed', 'queued', 'suggestion_accepted')"
        " ORDER BY at_ms DESC LIMIT 1) AS found"
        ' FROM agent, json_each(\'["prompt", "interrupt"]\') AS named'
        " WHERE agent.session_id = ? AND agent.agent_id = '')",
        (session_row,),
    ).fetchone()
    return int(row[0]) if row and row[0] is not None else None


def spend_since(connection: sqlite3.Connection, session_row: int, start_ms: int) -> Spend:
    """Usage of a session from the next quarter of an hour on."""
    used = total(connection, Scope(-(-start_ms // QUARTER_MS) * QUARTER_MS, sessions=frozenset((session_row,))))
    return Spend(used.responses, used.tokens.fresh, used.cost_pico_usd, used.unpriced_responses)


def loops(connection: sqlite3.Connection, agents: Iterable[int], now_ms: int) -> dict[int, LoopNow]:
    """Agent row → the loop its latest calls make."""
    found = ((row, _loop(connection, row, now_ms)) for row in agents)
    return {row: loop for row, loop in found if loop is not None}


def _loop(connection: sqlite3.Connection, agent_row: int, now_ms: int) -> LoopNow | None:
    """The loop at the end of an agent's calls, in which at most two different ones occur; None if it is short."""
    rows = connection.execute(
        "SELECT name, input_digest, at_ms FROM tool_call WHERE agent_id = ? AND at_ms >= ? AND at_ms <= ?"
        " ORDER BY at_ms DESC LIMIT ?",
        (agent_row, now_ms - LOOP_MS, now_ms + AHEAD_MS, _LONGEST_LOOP),
    )
    times: dict[tuple[str, str], list[int]] = {}
    for name, digest, at_ms in rows:
        if (name, digest) not in times and len(times) == 2:
            break
        times.setdefault((name, digest), []).append(at_ms)
    call = max(times, key=lambda call: len(times[call]), default=None)
    if call is None or len(times[call]) < _FEWEST_REPEATS:
        return None
    repeats = times[call]
    (agent_id,) = connection.execute("SELECT agent_id FROM agent WHERE id = ?", (agent_row,)).fetchone()
    return LoopNow(agent_id, call[0], len(repeats), (repeats[0] - repeats[-1]) / 1000)
