"""`tokentui query`."""

from __future__ import annotations

import threading
from contextlib import closing

import click

from tokentui.cli.printing.answers import head, utc_text
from tokentui.cli.printing.folding import print_folded
from tokentui.cli.printing.row_tables import print_rows
from tokentui.cli.printing.rows import rows_json, write_csv
from tokentui.cli.trouble import note_trouble
from tokentui.cli.typed_range import TypedRange, range_options
from tokentui.config.zones import zone_name
from tokentui.fresh import open_fresh
from tokentui.queries.named import NAMES, AnalysisResult, AnalysisScope, analyses, run_analysis
from tokentui.workspace import utc_now


@click.command()
@click.argument("name", required=False)
@range_options("Time zone in which days are counted, such as Asia/Kolkata.")
@click.option("--project", metavar="TEXT", default="", help="Only projects with this in their path.")
@click.option("--model", metavar="TEXT", default="", help="Only models with this in their name.")
@click.option("--session", metavar="ID", default="", help="Only the session whose id begins so.")
@click.option("--json", "output", flag_value="json", help="Print JSON.")
@click.option("--csv", "output", flag_value="csv", help="Print CSV.")
@click.option("--sql", "output", flag_value="sql", help="Print the statement, to run it with sqlite3 or Datasette.")
def command(name: str | None, typed: TypedRange, project: str, model: str, session: str, output: str | None) -> None:
    """Run a named analysis; without a NAME, list them.

    New log lines are read first. Ranges are counted in whole quarters of an hour.
    """
    if name is None:
        list_analyses(output)
        return
    if name not in NAMES:
        raise click.BadParameter(f"there is no analysis {name!r}; `tokentui query` lists them", param_hint="NAME")
    if name == "run-detail" and not session and output != "sql":
        raise click.BadParameter("run-detail is about one session: give --session ID", param_hint="--session")
    if output == "sql":
        click.echo(analyses()[name].statement, nl=False)
        return
    workspace = typed.workspace()
    scope = AnalysisScope(*typed.bounds(workspace), project, model, session)
    reader, caught_up = open_fresh(workspace, threading.Event())
    with closing(reader):
        found = run_analysis(reader, name, scope, workspace.clock(), workspace.time_zone)
    note_trouble(caught_up)
    _print(found, output, zone_name(workspace.time_zone))


def list_analyses(output: str | None) -> None:
    """Print the names of all analyses and what they are for."""
    if output == "json":
        rows = [(one.name, one.title) for one in analyses().values()]
        click.echo(rows_json(head(utc_now()), ("name", "title"), rows))
        return
    width = max(map(len, NAMES))
    for one in analyses().values():
        click.echo(f"{one.name:{width}}  {one.title}")


def _print(found: AnalysisResult, output: str | None, zone: str) -> None:
    if output == "json":
        about = {
            **head(found.as_of),
            "analysis": found.analysis.name,
            "title": found.analysis.title,
            "since": utc_text(found.scope.since),
            "until": utc_text(found.scope.until),
            "time_zone": zone,
            "money": "estimate at list price",
        }
        click.echo(rows_json(about, found.columns, found.rows))
    elif output == "csv":
        write_csv(found.columns, found.rows)
    elif found.rows:
        print_rows(found.analysis.title, found.columns, found.rows)
        if any(column.endswith("pico_usd") for column in found.columns):
            click.echo("Cost is an estimate at list price.")
    else:
        print_folded("Nothing in this range answers it. `tokentui doctor` shows which logs were found.")
