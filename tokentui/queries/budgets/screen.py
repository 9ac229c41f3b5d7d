"""What the budgets screen shows: every budget as it stands, and how its past windows ended."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from types import MappingProxyType

from tokentui.config.settings import Budget
from tokentui.queries.budgets.standing import BudgetQuestions, PastWindow, past_windows
from tokentui.watch.budget_facts import BudgetNow

KEPT_SECONDS = 30.0
"""How long past windows are kept: they change only while old logs are read."""


@dataclass(frozen=True, eq=False, slots=True)
class BudgetSide:
    """All budgets, and how their past windows ended."""

    as_of: datetime
    budgets: tuple[Budget, ...]
    """The budgets as configured."""
    now: tuple[BudgetNow, ...]
    """Where each of them stands now."""
    past: Mapping[str, tuple[PastWindow, ...]]
    """Past windows by the budget's name, the newest window first."""


@dataclass(slots=True)
class KeptBudgetSide:
    """Answers for one connection; past windows are kept for a while."""

    connection: sqlite3.Connection
    time_zone: tzinfo
    week_start: int
    _kept: tuple[object, float, Mapping[str, tuple[PastWindow, ...]]] | None = field(default=None, init=False)

    def ask(self, budgets: tuple[Budget, ...], now: datetime, windows: int) -> BudgetSide:
        """Every budget now, with so many past windows."""
        standing = BudgetQuestions(self.connection, self.time_zone, self.week_start).now(budgets, now)
        return BudgetSide(now, budgets, standing, self._past(budgets, now, windows))

    def _past(self, budgets: tuple[Budget, ...], now: datetime, windows: int) -> Mapping[str, tuple[PastWindow, ...]]:
        oldest = self.connection.execute("SELECT min(at_ms) FROM response").fetchone()[0]
        key = (budgets, windows, now.astimezone(self.time_zone).date(), oldest)
        if self._kept is None or self._kept[0] != key or time.monotonic() >= self._kept[1]:
            found = {
                budget.name: tuple(past_windows(self.connection, budget, now, self.time_zone, self.week_start, windows))
                for budget in budgets
            }
            self._kept = (key, time.monotonic() + KEPT_SECONDS, MappingProxyType(found))
        return self._kept[2]
