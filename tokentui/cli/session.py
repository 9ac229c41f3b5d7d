"""`tokentui session`."""

from __future__ import annotations

import os
import sqlite3
import threading
from contextlib import closing

import click

from tokentui.cli.printing.answers import head
from tokentui.cli.printing.row_tables import print_rows
from tokentui.cli.printing.rows import rows_json, write_csv
from tokentui.cli.trouble import note_trouble
from tokentui.fresh import open_fresh
from tokentui.pricing.book import RateBook
from tokentui.queries.names import agents_like, sessions_like
from tokentui.queries.session.tables import TABLE_NAMES, Asked, TableName, session_table
from tokentui.store.memo import RATES, read_memo
from tokentui.workspace import open_workspace

_EMPTY = {"rebuilds": "No prefix was written again.", "compactions": "No compaction."}


@click.command()
@click.argument("session", metavar="ID")
@click.option("--show", type=click.Choice(TABLE_NAMES), default="turns", show_default=True, help="Which of its tables.")
@click.option("--agent", metavar="ID", default="", help="For context and compactions: an agent, not the main thread.")
@click.option("--costliest", is_flag=True, help="Turns by cost, instead of in order.")
@click.option("--json", "output", flag_value="json", help="Print JSON.")
@click.option("--csv", "output", flag_value="csv", help="Print CSV.")
def command(session: str, show: TableName, agent: str, costliest: bool, output: str | None) -> None:
    """What a session did: its turns, cache rebuilds with their causes, tools, context and compactions.

    The beginning of its id will do, and of an agent's. New log lines are read first.
    """
    workspace = open_workspace(os.environ)
    reader, caught_up = open_fresh(workspace, threading.Event())
    with closing(reader):
        session_id = _session_id(reader, session)
        agent_id = _agent_id(reader, session_id, agent) if agent else ""
        sources = workspace.price_sources
        book = RateBook(sources.overrides, sources.update, read_memo(reader, RATES))
        table = session_table(reader, show, Asked(session_id, agent_id, book, workspace.clock()))
    note_trouble(caught_up)
    rows = table.rows
    if costliest and "cost_pico_usd" in table.columns:
        cost = table.columns.index("cost_pico_usd")
        rows = tuple(sorted(rows, key=lambda row: -row[cost]))
    if output == "json":
        about = {**head(workspace.clock()), "session": session_id, "table": show, "money": "estimate at list price"}
        click.echo(rows_json(about, table.columns, rows))
    elif output == "csv":
        write_csv(table.columns, rows)
    elif rows:
        print_rows(f"{show} of session {session_id}", table.columns, rows)
    else:
        click.echo(_EMPTY.get(show, "Nothing is known of it."))


def _session_id(reader: sqlite3.Connection, beginning: str) -> str:
    """The id of the one session that begins with this text. Raises click.BadParameter if there is none, or several."""
    found = sessions_like(reader, beginning)
    if len(found) != 1:
        few = "several sessions begin" if found else "no session begins"
        lists = "`tokentui report --by session` lists them"
        raise click.BadParameter(f"{few} with {beginning!r}; {lists}", param_hint="ID")
    return found[0]


def _agent_id(reader: sqlite3.Connection, session_id: str, beginning: str) -> str:
    """The id of the one agent of a session that begins with this text. Raises click.BadParameter."""
    found = agents_like(reader, session_id, beginning)
    if len(found) != 1:
        few = "several agents of it begin" if found else "no agent of it begins"
        lists = f"`tokentui report --by agent --session {session_id}` lists them"
        raise click.BadParameter(f"{few} with {beginning!r}; {lists}", param_hint="--agent")
    return found[0]
