"""A reconciliation as tables and sentences, in the width of the terminal."""

from __future__ import annotations

import click

from tokentui.cli.printing.columns import Column, has_room, print_lines
from tokentui.cli.printing.folding import print_folded
from tokentui.cli.printing.narrow_rows import with_short_models
from tokentui.cli.reconcile.tables import ABOUT, Table, finding_lines, tables, verdict, words_first
from tokentui.queries.reckoning.results import Reckoning


def print_reckoning(found: Reckoning) -> None:
    """Print the answer to standard output."""
    for title, table in tables(found):
        if table[1]:
            click.echo(title)
            _print_table(table)
            click.echo()
    findings = finding_lines(found, "✖ ", "• ")
    for line in (*findings, *([""] if findings else []), verdict(found), ABOUT):
        print_folded(line)


def _print_table(table: Table) -> None:
    """Print a table; one of classes with the figure first, since what a class means is long."""
    heads, rows = table
    if len(heads) == 2:
        for meaning, tokens in rows:
            print_folded(f"{tokens:>16}  {meaning}")
        return
    figures_from = words_first(heads)
    columns = [Column(head, place >= figures_from, head == "day") for place, head in enumerate(heads)]
    if "model" in heads and not has_room(columns, rows):
        rows = with_short_models(rows, heads.index("model"))
    print_lines(columns, rows)
