"""What was used and what it costs, in rows by time, session, project, model or agent.

Days and longer are summed one by one, each from the widest sums that lie in it; see `levels`.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from datetime import UTC, datetime, tzinfo
from operator import attrgetter
from typing import Literal, NamedTuple, get_args

from tokentui.queries.buckets import TimeGrouping, finest_offset_seconds, labels, local_stretches
from tokentui.queries.usage import (
    Scope,
    Used,
    agents_used,
    models_used,
    moments_used,
    sessions_used,
    stretches_used,
    used_days,
)

Grouping = Literal["minute", "hour", "day", "week", "month", "session", "project", "model", "agent"]
GROUPINGS: tuple[Grouping, ...] = get_args(Grouping)
TIME_GROUPINGS: tuple[TimeGrouping, ...] = get_args(TimeGrouping)


_ABOUT = {
    "session": ("session", "title", "project"),
    "agent": ("agent", "agent_type", "task", "session", "project"),
}


class ReportQuestion(NamedTuple):
    """What a report is asked for."""

    by: Grouping
    time_zone: tzinfo
    week_start: int = 0
    scope: Scope = Scope()

    @property
    def about(self) -> tuple[str, ...]:
        """Names of the fields that say what a row is about; the grouping's own comes first."""
        return _ABOUT.get(self.by, (self.by,))


class ReportRow(NamedTuple):
    """One row: what it is about, by field name, and what was used."""

    about: tuple[tuple[str, str], ...]
    """The grouping's own field first, such as `model`; then what helps to recognise it."""
    used: Used


class Report(NamedTuple):
    """The answer; the totals are the sum of the rows."""

    as_of: datetime
    question: ReportQuestion
    rows: tuple[ReportRow, ...]
    totals: Used
    unpriced_models: tuple[tuple[str, int], ...]
    """Models without a known price, and how many priceable items of each are in the report."""


def report(connection: sqlite3.Connection, question: ReportQuestion, as_of: datetime) -> Report:
    """Answer a question from one state of the store."""
    connection.execute("BEGIN")
    try:
        rows = tuple(row for row in _rows(connection, question) if not row.used.is_nothing)
        totals = sum_of(row.used for row in rows)
        unpriced = _unpriced(connection, question.scope) if totals.unpriced_responses else ()
    finally:
        connection.execute("ROLLBACK")
    return Report(as_of.astimezone(UTC), question, rows, totals, unpriced)


def sum_of(parts: Iterable[Used]) -> Used:
    """All of them together."""
    parts = list(parts)
    if len(parts) == 1:
        return parts[0]
    return Used(*(sum(column) for column in zip(*parts, strict=True))) if parts else Used()


def _rows(connection: sqlite3.Connection, question: ReportQuestion) -> list[ReportRow]:
    if question.by in TIME_GROUPINGS:
        return _by_time(connection, question, question.by)
    if question.by == "model":
        rows = [ReportRow((("model", name),), used) for name, used in models_used(connection, question.scope)]
    else:
        rows = _by_name(connection, question)
    return sorted(rows, key=lambda row: (-row.used.cost_pico_usd, -row.used.total_tokens, row.about))


def _by_time(connection: sqlite3.Connection, question: ReportQuestion, by: TimeGrouping) -> list[ReportRow]:
    scope, zone = question.scope, question.time_zone
    if by in ("day", "week", "month") and not (scope.projects or scope.sessions):
        named = local_stretches(used_days(connection), by, zone, question.week_start)
        sums = stretches_used(connection, scope, (stretch for _, stretch in named))
        return [ReportRow(((by, name),), used) for (name, _), used in zip(named, sums, strict=True)]
    label = labels(by, zone, question.week_start)
    seconds = 60 if by == "minute" else finest_offset_seconds(used_days(connection), zone)
    buckets: dict[str, list[Used]] = {}
    for second, used in moments_used(connection, scope, seconds):
        buckets.setdefault(label(second), []).append(used)
    return [ReportRow(((by, name),), sum_of(parts)) for name, parts in buckets.items()]


def _by_name(connection: sqlite3.Connection, question: ReportQuestion) -> list[ReportRow]:
    """Rows by agent, session or project."""
    fields, scope = question.about, question.scope
    groups: dict[tuple[str, ...], list[Used]] = {}
    named = agents_used(connection, scope) if question.by == "agent" else sessions_used(connection, scope)
    names_of = attrgetter(*fields) if len(fields) > 1 else lambda name: (getattr(name, fields[0]),)
    for name, used in named:
        groups.setdefault(names_of(name), []).append(used)
    return [ReportRow(tuple(zip(fields, names, strict=True)), sum_of(parts)) for names, parts in groups.items()]


def _unpriced(connection: sqlite3.Connection, scope: Scope) -> tuple[tuple[str, int], ...]:
    models = ((name, used.unpriced_responses) for name, used in models_used(connection, scope))
    return tuple(sorted(((name, count) for name, count in models if count), key=lambda item: (-item[1], item[0])))
