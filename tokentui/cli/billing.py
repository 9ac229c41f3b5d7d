"""`tokentui billing`."""

from __future__ import annotations

import csv
import json
import os
import sys
import threading
from contextlib import closing
from typing import Any

import click

from tokentui.anthropic_side import bill
from tokentui.cli.printing.answers import head
from tokentui.cli.printing.columns import Column, print_lines
from tokentui.cli.printing.dollars import cents_text, exact_usd
from tokentui.cli.printing.folding import print_folded
from tokentui.cli.trouble import note_trouble
from tokentui.cli.utc_days import utc_days
from tokentui.fresh import open_fresh
from tokentui.queries.reckoning.billing import BILLING_GROUPINGS, Billing, BillingGrouping, BillingRow
from tokentui.queries.reckoning.claude_code.sums import CODE_GROUPINGS
from tokentui.queries.reckoning.estimates import Estimate
from tokentui.queries.reckoning.running_month import MonthSoFar
from tokentui.workspace import open_workspace

_NOTHING = "Nothing is known of these days: `tokentui sync` asks Anthropic, `tokentui import FILE` reads an export."


@click.command()
@click.option("--by", type=click.Choice(BILLING_GROUPINGS), default="day", show_default=True,
              help="One row for each of these.")  # fmt: skip
@click.option("--since", metavar="WHEN", help="From this UTC day on; the first of this month if not given.")
@click.option("--until", metavar="WHEN", help="Up to the end of this UTC day; today if not given.")
@click.option("--json", "output", flag_value="json", help="Print JSON.")
@click.option("--csv", "output", flag_value="csv", help="Print CSV, for accounting.")
def command(by: BillingGrouping, since: str | None, until: str | None, output: str | None) -> None:
    """Print what Anthropic billed, beside what its report and our logs come to at list price.

    Counts whole UTC days, as Anthropic does. Bills name no projects, logs no keys and no workspaces; what is billed
    to a single key is told by imported cost exports only. Accounts are ids in the usage report; actors (persons and
    keys) and terminals are in Claude Code's own report alone, whose money is Anthropic's estimate.
    """
    workspace = open_workspace(os.environ)
    now = workspace.clock()
    first, end = utc_days(since, until, now, now.date().replace(day=1))
    reader, caught_up = open_fresh(workspace, threading.Event())
    note_trouble(caught_up)
    with closing(reader):
        found = bill(reader, workspace, by, first, end)
    if output == "json":
        click.echo(json.dumps(billing_fields(found), indent=2))
    elif output == "csv":
        writer = csv.DictWriter(sys.stdout, list(row_fields(by, found.total)), lineterminator="\n")
        writer.writeheader()
        writer.writerows(row_fields(by, row) for row in found.rows)
    else:
        print_billing(found)


def print_billing(found: Billing) -> None:
    """Print the answer as a table and sentences."""
    has_code = any(row.code for row in found.rows)
    heads: tuple[str, ...] = (found.by, "tokens billed", "billed", "list price", "logged at list price")
    heads = _with_code(heads, ("Claude Code tokens", "its estimate"), found.by, has_code)
    if found.rows:
        columns = [Column(head, is_figure=place > 0, is_whole=place == 0) for place, head in enumerate(heads)]
        total = ("total", *_cells(found.by, found.total, has_code)[1:])
        print_lines(columns, [_cells(found.by, row, has_code) for row in found.rows], total)
    else:
        print_folded(_NOTHING)
    click.echo()
    for line in _month_lines(found.month):
        print_folded(line)


def _with_code(cells: tuple[str, ...], code: tuple[str, str], by: BillingGrouping, has_code: bool) -> tuple[str, ...]:
    """The table, with columns of Claude Code's own report if it has figures, and without the others if it alone has."""
    if by in CODE_GROUPINGS:
        return (cells[0], *code)
    return (*cells, *code) if has_code else cells


def _cells(by: BillingGrouping, row: BillingRow, has_code: bool) -> tuple[str, ...]:
    from tokentui.cli.reconcile.tables import DEFAULT, WORKBENCH, estimate_text, name_text

    empty = {"key": WORKBENCH, "workspace": DEFAULT, "account": "(no account)", "actor": "(all people)"}.get(by, "–")
    tokens = "–" if row.reported_tokens is None else f"{row.reported_tokens.total:,}"
    cells = (name_text(row.name, empty), tokens, cents_text(row.billed_pico_usd), estimate_text(row.reported),
             estimate_text(row.logged))  # fmt: skip
    code = (f"{row.code.tokens.total:,}", cents_text(row.code.pico_usd)) if row.code else ("–", "–")
    return _with_code(cells, code, by, has_code)


def _month_lines(month: MonthSoFar) -> list[str]:
    logged, projected = (
        cents_text(pico_usd, at_least=month.logged_is_lower_bound)
        for pico_usd in (month.logged_pico_usd, month.logged_projected_pico_usd)
    )
    lines = [f"{month.month:%B %Y} (UTC): {logged} logged at list price, {projected} projected"]
    if month.billed_pico_usd is not None:
        billed = f"{cents_text(month.billed_pico_usd)} billed, {cents_text(month.billed_projected_pico_usd)} projected"
        lines.append(f"{month.month:%B %Y} (UTC): {billed}; days before {month.billed_until} are complete")
    return lines


def row_fields(by: BillingGrouping, row: BillingRow) -> dict[str, Any]:
    """One row as JSON, with exact money."""
    tokens = row.reported_tokens
    return {
        by: row.name,
        "input_tokens": tokens.input if tokens else None,
        "output_tokens": tokens.output if tokens else None,
        "cache_write_5m_tokens": tokens.cache_write_5m if tokens else None,
        "cache_write_1h_tokens": tokens.cache_write_1h if tokens else None,
        "cache_read_tokens": tokens.cache_read if tokens else None,
        "billed_usd": exact_usd(row.billed_pico_usd),
        "list_price_usd": _priced(row.reported),
        "logged_list_price_usd": _priced(row.logged),
        "claude_code_tokens": row.code.tokens.total if row.code else None,
        "claude_code_estimate_usd": exact_usd(row.code.pico_usd) if row.code else None,
        "list_price_is_lower_bound": int(bool(row.reported and row.reported.is_lower_bound)),
        "logged_is_lower_bound": int(bool(row.logged and row.logged.is_lower_bound)),
    }


def _priced(estimate: Estimate | None) -> str | None:
    """Dollars as a string; None if nothing has a price, which is not $0."""
    return None if estimate is None or estimate.is_unknown else exact_usd(estimate.pico_usd)


def billing_fields(found: Billing) -> dict[str, Any]:
    """The answer as JSON."""
    month = found.month
    total = row_fields(found.by, found.total)
    del total[found.by]
    return {
        **head(found.as_of),
        "by": found.by,
        "since": found.since.isoformat(),
        "until": found.until.isoformat(),
        "days": "UTC; `until` is not itself in it",
        "totals": total,
        "rows": [row_fields(found.by, row) for row in found.rows],
        "month": {
            "month": f"{month.month:%Y-%m}",
            "billed_usd": exact_usd(month.billed_pico_usd),
            "billed_complete_before": month.billed_until.isoformat() if month.billed_until else None,
            "billed_projected_usd": exact_usd(month.billed_projected_pico_usd),
            "logged_list_price_usd": exact_usd(month.logged_pico_usd),
            "logged_projected_usd": exact_usd(month.logged_projected_pico_usd),
        },
    }
