"""Where each budget stands: how far it is used, where its window will end, and how past windows ended."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from itertools import islice
from typing import TYPE_CHECKING

from tokentui.config.settings import Budget
from tokentui.instants import AHEAD_MS, HOUR_MS, QUARTER_MS, ms_of
from tokentui.queries.budgets.spent import SpentSoFar, only_of, spent_between
from tokentui.queries.parameters import as_json
from tokentui.queries.sums.kept_sums import SumUp
from tokentui.queries.sums.summing import summed
from tokentui.watch.budget_facts import SPENDING_MS, WEEKS_PACE, BudgetNow
from tokentui.watch.budget_windows import window_of
from tokentui.watch.projection import look_back, projection, runs_out_at

if TYPE_CHECKING:
    from tokentui.queries.results import BudgetGauge  # a check must not pay for all the screen's results

_WEEK = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class PastWindow:
    """How one window of a budget ended."""

    start_at: datetime
    end_at: datetime
    limit: float
    """The limit of that time if it was kept, else today's."""
    spent: float
    is_lower_bound: bool
    is_kept: bool


class BudgetQuestions:
    """Budgets in their current windows, by one connection; sums that are asked for again soon are remembered."""

    def __init__(
        self, connection: sqlite3.Connection, time_zone: tzinfo, week_start: int, sum_up: SumUp = summed
    ) -> None:
        self._connection, self._zone, self._week_start = connection, time_zone, week_start
        self._sum_up = sum_up
        self._sums = SpentSoFar(connection)
        self._spenders: dict[str, tuple[str, ...]] = {}
        """By scope, for as long as one answer is worked out."""

    def now(self, budgets: Iterable[Budget], now: datetime) -> tuple[BudgetNow, ...]:
        """Every budget as it stands."""
        self._spenders.clear()
        return tuple(self._budget(budget, now) for budget in budgets)

    def _budget(self, budget: Budget, now: datetime) -> BudgetNow:
        start_at, end_at = window_of(budget.window, now, self._zone, self._week_start)
        used = self._sums.since(budget.scope, ms_of(start_at), ms_of(now))
        spent = used.amount(budget.unit)
        paces = list(self._paces(budget, spent, start_at, end_at, now))
        rolls = budget.window.startswith("rolling")
        # Hours that move along have no end to project to: the band is what the paces come to over the whole window.
        ahead = end_at - start_at if rolls else end_at - now
        band = projection(0.0 if rolls else spent, paces, ahead)
        return BudgetNow(
            name=budget.name,
            limit=budget.limit,
            unit=budget.unit,
            window=budget.window,
            scope=budget.scope,
            start_at=start_at,
            end_at=end_at,
            spent=spent,
            elapsed_share=min(max((now - start_at) / (end_at - start_at), 0.0), 1.0),
            projection=band,
            thresholds=budget.thresholds,
            grades=budget.grade_at,
            spending=self._spending(budget.scope, ms_of(now)),
            is_default=budget.is_default,
            runs_out_at=runs_out_at(spent, budget.limit, band, now, now + ahead),
            is_lower_bound=used.incomplete > 0,
        )

    def _paces(
        self, budget: Budget, spent: float, start_at: datetime, end_at: datetime, now: datetime
    ) -> Iterator[tuple[str, float]]:
        """(name, per hour): the recent pace, that of this window so far, and that of the last seven days.

        With a shorter history, the last is over the days there are: days that were not logged are not days of rest.
        """
        back = look_back(start_at, end_at)
        yield f"the last {'hour' if back < timedelta(days=1) else 'day'}", self._pace(budget, now, back)
        elapsed = (now - start_at).total_seconds() / 3600
        if elapsed >= 1:
            yield "this window so far", spent / elapsed
        yield WEEKS_PACE, self._pace(budget, now, self._week(now))

    def _week(self, now: datetime) -> timedelta:
        """Seven days, or the time since the first response, but not less than an hour."""
        first_ms = self._connection.execute("SELECT min(at_ms) FROM response").fetchone()[0]
        logged = timedelta(milliseconds=ms_of(now) - first_ms) if first_ms is not None else _WEEK
        return min(max(logged, timedelta(hours=1)), _WEEK)

    def _pace(self, budget: Budget, now: datetime, back: timedelta) -> float:
        """Dollars or tokens per hour, over at least so long: from the start of the quarter of an hour before."""
        start_ms = ms_of(now - back) // QUARTER_MS * QUARTER_MS
        spent = self._sums.since(budget.scope, start_ms, ms_of(now)).amount(budget.unit)
        return spent / ((ms_of(now) - start_ms) / HOUR_MS)

    def _spending(self, scope: str, now_ms: int) -> tuple[str, ...]:
        """Sessions that spend in a scope now, the greatest spender first."""
        if scope in self._spenders:
            return self._spenders[scope]
        span = now_ms - SPENDING_MS, now_ms + AHEAD_MS
        only = self._sums.only(scope, span[0], now_ms)
        spent = self._sum_up(self._connection, ("session_id",), span, only, ("cost_pico_usd", "output_tokens"))
        rows = self._connection.execute(
            "SELECT id, session_id FROM session WHERE id IN (SELECT value FROM json_each(?))",
            (as_json(row for (row,) in spent),),
        )
        ranked = sorted((-spent[row,][0], -spent[row,][1], session_id) for row, session_id in rows)
        self._spenders[scope] = tuple(session_id for _, _, session_id in ranked)
        return self._spenders[scope]


def gauge_of(budget: BudgetNow) -> BudgetGauge:
    """A budget as the screen shows it."""
    from tokentui.queries.results import BudgetGauge

    paces = budget.projection.paces
    return BudgetGauge(
        name=budget.name,
        window=budget.window,
        unit=budget.unit,  # type: ignore[arg-type]
        limit=budget.limit,
        spent=budget.spent,
        spent_is_lower_bound=budget.is_lower_bound,
        elapsed_share=budget.elapsed_share,
        projected=paces[0].reaches if paces else None,
        runs_out_at=budget.runs_out_at,
        thresholds=budget.thresholds,
        is_default=budget.is_default,
        scope=budget.scope,
        projection=budget.projection,
    )


def past_windows(
    connection: sqlite3.Connection, budget: Budget, now: datetime, time_zone: tzinfo, week_start: int, count: int
) -> Iterator[PastWindow]:
    """How the last windows of a budget ended, the newest first: as kept, else worked out against today's limit.

    For a rolling window: the stretches of its length before now, end to end.
    """
    kept = {
        row[0]: row[1:]
        for row in connection.execute(
            "SELECT start_ms, limit_value, spent, is_lower_bound FROM budget_window"
            " WHERE name = ? AND scope = ? AND unit = ? AND window = ?",
            (budget.name, budget.scope, budget.unit, budget.window),
        )
    }
    oldest = connection.execute("SELECT min(at_ms) FROM response").fetchone()[0]
    for start_at, end_at in islice(_windows_before(budget.window, now, time_zone, week_start), count):
        if oldest is None or ms_of(end_at) <= oldest:
            return
        if known := kept.get(ms_of(start_at)):
            yield PastWindow(start_at, end_at, known[0], known[1], bool(known[2]), is_kept=True)
            continue
        only = only_of(connection, budget.scope, ms_of(start_at))
        spent = spent_between(connection, only, ms_of(start_at), ms_of(end_at))
        yield PastWindow(start_at, end_at, budget.limit, spent.amount(budget.unit), spent.incomplete > 0, False)


def _windows_before(
    window: str, now: datetime, time_zone: tzinfo, week_start: int
) -> Iterator[tuple[datetime, datetime]]:
    inside = timedelta() if window.startswith("rolling") else timedelta(microseconds=1)
    end_at, _ = window_of(window, now, time_zone, week_start)
    while end_at.year > 2000:
        start_at, _ = window_of(window, end_at - inside, time_zone, week_start)
        yield start_at, end_at
        end_at = start_at
