"""What was billed, by day, month, model, key or workspace, beside what our logs come to at list price. UTC days."""

from __future__ import annotations

import sqlite3
from calendar import monthrange
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Literal, get_args

from tokentui.instants import DAY_MS, day_ms, midnight, utc_day
from tokentui.pricing.book import RateBook
from tokentui.queries.reckoning.billed import (
    CostSum,
    Estimate,
    Origin,
    UsageSum,
    Whose,
    all_estimates,
    cost_by_day,
    estimate,
    groups,
    usage_by_day,
)
from tokentui.queries.reckoning.code_sums import CODE_GROUPINGS, CodeSum, code_sums, total_of
from tokentui.queries.reckoning.compared import meets
from tokentui.queries.reckoning.months import cost_of_months, usage_of_months
from tokentui.queries.reckoning.standing import Standing, standing
from tokentui.queries.reports.report import ReportQuestion, report
from tokentui.queries.sums.scoped import ReportScope
from tokentui.records import Tokens

BillingGrouping = Literal["day", "month", "model", "project", "key", "workspace", "account", "actor", "terminal"]
BILLING_GROUPINGS: tuple[BillingGrouping, ...] = get_args(BillingGrouping)
PACE_DAYS = 7
_LOGGED = ("day", "month", "model", "project")
"""What logs can be grouped by; keys and workspaces they do not name."""
_UNBILLED = ("project", *CODE_GROUPINGS)
"""What neither usage nor bill can be grouped by."""


@dataclass(frozen=True, slots=True)
class BillingRow:
    """One row. What is not told for such a row is None."""

    name: str
    """Empty for the Workbench's key and the default workspace."""
    logged: Estimate | None
    """Our logs at list price."""
    reported_tokens: Tokens | None
    """From the Usage API, on days it was not asked for from token exports."""
    reported: Estimate | None
    """The same at list price."""
    billed_pico_usd: int | None
    """From the Cost API, on days it was not asked for from cost exports; keys are named in exports only."""
    code: CodeSum | None = None
    """From Claude Code's own report: tokens, and Anthropic's estimate, which is no bill."""


@dataclass(frozen=True, slots=True)
class MonthSoFar:
    """The running UTC month."""

    month: date
    billed_pico_usd: int | None
    billed_until: date | None
    """First day whose bill is not known yet."""
    billed_projected_pico_usd: int | None
    """So far + the mean of the last seven days known × the days left."""
    logged_pico_usd: int
    logged_projected_pico_usd: int
    logged_is_lower_bound: bool = False
    """Whether what was logged so far may cost more."""


@dataclass(frozen=True, eq=False, slots=True)
class Billing:
    """The answer; UTC days from `since` up to, not including, `until`."""

    as_of: datetime
    by: BillingGrouping
    since: date
    until: date
    rows: tuple[BillingRow, ...]
    total: BillingRow
    month: MonthSoFar


@dataclass(frozen=True, slots=True)
class _Reported:
    """Usage and money of a range, each day from one origin."""

    usage: list[UsageSum]
    cost: list[CostSum]
    whose: dict[int, Whose]


def billing(
    connection: sqlite3.Connection, book: RateBook, as_of: datetime, by: BillingGrouping, since: date, until: date
) -> Billing:
    """Answer from what is stored."""
    stands = standing(connection)
    found = _reported(connection, stands, since, until, with_months=by != "day", by=by)
    logged = _logged(connection, by, since, until) if by in _LOGGED else {}
    code = code_sums(connection, by, day_ms(since), day_ms(until))
    rows = _rows(found, book, by, logged, code)
    all_code = total_of(code.values())
    everything = _rows(
        found if by not in CODE_GROUPINGS else _Reported([], [], {}), book, "all",
        {"": all_estimates(logged.values())} if by in _LOGGED else {}, {"": all_code} if all_code else {},
    )  # fmt: skip
    nothing = BillingRow("", None, None, None, None)
    return Billing(
        as_of.astimezone(UTC), by, since, until, rows, everything[0] if everything else nothing,
        _month(connection, stands, as_of),
    )  # fmt: skip


def _reported(
    connection: sqlite3.Connection, stands: Standing, since: date, until: date, with_months: bool, by: str
) -> _Reported:
    first, end = day_ms(since), day_ms(until)
    whose = groups(connection)
    by_key = by == "key"
    usage: list[UsageSum] = []
    cost: list[CostSum] = []
    origins: tuple[Origin, ...] = ("api", "csv")
    for origin in origins:
        days = list(usage_by_day(connection, origin, first, end, whose))
        money = list(cost_by_day(connection, origin, first, end, whose))
        if origin == "csv":
            months = usage_of_months(connection, first, end, days, whose) if with_months else []
            sums = cost_of_months(connection, first, end, money, whose) if with_months else []
            usage += [day for day in days if not stands.has_api_usage(day.day_ms)]
            usage += [month for month in months if not _meets_month(stands.api_usage, month.day_ms)]
            cost += [day for day in money if by_key or not stands.has_api_cost(day.day_ms)]
            cost += [s for s in sums if by_key or not _meets_month(stands.api_cost, s.day_ms)]
        else:
            usage += days
            cost += [] if by_key else money
    return _Reported(usage, [] if by == "account" else cost, whose)


def _meets_month(stretches: Iterable[tuple[int, int]], month_ms: int) -> bool:
    day = utc_day(month_ms)
    return any(meets(stretches, month_ms + n * DAY_MS) for n in range(monthrange(day.year, day.month)[1]))


def _rows(
    found: _Reported,
    book: RateBook,
    by: BillingGrouping | Literal["all"],
    logged: dict[str, Estimate],
    code: dict[str, CodeSum],
) -> tuple[BillingRow, ...]:
    name = _NAMES.get(by, _no_name)
    tokens: dict[str, Tokens] = {}
    reported: dict[str, Estimate] = {}
    billed: dict[str, int] = {}
    if by not in _UNBILLED:
        for row in found.usage:
            whose = found.whose[row.group_id]
            key = name(row.day_ms, whose)
            tokens[key] = tokens.get(key, Tokens()).plus(row.tokens)
            price = estimate(book, utc_day(row.day_ms), whose, row.tokens, row.web_searches)
            reported[key] = reported.get(key, Estimate()).plus(price)
        for money in found.cost:
            key = name(money.day_ms, found.whose[money.group_id])
            billed[key] = billed.get(key, 0) + money.cost_pico_usd
    rows = [
        BillingRow(key, logged.get(key), tokens.get(key), reported.get(key), billed.get(key), code.get(key))
        for key in logged.keys() | tokens.keys() | billed.keys() | code.keys()
    ]
    if by in ("day", "month"):
        return tuple(sorted(rows, key=lambda row: row.name))
    return tuple(sorted(rows, key=lambda row: (-_weight(row), row.name)))


def _no_name(_ms: int, _whose: Whose) -> str:
    return ""


_NAMES: dict[str, Callable[[int, Whose], str]] = {
    "day": lambda ms, _: utc_day(ms).isoformat(),
    "month": lambda ms, _: utc_day(ms).isoformat()[:7],
    "model": lambda _, whose: whose.model,
    "key": lambda _, whose: whose.api_key,
    "workspace": lambda _, whose: whose.workspace,
    "account": lambda _, whose: whose.account,
}


def _weight(row: BillingRow) -> int:
    if row.billed_pico_usd is not None:
        return row.billed_pico_usd
    return max((part.pico_usd for part in (row.reported, row.logged, row.code) if part), default=0)


def _logged(connection: sqlite3.Connection, by: BillingGrouping, since: date, until: date) -> dict[str, Estimate]:
    """Our logs, by the same names."""
    from tokentui.pricing.model_names import normalise

    question = ReportQuestion(by, UTC, scope=ReportScope(midnight(since), midnight(until)))  # type: ignore[arg-type]
    sums: dict[str, Estimate] = {}
    for row in report(connection, question, midnight(until)).rows:
        name = row.names[0]
        name = normalise(name) if by == "model" else name
        used = row.used
        unpriced = used.total_tokens if used.unpriced_responses and not used.cost_pico_usd else 0
        inexact = used.unpriced_responses + used.lower_bound_responses
        sums[name] = sums.get(name, Estimate()).plus(Estimate(used.cost_pico_usd, 0, unpriced, inexact))
    return sums


def _month(connection: sqlite3.Connection, stands: Standing, as_of: datetime) -> MonthSoFar:
    now = as_of.astimezone(UTC)
    first, today = now.date().replace(day=1), now.date()
    after = first + timedelta(days=monthrange(first.year, first.month)[1])
    parts = {
        date.fromisoformat(day): part
        for day, part in _logged(
            connection, "day", first - timedelta(days=PACE_DAYS), today + timedelta(days=1)
        ).items()
    }
    logged = {day: part.pico_usd for day, part in parts.items()}
    left = (midnight(after) - now) / timedelta(days=1)
    so_far = sum(pico for day, pico in logged.items() if day >= first)
    whole = [logged.get(today - timedelta(days=n), 0) for n in range(1, PACE_DAYS + 1)]
    billed, until, projected = _billed_month(connection, stands, first, today, after)
    expected = so_far + round(sum(whole) / PACE_DAYS * left)
    is_lower_bound = any(part.is_lower_bound for day, part in parts.items() if day >= first)
    return MonthSoFar(first, billed, until, projected, so_far, expected, is_lower_bound)


def _billed_month(
    connection: sqlite3.Connection, stands: Standing, first: date, today: date, after: date
) -> tuple[int | None, date | None, int | None]:
    """Billed so far, the first day not known whole, and the projection."""
    early = first - timedelta(days=PACE_DAYS)
    found = _reported(connection, stands, early, today + timedelta(days=1), with_months=False, by="day")
    ends = [end for _, end in (*stands.api_cost, *stands.csv_cost)]
    until = min(utc_day(max(ends)), today) if ends else None
    if until is None or until < first:
        return None, None, None
    by_day: dict[date, int] = {}
    for money in found.cost:
        day = utc_day(money.day_ms)
        by_day[day] = by_day.get(day, 0) + money.cost_pico_usd
    billed = sum(pico for day, pico in by_day.items() if day >= first)
    known = sum(pico for day, pico in by_day.items() if first <= day < until)
    pace = sum(by_day.get(until - timedelta(days=n), 0) for n in range(1, PACE_DAYS + 1)) / PACE_DAYS
    return billed, until, max(billed, known + round(pace * (after - until).days))
