"""Counts what the store holds and what could not be read, for `tokentui doctor`."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from datetime import datetime

from tokentui.instants import DAY_MS, moment_or_none
from tokentui.pricing.assembly import EARLY
from tokentui.queries.agreement import MOST_RESPONSES, agreement
from tokentui.queries.sums.scoped import ReportScope, models_used
from tokentui.store.plan_limits import PlanLimit, last_plan_limits


@dataclass(frozen=True, slots=True)
class SkippedLines:
    """Lines of one log that could not be read."""

    path: str
    count: int
    lines: int
    """All lines of the log."""
    first_offset_bytes: int
    reason: str
    """Why the first of them could not be read."""


@dataclass(frozen=True, slots=True)
class Health:
    """Figures of the whole store."""

    logs: int
    read_bytes: int
    lines: int
    responses: int
    lower_bound_responses: int
    sessions: int
    agents: int
    first_at: datetime | None
    last_at: datetime | None
    skipped: tuple[SkippedLines, ...]
    """Most skipped lines first."""
    unreadable_logs: tuple[tuple[str, str], ...]
    """(path, reason) of logs that could not be read when they were last looked at."""
    unpriced_models: tuple[tuple[str, int], ...]
    early_models: tuple[tuple[str, int], ...]
    """(model, responses) dated before the model was on sale."""
    sums_differ: tuple[str, ...]
    """Columns in which kept sums and single responses disagree; there should be none."""
    sums_compared_since: datetime | None
    """Since when single responses were compared; None for all of them."""
    plan_limits: tuple[PlanLimit, ...] = ()
    """The plan's limits, as Claude Code reported them last."""


def health(connection: sqlite3.Connection, most_responses: int | None = MOST_RESPONSES) -> Health:
    """Check the whole store, as of one state of it; for `most_responses` see `agreement`."""
    connection.execute("BEGIN")
    try:
        return _health(connection, most_responses)
    finally:
        connection.execute("ROLLBACK")


def _health(connection: sqlite3.Connection, most_responses: int | None) -> Health:
    logs, read_bytes, lines = connection.execute(
        "SELECT count(*), coalesce(sum(offset_bytes), 0), coalesce(sum(lines), 0) FROM log"
    ).fetchone()
    responses, lower_bounds = connection.execute(
        "SELECT ifnull(sum(responses), 0), ifnull(sum(lower_bound_responses), 0) FROM usage_total WHERE span_ms = ?",
        (DAY_MS,),
    ).fetchone()
    first_ms, last_ms, sessions, agents = connection.execute(
        "SELECT (SELECT min(at_ms) FROM response), (SELECT max(at_ms) FROM response),"
        " (SELECT count(*) FROM session), (SELECT count(*) FROM agent)"
    ).fetchone()
    skipped = connection.execute(
        "SELECT path, skipped_lines, lines, skipped_first_offset, skipped_reason FROM log"
        " WHERE skipped_lines > 0 ORDER BY skipped_lines DESC, path"
    )
    unreadable = connection.execute("SELECT path, error FROM log WHERE error <> '' ORDER BY path")
    compared = agreement(connection, most_responses)
    unpriced = ((name, used.unpriced_responses) for name, used in models_used(connection, ReportScope()))
    return Health(
        logs,
        read_bytes,
        lines,
        responses,
        lower_bounds,
        sessions,
        agents,
        moment_or_none(first_ms),
        moment_or_none(last_ms),
        tuple(SkippedLines(path, count, all_lines, at or 0, why) for path, count, all_lines, at, why in skipped),
        tuple(unreadable.fetchall()),
        tuple((name, count) for name, count in unpriced if count),
        _early_models(connection),
        compared.differ,
        moment_or_none(compared.since_ms),
        last_plan_limits(connection),
    )


def _early_models(connection: sqlite3.Connection) -> tuple[tuple[str, int], ...]:
    bases = [
        basis_id
        for basis_id, name in connection.execute("SELECT id, name FROM price_basis ORDER BY id")
        if name.endswith(EARLY)
    ]
    if not bases:
        return ()
    found = connection.execute(
        "SELECT model.name, count(*) FROM response JOIN model ON model.id = model_id WHERE part = 0"
        f" AND price_basis_id IN ({', '.join('?' * len(bases))}) GROUP BY model_id ORDER BY count(*) DESC, model.name",
        bases,
    )
    return tuple(found.fetchall())
