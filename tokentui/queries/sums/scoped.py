"""Sums of usage by time, model or session, within a scope of time and names, for reports."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from tokentui.instants import DAY_MS, EARLIEST_MS, LATEST_MS
from tokentui.queries.names import model_names
from tokentui.queries.parameters import escaped
from tokentui.queries.sums.levels import BY_DAY, Key, Only, Step
from tokentui.queries.sums.summing import summed

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Used(NamedTuple):
    """Usage in a report: responses, tokens by kind, and money at list price."""

    responses: int = 0
    lower_bound_responses: int = 0
    """Responses whose final count was never logged: the sums are at least this much."""
    input_tokens: int = 0
    output_tokens: int = 0
    cache_write_5m_tokens: int = 0
    cache_write_1h_tokens: int = 0
    cache_read_tokens: int = 0
    cost_pico_usd: int = 0
    """Cost of everything that has a known price."""
    unpriced_responses: int = 0
    """Responses, and parts of them that are priced apart, whose model has no known price."""

    @property
    def total_tokens(self) -> int:
        """All five kinds."""
        return sum(self[2:7])

    @property
    def is_nothing(self) -> bool:
        """Whether all figures are 0, as in sums from which every response was taken away."""
        return not any(self)


class SessionName(NamedTuple):
    """The id of a session, and what helps a person to recognise it."""

    session: str
    title: str
    project: str


class ReportScope(NamedTuple):
    """The part of the store that is asked about; empty means all, and of several names any may match."""

    since: datetime | None = None
    until: datetime | None = None
    """End of the range, exclusive."""
    models: tuple[str, ...] = ()
    """Parts of a model's name."""
    projects: tuple[str, ...] = ()
    """Parts of a project's directory."""
    sessions: tuple[str, ...] = ()
    """Beginnings of session ids."""


def whole_used(connection: sqlite3.Connection, scope: ReportScope) -> Used:
    """The sum of everything in a scope."""
    return Used(*summed(connection, (), span_of(scope), only_of(connection, scope), Used._fields).get((), ()))


def stretches_used(
    connection: sqlite3.Connection, scope: ReportScope, stretches: Iterable[tuple[datetime, datetime]]
) -> Iterator[Used]:
    """Sums between each two moments, within the scope; quick if it names no projects or sessions."""
    since_ms, until_ms = span_of(scope)
    only = only_of(connection, scope)
    for start, end in stretches:
        span = max(since_ms, _milliseconds(start, EARLIEST_MS)), min(until_ms, _milliseconds(end, LATEST_MS))
        yield Used(*summed(connection, (), span, only, Used._fields).get((), ()))


def moments_used(connection: sqlite3.Connection, scope: ReportScope, seconds: int) -> Iterator[tuple[int, Used]]:
    """(start, sums) of each stretch of `seconds` in which something was used, oldest first.

    The start is in UTC seconds since 1970.
    """
    for (at_ms,), sums in sorted(_sums(connection, scope, "at_ms", Step(seconds * 1000))):
        yield at_ms // 1000, Used._make(sums)


def models_used(connection: sqlite3.Connection, scope: ReportScope) -> Iterator[tuple[str, Used]]:
    """(model as logged, sums) of each model."""
    names = model_names(connection)
    for (model_id,), sums in _sums(connection, scope, "model_id"):
        yield names[model_id], Used(*sums)


def sessions_used(connection: sqlite3.Connection, scope: ReportScope) -> Iterator[tuple[SessionName, Used]]:
    """(session, sums) of each session."""
    found = dict(_sums(connection, scope, "session_id"))
    for row in connection.execute("SELECT id, session_id, title, project FROM session"):
        if sums := found.get(row[:1]):
            yield SessionName._make(row[1:]), Used._make(sums)


def used_days(connection: sqlite3.Connection) -> list[datetime]:
    """Start of each UTC day on which something was used, in order."""
    rows = connection.execute("SELECT DISTINCT start_ms FROM usage_total WHERE span_ms = ? ORDER BY 1", (DAY_MS,))
    return [_EPOCH + timedelta(milliseconds=row[0]) for row in rows]


def _sums(
    connection: sqlite3.Connection, scope: ReportScope, key: Key, step: Step = BY_DAY
) -> Iterable[tuple[tuple[int], tuple[int, ...]]]:
    return summed(connection, (key,), span_of(scope), only_of(connection, scope), Used._fields, step).items()


def span_of(scope: ReportScope) -> tuple[int, int]:
    """The range of a scope in UTC milliseconds."""
    since, until = _milliseconds(scope.since, EARLIEST_MS), _milliseconds(scope.until, LATEST_MS)
    return since, max(since, until)


def _milliseconds(moment: datetime | None, otherwise: int) -> int:
    """UTC milliseconds, rounded up: a response is in the range or not by its own whole millisecond."""
    return otherwise if moment is None else -((_EPOCH - moment) // timedelta(milliseconds=1))


def only_of(connection: sqlite3.Connection, scope: ReportScope) -> Only:
    """The rows that the scope's names stand for."""
    models = _rows(connection, "model", {"name": [f"%{escaped(part)}%" for part in scope.models]})
    projects = [f"%{escaped(part)}%" for part in scope.projects]
    ids = [f"{escaped(part)}%" for part in scope.sessions]
    return Only(_rows(connection, "session", {"project": projects, "session_id": ids}), None, models)


def _rows(connection: sqlite3.Connection, table: str, wanted: dict[str, list[str]]) -> frozenset[int] | None:
    """Row ids where each column is like any of its patterns; None where there are no patterns."""
    conditions = [_any_like(column, len(patterns)) for column, patterns in wanted.items() if patterns]
    if not conditions:
        return None
    values = [pattern for patterns in wanted.values() for pattern in patterns]
    found = connection.execute(f"SELECT id FROM {table} WHERE {' AND '.join(conditions)}", values)
    return frozenset(row[0] for row in found)


def _any_like(column: str, patterns: int) -> str:
    return "(" + " OR ".join([f"{column} LIKE ? ESCAPE '\\'"] * patterns) + ")"
