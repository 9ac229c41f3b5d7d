"""Anthropic's side of a bill: each day from one origin, from the API where it was asked, else from exports."""

from __future__ import annotations

import sqlite3
from calendar import monthrange
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import TypeVar

from tokentui.instants import DAY_MS, day_ms, utc_day
from tokentui.queries.reckoning.compared import meets
from tokentui.queries.reckoning.reported.reach import Standing, Stretches
from tokentui.queries.reckoning.reported.rows import CostSum, Origin, UsageSum, Whose, cost_by_day, groups, usage_by_day
from tokentui.queries.reckoning.reported.whole_months import cost_of_months, usage_of_months

_Sum = TypeVar("_Sum", UsageSum, CostSum)
_ByDay = Callable[[sqlite3.Connection, Origin, int, int, dict[int, Whose]], Iterator[_Sum]]
_OfMonths = Callable[[sqlite3.Connection, int, int, Iterable[_Sum], dict[int, Whose]], list[_Sum]]


@dataclass(frozen=True, slots=True)
class Reported:
    """Usage and money of a range."""

    usage: list[UsageSum]
    cost: list[CostSum]
    whose: dict[int, Whose]


def reported_once(
    connection: sqlite3.Connection, stands: Standing, since: date, until: date, *, with_months: bool, by: str
) -> Reported:
    """Usage and money of UTC days, and with `with_months` also what exports tell of whole months only.

    Money by key is that of exports alone: the Cost API names no keys. Money by account is not told at all.
    """
    exports = _Exports(connection, day_ms(since), day_ms(until), groups(connection), with_months)
    span = (exports.first_ms, exports.end_ms)
    usage = [*usage_by_day(connection, "api", *span, exports.whose), *exports.usage(stands.api_usage)]
    cost: list[CostSum] = []
    if by == "key":
        cost = exports.cost(())
    elif by != "account":
        cost = [*cost_by_day(connection, "api", *span, exports.whose), *exports.cost(stands.api_cost)]
    return Reported(usage, cost, exports.whose)


@dataclass(frozen=True, slots=True)
class _Exports:
    """What exports say about a range, without what is known from elsewhere."""

    connection: sqlite3.Connection
    first_ms: int
    end_ms: int
    whose: dict[int, Whose]
    with_months: bool

    def usage(self, known: Stretches) -> list[UsageSum]:
        """Usage by day, and of whole months where wanted, of what is not known otherwise."""
        return self._unless(known, usage_by_day, usage_of_months)

    def cost(self, known: Stretches) -> list[CostSum]:
        """Money by day, and of whole months where wanted, of what is not known otherwise."""
        return self._unless(known, cost_by_day, cost_of_months)

    def _unless(self, known: Stretches, by_day: _ByDay[_Sum], of_months: _OfMonths[_Sum]) -> list[_Sum]:
        days = list(by_day(self.connection, "csv", self.first_ms, self.end_ms, self.whose))
        found = [day for day in days if not meets(known, day.day_ms)]
        if self.with_months:
            months = of_months(self.connection, self.first_ms, self.end_ms, days, self.whose)
            found += [month for month in months if not _meets_month(known, month.day_ms)]
        return found


def _meets_month(stretches: Stretches, month_ms: int) -> bool:
    day = utc_day(month_ms)
    return any(meets(stretches, month_ms + n * DAY_MS) for n in range(monthrange(day.year, day.month)[1]))
