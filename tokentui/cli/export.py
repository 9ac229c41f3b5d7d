"""`tokentui export`."""

from __future__ import annotations

import os
import threading
from contextlib import closing
from datetime import datetime

import click

from tokentui.cli.report import checked_zone, range_of
from tokentui.cli.rows import write_csv, write_json_lines
from tokentui.cli.trouble import note_trouble
from tokentui.queries.export import EXPORT_KINDS, ExportKind, export
from tokentui.workspace import open_fresh, open_workspace


@click.command()
@click.argument("kind", type=click.Choice(EXPORT_KINDS))
@click.option("--format", "form", type=click.Choice(("csv", "jsonl")), default="csv", show_default=True,
              help="CSV with a header, or one JSON object a line.")  # fmt: skip
@click.option("--since", metavar="WHEN", help="From here on: a day, a time, `today`, `yesterday`, `2h`, `7d`.")
@click.option("--until", metavar="WHEN", help="Up to here; a day is counted whole.")
@click.option("--tz", metavar="ZONE", default="", help="Time zone in which the days of --since and --until begin.")
def command(kind: ExportKind, form: str, since: str | None, until: str | None, tz: str) -> None:
    """Write rows to standard output: responses, minutes, sessions or alerts, the oldest first.

    Times are UTC, money is a decimal string at list price. New log lines are read first.
    """
    workspace = open_workspace(os.environ, time_zone=checked_zone(tz))
    start_at, end_at = range_of(since, until, workspace.clock(), workspace.time_zone)
    reader, caught_up = open_fresh(workspace, threading.Event())
    note_trouble(caught_up)
    with closing(reader):
        found = export(reader, kind, _milliseconds(start_at), _milliseconds(end_at))
        (write_csv if form == "csv" else write_json_lines)(found.columns, found.rows)


def _milliseconds(moment: datetime | None) -> int | None:
    return None if moment is None else round(moment.timestamp() * 1000)
