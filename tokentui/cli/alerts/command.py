"""`tokentui alerts`: list, check, ack, mute, unmute, test, rules."""

from __future__ import annotations

import os
import sqlite3
import threading
from contextlib import closing
from datetime import timedelta
from typing import TYPE_CHECKING

import click

from tokentui.cli.trouble import note_trouble
from tokentui.config.thresholds import GRADES, RULE_DEFAULTS, Grade
from tokentui.exit_codes import AMISS, DONE, FAILED
from tokentui.fresh import SHORT_WAIT_SECONDS, open_fresh
from tokentui.workspace import Workspace, open_workspace

if TYPE_CHECKING:
    from tokentui.guard.raised import Raised


@click.group(no_args_is_help=False)  # an error, not the whole help
def command() -> None:
    """Alerts of the runaway rules: what was raised, and what holds now."""


@command.command(name="list")
@click.option("-n", "--limit", type=click.IntRange(1, 100_000), default=20, show_default=True, help="At most so many.")
@click.option("--since", metavar="WHEN", help="From here on: a day, a time, `today`, `2h`, `7d`.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def list_alerts(limit: int, since: str | None, as_json: bool) -> None:
    """Show what was raised, the newest first, with what was sent about it."""
    from tokentui.cli.alerts.words import alerts_json, print_alerts
    from tokentui.queries.runaway.alerts import alert_log, mutes_now
    from tokentui.queries.typed_moments import SpanError, parse_since

    workspace = open_workspace(os.environ)
    now = workspace.clock()
    try:
        since_at = parse_since(since, now, workspace.time_zone) if since else None
    except SpanError as error:
        raise click.BadParameter(str(error)) from None
    reader, caught_up = open_fresh(workspace, threading.Event())
    note_trouble(caught_up)
    with closing(reader):
        rows, mutes = alert_log(reader, now, limit, since_at), mutes_now(reader, now)
    if as_json:
        click.echo(alerts_json(rows, now))
    else:
        print_alerts(rows, mutes, workspace.time_zone)


@command.command(name="check")
@click.option("--grade", type=click.Choice(GRADES), default="alarm", show_default=True, help="How loud at least.")
@click.option("--rule", "rules", type=click.Choice(list(RULE_DEFAULTS)), multiple=True, metavar="RULE",
              help="Only this rule; may be given several times.")  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.option("-q", "--quiet", is_flag=True, help="Print nothing; the exit code says it.")
def check(grade: Grade, rules: tuple[str, ...], as_json: bool, quiet: bool) -> int:
    """Exit with 3 if anything runs away right now, else with 0: for a hook, or for CI.

    The rules are applied to what is logged now, without waiting for a condition to hold. Nothing is kept or told.
    """
    workspace = open_workspace(os.environ)
    found = [raised for raised in _raised(workspace) if not rules or raised.finding.rule in rules]
    over = [raised for raised in found if GRADES.index(raised.grade) >= GRADES.index(grade)]
    if as_json:
        from tokentui.cli.alerts.words import check_json

        click.echo(check_json(over, workspace.clock()))
    elif not quiet:
        for raised in over:
            click.echo(f"{raised.grade} {raised.finding.rule}: {raised.finding.evidence}", err=True)
        if not over:
            click.echo("nothing runs away")
    return AMISS if over else DONE


def _raised(workspace: Workspace) -> list[Raised]:
    from tokentui.cli.watch.surroundings import surroundings_of
    from tokentui.guard.raised import raised_now
    from tokentui.store.database import StoreError, open_writer
    from tokentui.watch.usual_memo import keep_usual

    reader, caught_up = open_fresh(workspace, threading.Event())
    note_trouble(caught_up)
    with closing(reader):
        raised, usual = raised_now(reader, surroundings_of(workspace))
    if usual is not None:
        try:
            with closing(open_writer(workspace.home.database, SHORT_WAIT_SECONDS)) as writer:
                keep_usual(writer, usual, workspace.clock())
        except (StoreError, sqlite3.Error):
            pass  # the next check computes it again
    return raised


@command.command(name="ack")
@click.argument("alert_ids", nargs=-1, required=True, type=int, metavar="ID…")
def acknowledge_alerts(alert_ids: tuple[int, ...]) -> int:
    """Say that somebody has seen an alert."""
    from tokentui.guard import marks

    workspace = open_workspace(os.environ)
    missing = [number for number in alert_ids
               if not marks.acknowledge(workspace.home.database, number, workspace.clock())]  # fmt: skip
    for number in missing:
        click.echo(f"tokentui: there is no alert {number}; `tokentui alerts list` shows them", err=True)
    return FAILED if missing else DONE


@command.command(name="mute")
@click.argument("rule", required=False, type=click.Choice(list(RULE_DEFAULTS)), metavar="[RULE]")
@click.option("--session", "session_id", metavar="ID", default="", help="Only for this session; for good if no rule.")
@click.option("--for", "length", metavar="TIME", help="How long: 30m, 1h, 2d; 1h for a rule unless said otherwise.")
@click.option("--for-good", is_flag=True, help="Until it is unmuted.")
def mute(rule: str | None, session_id: str, length: str | None, for_good: bool) -> None:
    """Keep a rule quiet for an hour, or a session for good."""
    from tokentui.cli.lengths import parse_seconds
    from tokentui.guard import marks

    if not rule and not session_id:
        raise click.UsageError("name a rule, a session, or both")
    if length and for_good:
        raise click.UsageError("--for and --for-good exclude each other")
    try:
        seconds = parse_seconds(length) if length else 3600
    except ValueError as error:
        raise click.BadParameter(str(error)) from None
    workspace = open_workspace(os.environ)
    now = workspace.clock()
    lasts = for_good or (not length and not rule)
    until = None if lasts else now + timedelta(seconds=seconds)
    whole_id = _whole_id(workspace, session_id) if session_id else ""
    marks.mute(workspace.home.database, now, rule or "", whole_id, until)
    end = "for good" if until is None else f"until {until.astimezone(workspace.time_zone):%Y-%m-%d %H:%M}"
    click.echo(f"{_muted(rule, whole_id)} is quiet {end}")


def _muted(rule: str | None, whole_id: str) -> str:
    """The mutes in force, in words."""
    return " of ".join(part for part in (rule, whole_id and f"session {whole_id}") if part)


def _whole_id(workspace: Workspace, beginning: str) -> str:
    """The id of the one session that begins with this text. Raises click.BadParameter if there is none, or several."""
    from tokentui.queries.names import sessions_like
    from tokentui.store.database import open_reader

    with closing(open_reader(workspace.home.database)) as reader:
        found = sessions_like(reader, beginning)
    if len(found) != 1:
        reason = "no session has an id that begins so" if not found else "several sessions have an id that begins so"
        raise click.BadParameter(f"--session {beginning}: {reason}")
    return found[0]


@command.command(name="unmute")
@click.argument("rule", required=False, type=click.Choice(list(RULE_DEFAULTS)), metavar="[RULE]")
@click.option("--session", "session_id", metavar="ID", default="", help="Of this session.")
def unmute(rule: str | None, session_id: str) -> int:
    """Let a rule or a session speak again."""
    from tokentui.guard import marks

    workspace = open_workspace(os.environ)
    whole_id = _whole_id(workspace, session_id) if session_id else ""
    if marks.unmute(workspace.home.database, rule or "", whole_id):
        click.echo(f"{_muted(rule, whole_id)} is heard again")
        return DONE
    click.echo("tokentui: that was not muted; `tokentui alerts list` shows what is", err=True)
    return FAILED


@command.command(name="test")
def test() -> int:
    """Tell a made-up alert everywhere that is switched on, and say what became of it."""
    from tokentui.cli.alerts.trial import tell_test

    return tell_test(open_workspace(os.environ))


@command.command(name="rules")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def rules(as_json: bool) -> None:
    """Show every rule with its formula and the figures that hold."""
    from tokentui.cli.alerts.words import print_rules, rules_json

    workspace = open_workspace(os.environ)
    if as_json:
        click.echo(rules_json(workspace.settings, workspace.clock()))
    else:
        print_rules(workspace.settings)
