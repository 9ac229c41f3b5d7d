"""`tokentui report`."""

from __future__ import annotations

import gc
import sys
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager

import click

from tokentui.cli.trouble import note_trouble
from tokentui.cli.typed_range import TypedRange, range_options
from tokentui.fresh import open_fresh
from tokentui.queries.reports.report import GROUPINGS, Grouping, Report, ReportQuestion, reporting
from tokentui.queries.sums.scoped import ReportScope
from tokentui.workspace import Workspace

MOST_ROWS = 1_000
"""Rows that a table prints at most, without `--all`."""


@click.command()
@click.option("--by", type=click.Choice(GROUPINGS), default="day", show_default=True, help="One row for each of these.")
@range_options("Time zone in which days are counted, such as Asia/Kolkata.")
@click.option("--project", "projects", metavar="TEXT", multiple=True, help="Only projects with this in their path.")
@click.option("--model", "models", metavar="TEXT", multiple=True, help="Only models with this in their name.")
@click.option("--session", "sessions", metavar="ID", multiple=True, help="Only the session whose id begins so.")
@click.option("--all", "every_row", is_flag=True, help=f"Print a table of any length, not just {MOST_ROWS:,} rows.")
@click.option("--json", "output", flag_value="json", help="Print JSON.")
@click.option("--csv", "output", flag_value="csv", help="Print CSV.")
def command(
    by: Grouping,
    typed: TypedRange,
    projects: tuple[str, ...],
    models: tuple[str, ...],
    sessions: tuple[str, ...],
    every_row: bool,
    output: str | None,
) -> None:
    """Print what was used and what it costs at list price, from all session logs.

    New log lines are read first. Each of --project, --model and --session may be given several times.
    """
    workspace = typed.workspace()
    scope = ReportScope(*typed.bounds(workspace), models, projects, sessions)
    most = None if output or every_row else MOST_ROWS
    answer(workspace, ReportQuestion(by, workspace.time_zone, workspace.settings.week_start, scope, most), output)


def answer(workspace: Workspace, question: ReportQuestion, output: str | None = None) -> None:
    """Catch up on new log lines, print a report, and say what keeps it from being complete. Raises StoreError."""
    reader, caught_up = open_fresh(workspace, threading.Event())
    with closing(reader), _no_sweeps(), reporting(reader, question, workspace.clock()) as found:
        note_trouble(caught_up)
        _print(found, output)


@contextmanager
def _no_sweeps() -> Iterator[None]:
    """Switch garbage collection off: rows hold no cycles, and looking for some takes a tenth of the time."""
    swept = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if swept:
            gc.enable()


def _print(found: Report, output: str | None) -> None:
    """Print the report as text, JSON or CSV; imports only what that form needs."""
    if output == "json":
        from tokentui.cli.printing.answers import report_json

        sys.stdout.writelines(report_json(found))
    elif output == "csv":
        from tokentui.cli.printing.answers import report_csv

        report_csv(found)
    else:
        from tokentui.cli.printing.table import print_report

        print_report(found)
