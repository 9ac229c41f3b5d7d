"""`tokentui reconcile`."""

from __future__ import annotations

import csv
import json
import os
import sys
import threading
from contextlib import closing

import click

from tokentui.anthropic_side import reckon
from tokentui.cli.trouble import note_trouble
from tokentui.cli.utc_days import utc_days
from tokentui.exit_codes import AMISS, DONE, FAILED
from tokentui.fresh import open_fresh
from tokentui.queries.reckoning.local_minutes import ConsoleMinute, console_minutes
from tokentui.workspace import open_workspace

"""Exit code if logs and bill differ in a way that is an error."""


@click.command()
@click.option("--since", metavar="WHEN", help="From this UTC day on; 30 days back if not given.")
@click.option("--until", metavar="WHEN", help="Up to the end of this UTC day; today if not given.")
@click.option("--json", "output", flag_value="json", help="Print JSON.")
@click.option("--markdown", "output", flag_value="markdown", help="Print a report in Markdown.")
@click.option("--minutes", "output", flag_value="minutes",
              help="Print what the logs say by the minute instead, as CSV in the console's columns.")  # fmt: skip
def command(since: str | None, until: str | None, output: str | None) -> int:
    """Set the logs beside what Anthropic reports and bills, and say why they differ.

    Counts whole UTC days, as Anthropic does. New log lines are read first; `tokentui sync` and `tokentui import`
    bring Anthropic's side. The exit code is 0 where all comes out within the tolerances stated, 3 where more was
    logged than billed, reports disagree or a price does not come out, and 1 where there is nothing to compare with.
    """
    workspace = open_workspace(os.environ)
    first, end = utc_days(since, until, workspace.clock())
    reader, caught_up = open_fresh(workspace, threading.Event())
    note_trouble(caught_up)
    with closing(reader):
        if output == "minutes":
            from tokentui.instants import midnight

            _write_minutes(list(console_minutes(reader, midnight(first), midnight(end))))
            return DONE
        found = reckon(reader, workspace, first, end)
    if output == "json":
        from tokentui.cli.reconcile.as_json import reckoning_fields

        click.echo(json.dumps(reckoning_fields(found), indent=2))
    elif output == "markdown":
        from tokentui.cli.reconcile.markdown import markdown

        click.echo(markdown(found))
    else:
        from tokentui.cli.reconcile.text import print_reckoning

        print_reckoning(found)
    if found.is_empty:
        click.echo(
            "tokentui: nothing to compare the logs with: run `tokentui sync` with an Admin key, or `tokentui import` "
            "an export of the console's Usage page",
            err=True,
        )
        return FAILED
    return AMISS if found.is_off else DONE


def _write_minutes(rows: list[ConsoleMinute]) -> None:
    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(ConsoleMinute._fields)
    writer.writerows(rows)
