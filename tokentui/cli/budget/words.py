"""Budgets as text and as JSON."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta, tzinfo
from typing import Any

import click

from tokentui.cli.printing.answers import SCHEMA_VERSION, utc_text
from tokentui.cli.printing.columns import Column, print_lines
from tokentui.cli.printing.dollars import exact_usd
from tokentui.cli.printing.folding import print_folded
from tokentui.config.settings import EVERYTHING, Budget
from tokentui.figures import format_duration_ms, whole_percent
from tokentui.queries.budgets.standing import PastWindow
from tokentui.records import PICO_PER_USD
from tokentui.watch.amounts import amount_text, bare_amount_text
from tokentui.watch.budget_facts import BudgetNow
from tokentui.watch.projection import how_reached

_NO_SHARE = "–"
_NEAR = timedelta(days=6)
"""Within this time ahead, the name of a weekday is unambiguous."""
_NOW = (
    Column("budget"), Column("window", is_whole=True), Column("scope"), Column("limit", True), Column("spent", True),
    Column("", True), Column("will be", True, gives_way=1), Column("runs out", is_whole=True),
)  # fmt: skip
_PAST = (Column("from", is_whole=True), Column("spent", True), Column("limit", True), Column("", True), Column(""))
_START_DAY, _START_HOUR = "%Y-%m-%d", "%Y-%m-%d %H:%M"


def described(budget: Budget) -> str:
    """`daily: $20.00 a day for project:api, 50 % note, 90 % warn, 100 % alarm`."""
    window = f"in {budget.window}" if budget.window.startswith("rolling") else f"a {budget.window}"
    scope = "" if budget.scope == EVERYTHING else f" for {budget.scope}"
    marks = ", ".join(f"{mark} % {grade}" for mark, grade in zip(budget.thresholds, budget.grade_at, strict=True))
    return f"{budget.name}: {amount_text(budget.limit, budget.unit)} {window}{scope}, {marks}"


def line_of(budget: BudgetNow, now: datetime) -> str:
    """`daily: $24.10 of $20.00 (120 %), 5h12m left`."""
    spent = amount_text(budget.spent, budget.unit, budget.is_lower_bound)
    limit = amount_text(budget.limit, budget.unit)
    share = _percent(budget.spent / budget.limit)
    left = "" if budget.window.startswith("rolling") else f", {_left(budget, now)} left"
    return f"{budget.name}: {spent} of {limit} ({share}){left}"


def print_budgets(budgets: Sequence[BudgetNow], now: datetime, zone: tzinfo) -> None:
    """The budgets as a table, and below it how each projection was reached."""
    if not budgets:
        click.echo("No budgets; `tokentui budget set daily 20` makes one.")
        return
    print_lines(_NOW, [_row(budget, now, zone) for budget in budgets])
    for budget in budgets:
        print_folded(f"{budget.name}, {how_reached(budget, now)}")
    if any(budget.is_default for budget in budgets):
        print_folded("These are the shipped budgets: they are noted, never an alarm, until you set your own.")


def _row(budget: BudgetNow, now: datetime, zone: tzinfo) -> tuple[str, ...]:
    low, high = (bare_amount_text(value, budget.unit) for value in (budget.projection.low, budget.projection.high))
    out = "" if budget.runs_out_at is None else _moment(budget.runs_out_at, now, zone)
    return (
        budget.name,
        budget.window,
        budget.scope,
        amount_text(budget.limit, budget.unit),
        bare_amount_text(budget.spent, budget.unit, budget.is_lower_bound),
        _percent(budget.spent / budget.limit),
        low if low == high else f"{low} to {high}",
        "over" if budget.spent >= budget.limit else out,
    )


def _percent(share: float) -> str:
    return f"{whole_percent(share):,} %"


def _moment(at: datetime, now: datetime, zone: tzinfo) -> str:
    """`Thu 21:40`, or with the date if another Thursday comes first."""
    return f"{at.astimezone(zone):{'%a %H:%M' if at - now < _NEAR else '%d %b %H:%M'}}"


def print_history(budgets: Sequence[BudgetNow], past: Mapping[str, Sequence[PastWindow]], zone: tzinfo) -> None:
    """Past windows of each budget, the newest first."""
    for budget in budgets:
        windows = past.get(budget.name, ())
        if not windows:
            continue
        click.echo(f"\n{budget.name}, by {budget.window}")
        start = _START_HOUR if budget.window.startswith("rolling") else _START_DAY
        rows = [
            (
                f"{window.start_at.astimezone(zone):{start}}",
                bare_amount_text(window.spent, budget.unit, window.is_lower_bound),
                amount_text(window.limit, budget.unit),
                _percent(window.spent / window.limit) if window.limit else _NO_SHARE,
                "" if window.is_kept else "against today's limit",
            )
            for window in windows
        ]
        print_lines(_PAST, rows)


def budgets_json(
    budgets: Sequence[BudgetNow],
    past: Mapping[str, Sequence[PastWindow]],
    now: datetime,
    over: Collection[BudgetNow] | None = None,
) -> str:
    """The budgets as JSON."""
    rows = [{**_fields(budget), "history": _history(budget, past)} for budget in budgets]
    for row, budget in zip(rows, budgets, strict=True):
        row["is_over"] = budget in over if over is not None else budget.spent >= budget.limit
    totals = {"budgets": len(rows), "over": sum(row["is_over"] for row in rows)}
    head = {"schema_version": SCHEMA_VERSION, "as_of": utc_text(now), "totals": totals}
    return json.dumps({**head, "rows": rows}, indent=2)


def _fields(budget: BudgetNow) -> dict[str, Any]:
    band = budget.projection
    return {
        "name": budget.name,
        "window": budget.window,
        "scope": budget.scope,
        "unit": budget.unit,
        "limit": _amount(budget.limit, budget.unit),
        "spent": _spent(budget.spent, budget.unit),
        "spent_share": budget.spent / budget.limit,
        "is_lower_bound": budget.is_lower_bound,
        "elapsed_share": budget.elapsed_share,
        "window_starts_at": utc_text(budget.start_at),
        "window_ends_at": utc_text(budget.end_at),
        "projection": {
            "low": _amount(band.low, budget.unit),
            "high": _amount(band.high, budget.unit),
            "paces": [
                {
                    "name": pace.name,
                    "per_hour": _amount(pace.per_hour, budget.unit),
                    "reaches": _amount(pace.reaches, budget.unit),
                }
                for pace in band.paces
            ],
        },
        "runs_out_at": utc_text(budget.runs_out_at),
        "thresholds": dict(zip(map(str, budget.thresholds), budget.grades, strict=True)),
        "is_shipped": budget.is_default,
    }


def _history(budget: BudgetNow, past: Mapping[str, Sequence[PastWindow]]) -> list[dict[str, Any]]:
    return [
        {
            "window_starts_at": utc_text(window.start_at),
            "window_ends_at": utc_text(window.end_at),
            "limit": _amount(window.limit, budget.unit),
            "spent": _spent(window.spent, budget.unit),
            "is_lower_bound": window.is_lower_bound,
            "is_kept": window.is_kept,
        }
        for window in past.get(budget.name, ())
    ]


def _amount(value: float, unit: str) -> str | int:
    """Money as a decimal string, tokens as a number."""
    return f"{value:.6f}" if unit == "usd" else round(value)


def _spent(value: float, unit: str) -> str | int | None:
    """Dollars to the last pico-dollar, as in reports."""
    from decimal import Decimal

    return exact_usd(round(Decimal(str(value)) * PICO_PER_USD)) if unit == "usd" else round(value)


def _left(budget: BudgetNow, now: datetime) -> str:
    return format_duration_ms((budget.end_at - now).total_seconds() * 1000)
