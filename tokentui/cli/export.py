"""`tokentui export`."""

from __future__ import annotations

import threading
from contextlib import closing
from datetime import datetime

import click

from tokentui.cli.printing.rows import write_csv, write_json_lines
from tokentui.cli.trouble import note_trouble
from tokentui.cli.typed_range import TypedRange, range_options
from tokentui.fresh import open_fresh
from tokentui.queries.export import EXPORT_KINDS, ExportKind, export


@click.command()
@click.argument("kind", type=click.Choice(EXPORT_KINDS))
@click.option("--format", "form", type=click.Choice(("csv", "jsonl")), default="csv", show_default=True,
              help="CSV with a header, or one JSON object a line.")  # fmt: skip
@range_options("Time zone in which the days of --since and --until begin.")
def command(kind: ExportKind, form: str, typed: TypedRange) -> None:
    """Write rows to standard output: responses, minutes, sessions or alerts, the oldest first.

    Times are UTC, money is a decimal string at list price. New log lines are read first.
    """
    workspace = typed.workspace()
    start_at, end_at = typed.bounds(workspace)
    reader, caught_up = open_fresh(workspace, threading.Event())
    note_trouble(caught_up)
    with closing(reader):
        found = export(reader, kind, _milliseconds(start_at), _milliseconds(end_at))
        (write_csv if form == "csv" else write_json_lines)(found.columns, found.rows)


def _milliseconds(moment: datetime | None) -> int | None:
    return None if moment is None else round(moment.timestamp() * 1000)
