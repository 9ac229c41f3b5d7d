"""What was used and what it costs, in rows by time, session, project, model or agent.

Quarter-hour sums answer for whatever part of the range they cover; its ragged ends come from single responses.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, tzinfo
from typing import Literal, get_args

from tokentui.queries.buckets import TimeGrouping, labels
from tokentui.queries.usage import Scope, Used, agents_used, models_used, moments_used

Grouping = Literal["minute", "hour", "day", "week", "month", "session", "project", "model", "agent"]
GROUPINGS: tuple[Grouping, ...] = get_args(Grouping)
TIME_GROUPINGS: tuple[TimeGrouping, ...] = get_args(TimeGrouping)


_ABOUT = {
    "session": ("session", "title", "project"),
    "agent": ("agent", "agent_type", "task", "session", "project"),
}


@dataclass(frozen=True, slots=True)
class ReportQuestion:
    """What a report is asked for."""

    by: Grouping
    time_zone: tzinfo
    week_start: int = 0
    scope: Scope = field(default_factory=Scope)

    @property
    def about(self) -> tuple[str, ...]:
        """Names of the fields that say what a row is about; the grouping's own comes first."""
        return _ABOUT.get(self.by, (self.by,))


@dataclass(frozen=True, slots=True)
class ReportRow:
    """One row: what it is about, by field name, and what was used."""

    about: tuple[tuple[str, str], ...]
    """The grouping's own field first, such as `model`; then what helps to recognise it."""
    used: Used


@dataclass(frozen=True, eq=False, slots=True)
class Report:
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
    return Used(*(sum(column) for column in zip(*parts, strict=True))) if (parts := list(parts)) else Used()


def _rows(connection: sqlite3.Connection, question: ReportQuestion) -> list[ReportRow]:
    if question.by in TIME_GROUPINGS:
        return _by_time(connection, question, question.by)
    if question.by == "model":
        rows = [ReportRow((("model", name),), used) for name, used in models_used(connection, question.scope)]
    else:
        rows = _by_agent(connection, question)
    return sorted(rows, key=lambda row: (-row.used.cost_pico_usd, -row.used.total_tokens, row.about))


def _by_time(connection: sqlite3.Connection, question: ReportQuestion, by: TimeGrouping) -> list[ReportRow]:
    label = labels(by, question.time_zone, question.week_start)
    buckets: dict[str, list[Used]] = {}
    for second, used in moments_used(connection, question.scope, 60 if by == "minute" else 900):
        buckets.setdefault(label(second), []).append(used)
    return [ReportRow(((by, name),), sum_of(parts)) for name, parts in buckets.items()]


def _by_agent(connection: sqlite3.Connection, question: ReportQuestion) -> list[ReportRow]:
    """Rows by agent, or by its session or project."""
    fields = question.about
    groups: dict[tuple[str, ...], list[Used]] = {}
    for agent, used in agents_used(connection, question.scope):
        groups.setdefault(tuple(getattr(agent, field) for field in fields), []).append(used)
    return [ReportRow(tuple(zip(fields, names, strict=True)), sum_of(parts)) for names, parts in groups.items()]


def _unpriced(connection: sqlite3.Connection, scope: Scope) -> tuple[tuple[str, int], ...]:
    models = ((name, used.unpriced_responses) for name, used in models_used(connection, scope))
    return tuple(sorted(((name, count) for name, count in models if count), key=lambda item: (-item[1], item[0])))
