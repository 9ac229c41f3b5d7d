"""What the status line shows from the store: one session, the tightest budget, the newest alarm."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, tzinfo

from tokentui.config.settings import Budget
from tokentui.instants import AHEAD_MS, EARLIEST_MS, LATEST_MS, MINUTE_MS, ms_of
from tokentui.queries.budgets.spent import Spent, spent_between
from tokentui.queries.budgets.standing import BudgetQuestions
from tokentui.queries.sums.levels import Only
from tokentui.store.alerts import STALE_MS
from tokentui.watch.budget_facts import BudgetNow


@dataclass(frozen=True, slots=True)
class Status:
    """The figures of the status line; the defaults mean that nothing is known."""

    session: Spent | None = None
    """The whole session, sub-agents included; None if the store does not know it."""
    last_minute: Spent = field(default_factory=Spent)
    """The session's last 60 seconds."""
    budget: BudgetNow | None = None
    """The one with the largest share spent."""
    alarm: str = ""
    """The title of the newest alarm that holds and was not marked as seen; empty for none."""
    more_alarms: int = 0


def status_of(
    connection: sqlite3.Connection,
    session_id: str,
    budgets: Sequence[Budget],
    now: datetime,
    time_zone: tzinfo,
    week_start: int,
) -> Status:
    """Work out the figures by one connection; cheap enough for several times a second."""
    session, last_minute = _session(connection, session_id, ms_of(now))
    found = BudgetQuestions(connection, time_zone, week_start).now(budgets, now)
    tightest = max(found, key=lambda budget: budget.spent / budget.limit, default=None)
    alarm, more = _alarms(connection, now)
    return Status(session, last_minute, tightest, alarm, more)


def _session(connection: sqlite3.Connection, session_id: str, now_ms: int) -> tuple[Spent | None, Spent]:
    row = connection.execute("SELECT id FROM session WHERE session_id = ?", (session_id,)).fetchone()
    if row is None:
        return None, Spent()
    only = Only(sessions=frozenset(row))
    last_minute = spent_between(connection, only, now_ms - MINUTE_MS, now_ms + AHEAD_MS)
    return spent_between(connection, only, EARLIEST_MS, LATEST_MS), last_minute


def _alarms(connection: sqlite3.Connection, now: datetime) -> tuple[str, int]:
    """The newest alarm that holds, and how many others do."""
    rows = connection.execute(
        "SELECT rule FROM alert WHERE ended_at_ms IS NULL AND last_at_ms >= ? AND grade = 'alarm'"
        " AND acknowledged_at_ms IS NULL ORDER BY raised_at_ms DESC, id DESC LIMIT 100",
        (ms_of(now) - STALE_MS,),
    ).fetchall()
    if not rows:
        return "", 0
    from tokentui.watch.rules.catalogue import (
        RULES,
    )  # all rules with all their figures: only where there is one to name

    rule = RULES.get(rows[0][0])
    return rule.title if rule else rows[0][0], len(rows) - 1
