"""`tokentui sync`."""

from __future__ import annotations

import json
import os
import sys
from typing import TYPE_CHECKING

import click

from tokentui.anthropic.errors import AnthropicError
from tokentui.anthropic_side import sync_now
from tokentui.cli.printing.answers import head
from tokentui.cli.signals import stoppable
from tokentui.exit_codes import DONE, FAILED
from tokentui.figures import plural
from tokentui.workspace import open_workspace

if TYPE_CHECKING:
    from tokentui.anthropic.reports import Width
    from tokentui.ingest.sync import SyncProgress, SyncResult


@click.command()
@click.option("--days", type=click.IntRange(1, 3650), help="Fetch the last so many days again, stored or not.")
@click.option("--width", type=click.Choice(["1m", "1h", "1d"]), default="1m", show_default=True,
              help="How fine usage is fetched; minutes tell most.")  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def command(days: int | None, width: Width, as_json: bool) -> int:
    """Fetch what Anthropic reports and bills, from where the last run stopped; the first one fetches 30 days.

    Needs an organization's Admin key in ANTHROPIC_ADMIN_API_KEY, or `key_command` under [anthropic] in the
    configuration. It may be stopped at any time: what was fetched is kept, the next run goes on.
    """
    from tokentui.ingest.sync import SyncPlan

    workspace = open_workspace(os.environ)
    line = _ProgressLine(sys.stderr.isatty())
    try:
        with stoppable() as stop:
            result = sync_now(workspace, os.environ, SyncPlan(width, days), stop.is_asked, line.show)
    except AnthropicError as error:
        raise click.ClickException(str(error)) from None
    finally:
        line.clear()
    if as_json:
        click.echo(json.dumps({**head(workspace.clock()), **result_fields(result)}, indent=2))
    _say(result, as_json)
    if stop.is_asked.is_set():
        return stop.exit_code
    return DONE if result.outcome in ("done", None) else FAILED


def _say(result: SyncResult, as_json: bool) -> None:
    for note in result.notes:
        click.echo(f"tokentui: {note}", err=True)
    if result.outcome is None:
        click.echo(f"tokentui: nothing fetched: {result.error}", err=True)
    elif result.error:
        click.echo(f"tokentui: {result.outcome}: {result.error}", err=True)
    if result.outcome is not None and not as_json:
        click.echo(summary(result))


def summary(result: SyncResult) -> str:
    """One line about what a sync fetched."""
    return f"{plural(result.pages, 'page')}: {plural(result.change.new, 'row')} new, {result.change.changed:,} changed"


def result_fields(result: SyncResult) -> dict[str, object]:
    """The result of a sync as JSON."""
    return {
        "outcome": result.outcome or "too soon",
        "error": result.error,
        "notes": list(result.notes),
        "pages": result.pages,
        "rows_new": result.change.new,
        "rows_changed": result.change.changed,
    }


class _ProgressLine:
    """A progress line on standard error, redrawn in place; nothing if that is no terminal."""

    def __init__(self, is_terminal: bool) -> None:
        self._is_terminal = is_terminal

    def show(self, progress: SyncProgress) -> None:
        """Count a page, and draw the line."""
        if self._is_terminal:
            reached = f"{progress.reached:%Y-%m-%d %H:%M}"
            sys.stderr.write(f"\r{progress.series} up to {reached} UTC, {plural(progress.pages, 'page')}\x1b[K")
            sys.stderr.flush()

    def clear(self) -> None:
        """Clear the line."""
        if self._is_terminal:
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()
