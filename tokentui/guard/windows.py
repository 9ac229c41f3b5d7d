"""Stores how the last window of each budget ended, so that it can be shown even after the budget has changed."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from datetime import datetime, tzinfo

from tokentui.config.settings import Budget
from tokentui.instants import ms_of
from tokentui.queries.budgets.standing import past_windows
from tokentui.store.alerts import AlertJournal, WindowResult


def keep_windows(
    connection: sqlite3.Connection, budgets: Iterable[Budget], now: datetime, zone: tzinfo, week_start: int
) -> None:
    """Store the latest ended window of each budget of the user's own, unless it is stored already."""
    results = [
        WindowResult(
            budget.name, budget.scope, budget.unit, budget.window, ms_of(past.start_at),
            ms_of(past.end_at), past.limit, past.spent, past.is_lower_bound,
        )
        for budget in budgets
        if not budget.window.startswith("rolling")  # a rolling window never ends
        for past in past_windows(connection, budget, now, zone, week_start, 1)
        if not past.is_kept and not budget.is_default
    ]  # fmt: skip
    if results:
        AlertJournal(connection).keep_windows(results)
