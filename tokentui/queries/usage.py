"""Sums of usage by moment, model or agent, within a scope of time and names."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from tokentui.queries.moments import MOMENTS, QUARTER_MS, QUARTERS, sums_of

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Used(NamedTuple):
    """What was used: responses, tokens by kind, and money at list price."""

    responses: int = 0
    lower_bound_responses: int = 0
    """Responses whose final count was never logged: the sums are at least this much."""
    input_tokens: int = 0
    output_tokens: int = 0
    cache_write_5m_tokens: int = 0
    cache_write_1h_tokens: int = 0
    cache_read_tokens: int = 0
    cost_pico_usd: int = 0
    """Of everything that has a known price."""
    unpriced_responses: int = 0
    """Responses, and compactions or advisors billed beside them, whose model has no known price."""

    @property
    def total_tokens(self) -> int:
        """All five kinds."""
        return sum(self[2:7])

    @property
    def is_nothing(self) -> bool:
        """Whether it says nothing at all, as sums do from which every response was taken away."""
        return not any(self)


class AgentName(NamedTuple):
    """What identifies an agent, and what helps to recognise it."""

    session: str
    title: str
    project: str
    agent: str
    """Empty for the main thread."""
    agent_type: str
    task: str


@dataclass(frozen=True, slots=True)
class Scope:
    """What part of the store is asked about; empty means all. Of several names any may match."""

    since: datetime | None = None
    until: datetime | None = None
    """The first moment that is out again."""
    models: tuple[str, ...] = ()
    """Parts of a model's name."""
    projects: tuple[str, ...] = ()
    """Parts of a project's directory."""
    sessions: tuple[str, ...] = ()
    """How the ids of sessions begin."""


def moments_used(connection: sqlite3.Connection, scope: Scope, seconds: int) -> Iterator[tuple[int, Used]]:
    """(start, sums) of each minute or quarter of an hour in which something was used, oldest first.

    `seconds` is 60 or 900; the start is in UTC seconds since 1970.
    """
    for moment, *sums in _sums(connection, scope, f"at_ms / {seconds * 1000}", fine=seconds < 900):
        yield moment * seconds, Used(*sums)


def models_used(connection: sqlite3.Connection, scope: Scope) -> Iterator[tuple[str, Used]]:
    """(model as logged, sums) of each model."""
    names: dict[int, str] = dict(connection.execute("SELECT id, name FROM model"))
    for model_id, *sums in _sums(connection, scope, "model_id"):
        yield names[model_id], Used(*sums)


def agents_used(connection: sqlite3.Connection, scope: Scope) -> Iterator[tuple[AgentName, Used]]:
    """(agent, sums) of each agent, main threads included."""
    names = {row[0]: AgentName(*row[1:]) for row in connection.execute(_AGENTS)}
    for agent_id, *sums in _sums(connection, scope, "agent_id"):
        yield names[agent_id], Used(*sums)


_AGENTS = """
SELECT agent.id, session.session_id, session.title, session.project, agent.agent_id,
       coalesce(nullif(agent.agent_type, ''), (
           SELECT link.agent_type FROM agent_link AS link
           WHERE link.session_id = agent.session_id AND link.agent_id = agent.agent_id AND link.agent_type <> ''
           ORDER BY link.rank LIMIT 1
       ), nullif(agent.background, ''), CASE agent.agent_id WHEN '' THEN 'main' ELSE '' END),
       agent.task
FROM agent JOIN session ON session.id = agent.session_id
"""


def _sums(connection: sqlite3.Connection, scope: Scope, group: str, fine: bool = False) -> Iterator[tuple[Any, ...]]:
    """Rows of (group, sums), in the order of the group."""
    where, names = _named(scope)
    parts, bounds = _parts(scope, fine)
    values: list[object] = []
    selects: list[str] = []
    for select, limits in zip(parts, bounds, strict=True):
        selects.append(select + where)
        values += [*limits, *names]
    together = " UNION ALL ".join(selects)
    yield from connection.execute(
        f"SELECT {group}, {sums_of(Used._fields)} FROM ({together}) GROUP BY 1 ORDER BY 1",
        values,
    )


_FROM_QUARTERS, _FROM_RESPONSES = (
    f"""
SELECT at_ms, agent_id, model_id, {", ".join(Used._fields)}
FROM {table} WHERE at_ms >= ? AND at_ms < ?"""
    for table in (QUARTERS, MOMENTS)
)
_EARLIEST_MS, _LATEST_MS = -(1 << 62), 1 << 62


def _parts(scope: Scope, fine: bool) -> tuple[list[str], list[tuple[int, int]]]:
    """The selects that together cover the range, and the bounds of each in milliseconds."""
    since = _milliseconds(scope.since, _EARLIEST_MS)
    until = max(since, _milliseconds(scope.until, _LATEST_MS))
    first = -(-since // QUARTER_MS) * QUARTER_MS
    last = until // QUARTER_MS * QUARTER_MS
    if fine or first >= last:
        return [_FROM_RESPONSES], [(since, until)]
    parts, bounds = [_FROM_QUARTERS], [(first, last)]
    for start, end in ((since, first), (last, until)):
        if start < end and start != _EARLIEST_MS and end != _LATEST_MS:
            parts.append(_FROM_RESPONSES)
            bounds.append((start, end))
    return parts, bounds


def _milliseconds(moment: datetime | None, otherwise: int) -> int:
    """UTC milliseconds, rounded up: a response is in the range or not by its own whole millisecond."""
    return otherwise if moment is None else -((_EPOCH - moment) // timedelta(milliseconds=1))


def _named(scope: Scope) -> tuple[str, list[object]]:
    """The conditions on names, to be added to any of the selects, and their values."""
    conditions: list[str] = []
    values: list[object] = []
    if scope.models:
        conditions.append(f"model_id IN (SELECT id FROM model WHERE {_any_like('name', scope.models)})")
        values += [f"%{_escaped(part)}%" for part in scope.models]
    for column, names, before in (("project", scope.projects, "%"), ("session_id", scope.sessions, "")):
        if names:
            conditions.append(
                "agent_id IN (SELECT id FROM agent WHERE session_id IN "
                f"(SELECT id FROM session WHERE {_any_like(column, names)}))"
            )
            values += [f"{before}{_escaped(part)}%" for part in names]
    return "".join(f" AND {condition}" for condition in conditions), values


def _any_like(column: str, names: tuple[str, ...]) -> str:
    return "(" + " OR ".join([f"{column} LIKE ? ESCAPE '\\'"] * len(names)) + ")"


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
