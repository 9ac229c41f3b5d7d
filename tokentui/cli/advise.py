"""`tokentui advise`."""

from __future__ import annotations

import json
import os
import threading
from contextlib import closing
from typing import Any

import click

from tokentui.cli.printing.answers import head, utc_text
from tokentui.cli.printing.dollars import exact_usd
from tokentui.cli.printing.folding import print_folded
from tokentui.cli.trouble import note_trouble
from tokentui.cli.typed_range import range_of
from tokentui.figures import format_usd
from tokentui.fresh import open_fresh
from tokentui.instants import moment_of
from tokentui.pricing.book import RateBook
from tokentui.queries.advice.advise import advise
from tokentui.queries.advice.findings import Advice, Evidence, Finding
from tokentui.store.database import open_writer
from tokentui.store.dismissals import dismiss, restore
from tokentui.store.memo import RATES, read_memo
from tokentui.text import safe_text
from tokentui.workspace import Workspace, open_workspace

_INDENT = " " * 4


@click.command()
@click.option("--since", metavar="WHEN", default="30d", show_default=True, help="From here on: a day, a time, `7d`.")
@click.option("--project", metavar="TEXT", default="", help="Only projects with this in their path.")
@click.option("--all", "with_dismissed", is_flag=True, help="Show dismissed findings too.")
@click.option("--dismiss", "dismissed", metavar="KEY", multiple=True, help="Show this finding no more.")
@click.option("--restore", "restored", metavar="KEY", multiple=True, help="Show it again.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def command(
    since: str,
    project: str,
    with_dismissed: bool,
    dismissed: tuple[str, ...],
    restored: tuple[str, ...],
    as_json: bool,
) -> None:
    """Where money could be saved, how much, and how that is reckoned.

    Findings come from the logs alone; savings are a range at list price, and may overlap. New log lines are read
    first.
    """
    workspace = open_workspace(os.environ)
    if restored and not dismissed:
        _mark(workspace, (), restored)
        return
    now = workspace.clock()
    start_at, _ = range_of(since, None, now, workspace.time_zone)
    reader, caught_up = open_fresh(workspace, threading.Event())
    with closing(reader):
        sources = workspace.price_sources
        book = RateBook(sources.overrides, sources.update, read_memo(reader, RATES))
        found = advise(reader, book, now, start_at or now, project)
        unknown = set(dismissed) - _keys(found)
        if unknown:
            unknown -= _keys(advise(reader, book, now, moment_of(0)))
    note_trouble(caught_up)
    if dismissed:
        if unknown:
            raise click.BadParameter(f"there is no finding {sorted(unknown)[0]!r}; `tokentui advise --all` names them")
        _mark(workspace, dismissed, restored)
        return
    shown = found.findings if with_dismissed else found.open
    if as_json:
        click.echo(_json(found, shown))
    else:
        _print(found, shown)


def _keys(found: Advice) -> set[str]:
    return {finding.key for finding in found.findings}


def _mark(workspace: Workspace, dismissed: tuple[str, ...], restored: tuple[str, ...]) -> None:
    with closing(open_writer(workspace.home.database)) as writer:
        for key in dismissed:
            dismiss(writer, key, workspace.clock())
            click.echo(f"{key} is dismissed; `tokentui advise --restore {key}` brings it back.")
        for key in restored:
            was = restore(writer, key)
            click.echo(f"{key} is shown again." if was else f"{key} was not dismissed.")


def _json(found: Advice, shown: tuple[Finding, ...]) -> str:
    about = {**head(found.as_of), "since": utc_text(found.since), "money": "estimate at list price"}
    return json.dumps({**about, "rows": [_fields(finding) for finding in shown]}, indent=2)


def _fields(finding: Finding) -> dict[str, Any]:
    return {
        "key": finding.key,
        "kind": finding.kind,
        "project": finding.project,
        "subject": finding.subject,
        "text": finding.text,
        "low_usd": exact_usd(finding.low_pico_usd),
        "high_usd": exact_usd(finding.high_pico_usd),
        "reckoning": finding.reckoning,
        "count": finding.count,
        "is_dismissed": finding.is_dismissed,
        "evidence": [_evidence(evidence) for evidence in finding.evidence],
    }


def _evidence(evidence: Evidence) -> dict[str, Any]:
    return {
        "session": evidence.session_id,
        "agent": evidence.agent_id,
        "response_row": evidence.response_id,
        "tool_use_id": evidence.tool_use_id,
        "usd": exact_usd(evidence.pico_usd),
    }


def _print(found: Advice, shown: tuple[Finding, ...]) -> None:
    for finding in shown:
        _print_finding(finding)
    if not found.findings:
        click.echo("No advice: nothing stands out in this range.")
    elif not shown:
        click.echo("All that stands out in this range is dismissed.")
    else:
        print_folded("Savings are estimates at list price, and may overlap. `--dismiss KEY` hides a finding.")
    if hidden := len(found.findings) - len(shown):
        click.echo(f"{hidden} dismissed; `--all` shows them.")


def _print_finding(finding: Finding) -> None:
    low, high = (format_usd(pico_usd) for pico_usd in (finding.low_pico_usd, finding.high_pico_usd))
    saving = low if low == high else f"{low} to {high}"
    mark = "  (dismissed)" if finding.is_dismissed else ""
    print_folded(f"{saving}  {finding.kind}  {safe_text(finding.project)}  [{finding.key}]{mark}")
    places = sorted({safe_text(evidence.session_id) for evidence in finding.evidence[:3]})
    sessions = "session" if len(places) == 1 else "sessions"
    seen = f"{safe_text(finding.text, 400)}."
    for sentence in (seen, finding.reckoning, f"See {sessions} {', '.join(places)}."):
        print_folded(sentence, _INDENT)
    click.echo()
