"""What was used and what it costs, in rows by time, session, project, model or agent.

Days and longer are summed one by one, each from the widest sums that lie in it; see `levels`. Agents may be very many:
they are put in order by the database and read page by page.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, tzinfo
from typing import Literal, NamedTuple, get_args

from tokentui.queries.reports.agents import AgentName, agents_by_cost, agents_used
from tokentui.queries.sums.local_times import TimeGrouping, finest_offset_seconds, labels, local_stretches
from tokentui.queries.sums.scoped import (
    ReportScope,
    SessionName,
    Used,
    models_used,
    moments_used,
    sessions_used,
    stretches_used,
    used_days,
    whole_used,
)

Grouping = Literal["minute", "hour", "day", "week", "month", "session", "project", "model", "agent"]
GROUPINGS: tuple[Grouping, ...] = get_args(Grouping)
TIME_GROUPINGS: tuple[TimeGrouping, ...] = get_args(TimeGrouping)


_ABOUT = {
    "session": SessionName._fields,
    "agent": AgentName._fields,
}


class ReportQuestion(NamedTuple):
    """What a report is asked for."""

    by: Grouping
    time_zone: tzinfo
    week_start: int = 0
    scope: ReportScope = ReportScope()
    most: int | None = None
    """Most rows to give: the latest times, else the costliest rows; None for all."""

    @property
    def about(self) -> tuple[str, ...]:
        """Names of the fields that say what a row is about; the grouping's own comes first."""
        return _ABOUT.get(self.by, (self.by,))


class ReportRow(NamedTuple):
    """One row: what it is about, and what was used."""

    names: tuple[str, ...]
    """In the order of the question's `about`: the grouping's own first, then what helps to recognise it."""
    used: Used


class Report(NamedTuple):
    """The answer; the totals are the sum of all rows, those included that are more than were asked for."""

    as_of: datetime
    question: ReportQuestion
    rows: Iterable[ReportRow]
    row_count: int
    """How many there are in all."""
    totals: Used
    unpriced_models: tuple[tuple[str, int], ...]
    """Models without a known price, and how many priceable items of each are in the report."""

    @property
    def rows_left_out(self) -> int:
        """How many there are beyond those that were asked for."""
        most = self.question.most
        return 0 if most is None else max(self.row_count - most, 0)


class _Rows(NamedTuple):
    rows: Iterable[ReportRow]
    in_all: int
    totals: Used


def report(connection: sqlite3.Connection, question: ReportQuestion, as_of: datetime) -> Report:
    """Answer a question from one state of the store."""
    with reporting(connection, question, as_of) as found:
        return found._replace(rows=tuple(found.rows))


@contextmanager
def reporting(connection: sqlite3.Connection, question: ReportQuestion, as_of: datetime) -> Iterator[Report]:
    """The same with rows that can be taken once, inside the context: of very many only some are in memory."""
    connection.execute("BEGIN")
    try:
        rows, count, totals = (
            _by_agent(connection, question) if question.by == "agent" else _whole(connection, question)
        )
        unpriced = _unpriced(connection, question.scope) if totals.unpriced_responses else ()
        yield Report(as_of.astimezone(UTC), question, rows, count, totals, unpriced)
    finally:
        connection.execute("ROLLBACK")


def sum_of(parts: Iterable[Used]) -> Used:
    """All of them together."""
    parts = list(parts)
    if len(parts) == 1:
        return parts[0]
    return Used(*map(sum, zip(*parts, strict=True))) if parts else Used()


def _by_agent(connection: sqlite3.Connection, question: ReportQuestion) -> _Rows:
    ranks = agents_by_cost(connection, question.scope, question.most)
    rows = map(ReportRow._make, agents_used(connection, ranks))
    return _Rows(rows, ranks.in_all, whole_used(connection, question.scope))


def _whole(connection: sqlite3.Connection, question: ReportQuestion) -> _Rows:
    """All rows at once."""
    by_time = question.by in TIME_GROUPINGS
    found = _by_time(connection, question, question.by) if by_time else _by_cost(connection, question)  # type: ignore[arg-type]
    rows = [row for row in found if not row.used.is_nothing]
    most = len(rows) if question.most is None else question.most
    shown = rows[max(len(rows) - most, 0) :] if by_time else rows[:most]
    return _Rows(shown, len(rows), sum_of(row.used for row in rows))


def _by_time(connection: sqlite3.Connection, question: ReportQuestion, by: TimeGrouping) -> list[ReportRow]:
    scope, zone = question.scope, question.time_zone
    if by in ("day", "week", "month") and not (scope.projects or scope.sessions):
        named = local_stretches(used_days(connection), by, zone, question.week_start)
        sums = stretches_used(connection, scope, (stretch for _, stretch in named))
        return [ReportRow((name,), used) for (name, _), used in zip(named, sums, strict=True)]
    label = labels(by, zone, question.week_start)
    seconds = 60 if by == "minute" else finest_offset_seconds(used_days(connection), zone)
    buckets: dict[str, list[Used]] = {}
    for second, used in moments_used(connection, scope, seconds):
        buckets.setdefault(label(second), []).append(used)
    return [ReportRow((name,), sum_of(parts)) for name, parts in buckets.items()]


def _by_cost(connection: sqlite3.Connection, question: ReportQuestion) -> list[ReportRow]:
    """Rows by session, project or model, the costliest first."""
    rows = [ReportRow(names, used) for names, used in _named(connection, question)]
    return sorted(rows, key=lambda row: (-row.used.cost_pico_usd, -row.used.total_tokens, row.names))


def _named(connection: sqlite3.Connection, question: ReportQuestion) -> Iterator[tuple[tuple[str, ...], Used]]:
    scope = question.scope
    if question.by == "model":
        return (((name,), used) for name, used in models_used(connection, scope))
    sessions = sessions_used(connection, scope)
    if question.by == "session":
        return sessions
    projects: dict[str, list[Used]] = {}
    for name, used in sessions:
        projects.setdefault(name.project, []).append(used)
    return (((project,), sum_of(parts)) for project, parts in projects.items())


def _unpriced(connection: sqlite3.Connection, scope: ReportScope) -> tuple[tuple[str, int], ...]:
    models = ((name, used.unpriced_responses) for name, used in models_used(connection, scope))
    return tuple(sorted(((name, count) for name, count in models if count), key=lambda item: (-item[1], item[0])))
