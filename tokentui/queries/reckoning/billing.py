"""Sets what was billed, by UTC day, month, model, key or workspace, beside our logs at list price."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Literal, get_args

from tokentui.instants import day_ms, utc_day
from tokentui.pricing.book import RateBook
from tokentui.queries.reckoning.claude_code.sums import CODE_GROUPINGS, CodeSum, code_sums, total_of
from tokentui.queries.reckoning.estimates import Estimate, all_estimates, estimate
from tokentui.queries.reckoning.logged import LoggedGrouping, logged_estimates
from tokentui.queries.reckoning.reported.one_origin import Reported, reported_once
from tokentui.queries.reckoning.reported.reach import standing
from tokentui.queries.reckoning.reported.rows import Whose
from tokentui.queries.reckoning.running_month import MonthSoFar, month_so_far
from tokentui.records import Tokens

BillingGrouping = Literal["day", "month", "model", "project", "key", "workspace", "account", "actor", "terminal"]
BILLING_GROUPINGS: tuple[BillingGrouping, ...] = get_args(BillingGrouping)
_LOGGED: tuple[LoggedGrouping, ...] = get_args(LoggedGrouping)
_UNBILLED = ("project", *CODE_GROUPINGS)
"""Groupings that neither usage reports nor bills have."""


@dataclass(frozen=True, slots=True)
class BillingRow:
    """One row; figures that do not exist for it are None."""

    name: str
    """Empty for the Workbench's key and the default workspace."""
    logged: Estimate | None
    """Our logs at list price."""
    reported_tokens: Tokens | None
    """From the Usage API; on days for which it was not asked, from token exports."""
    reported: Estimate | None
    """The reported tokens at list price."""
    billed_pico_usd: int | None
    """From the Cost API; on days for which it was not asked, from cost exports. Only exports name keys."""
    code: CodeSum | None = None
    """From Claude Code's own report: tokens, and Anthropic's estimate, which is no bill."""


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


def billing(
    connection: sqlite3.Connection, book: RateBook, as_of: datetime, by: BillingGrouping, since: date, until: date
) -> Billing:
    """Answer from what is stored."""
    stands = standing(connection)
    found = reported_once(connection, stands, since, until, with_months=by != "day", by=by)
    logged = logged_estimates(connection, by, since, until) if by in _LOGGED else {}
    code = code_sums(connection, by, day_ms(since), day_ms(until))
    rows = _rows(found, book, by, logged, code)
    all_code = total_of(code.values())
    everything = _rows(
        found if by not in CODE_GROUPINGS else Reported([], [], {}), book, "all",
        {"": all_estimates(logged.values())} if by in _LOGGED else {}, {"": all_code} if all_code else {},
    )  # fmt: skip
    nothing = BillingRow("", None, None, None, None)
    return Billing(
        as_of.astimezone(UTC), by, since, until, rows, everything[0] if everything else nothing,
        month_so_far(connection, stands, as_of),
    )  # fmt: skip


def _rows(
    found: Reported,
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
