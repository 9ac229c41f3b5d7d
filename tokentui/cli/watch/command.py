"""`tokentui watch`: reads logs and raises alarms, without a screen."""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from tokentui.cli.signals import answering
from tokentui.cli.watch.lines import Lines
from tokentui.exit_codes import DONE, FAILED, ended_by
from tokentui.workspace import Workspace, open_workspace

if TYPE_CHECKING:
    from tokentui.guard.guard import Look
    from tokentui.ingest.report import IngestReport
    from tokentui.store.deliveries import Delivery
    from tokentui.watch.alarm import Change

LAST_WORDS_SECONDS = 10.0
"""How long notices may still take to be sent after a signal to stop."""
LAST_LINES_SECONDS = 1.0
"""How long a reader may still take for the lines that are left."""


@click.command()
@click.argument("directories", nargs=-1, type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object a line.")
def command(directories: tuple[Path, ...], as_json: bool) -> int:
    """Follow all logs and raise alarms without a screen, until it is stopped: for a server or a systemd unit.

    Alarms and warnings are printed and kept; alarms are told wherever the [notify] table of the configuration says.
    Exits with 0 on SIGTERM, as a service that is stopped should, with 130 on Ctrl-C.
    """
    return Watch(open_workspace(os.environ, directories), as_json).run()


class Watch:
    """One run: a thread that reads logs, and this one, which looks at the rules."""

    def __init__(self, workspace: Workspace, as_json: bool) -> None:
        self._workspace, self._as_json = workspace, as_json
        self._stop, self._woken = threading.Event(), threading.Event()
        self._exit_code = DONE
        self._is_caught_up = False
        self._said: dict[str, str] = {}
        self._failure: BaseException | None = None

    def run(self) -> int:
        """Run until a signal comes. Raises StoreError if the database cannot be used."""
        from tokentui.cli.watch.surroundings import surroundings_of, watched_settings
        from tokentui.guard.guard import open_guard
        from tokentui.guard.keep_looking import keep_looking
        from tokentui.store.database import prepare
        from tokentui.watch.telling.telling import Telling

        database = self._workspace.home.database
        prepare(database)
        settings = watched_settings(self._workspace)
        telling = Telling(settings.current, write_terminal=_write_terminal)
        surroundings = surroundings_of(self._workspace, settings)
        reading = threading.Thread(target=self._follow, name="read logs")
        lines = Lines(sys.stdout.fileno(), sys.stdout.encoding, self._on_unwritable)
        with answering(lambda number: self.end(_exit_code(number))):
            reading.start()
            keep_looking(
                lambda: open_guard(database, surroundings, telling),
                self._stop,
                self._woken,
                lambda look: self._on_look(look, settings.trouble, lines),
                lambda trouble: self._say("rules", trouble),
                lambda: self._is_caught_up,
            )
            reading.join()
        _keep(database, telling.finish(LAST_WORDS_SECONDS))
        lines.finish(LAST_LINES_SECONDS)
        if self._failure is not None:
            raise self._failure
        return self._exit_code

    def end(self, exit_code: int) -> None:
        """Stop soon; called from a signal handler."""
        self._exit_code = exit_code
        self._stop.set()
        self._woken.set()

    def _follow(self) -> None:
        from tokentui.cli.monitor.opening import surroundings_of
        from tokentui.ingest.follow import Follow

        try:
            Follow(surroundings_of(self._workspace), threading.Event()).run(
                self._stop, self._on_report, self._woken.set
            )
        except BaseException as error:
            self._failure = error
            self.end(FAILED)

    def _on_unwritable(self, error: OSError) -> None:
        """Stop where nobody reads the lines any more, or fail where they cannot be written, as on a full disk."""
        self._failure = None if isinstance(error, BrokenPipeError) else error
        self.end(DONE)

    def _on_report(self, report: IngestReport) -> None:
        self._is_caught_up = report.progress.phase == "live"
        for source in report.sources:
            self._say(f"source {source.name}", f"{source.name}: {source.detail}" if source.detail else "")

    def _on_look(self, look: Look, trouble: str, lines: Lines) -> None:
        self._say("configuration", trouble)
        for change in look.changes:
            if change.grade != "note" and "alarm" in (change.before, change.after):
                lines.add(self._line(change))
        for sent in look.deliveries:
            if sent.error:
                self._say(sent.channel, f"alert {sent.alert_id}: {sent.channel}: {sent.error}")

    def _line(self, change: Change) -> str:
        from tokentui.cli.watch.words import change_json, change_text

        if self._as_json:
            return change_json(change)
        return change_text(change, self._workspace.time_zone)

    def _say(self, about: str, trouble: str) -> None:
        """Print a trouble on standard error, once, and again only when it changes."""
        if trouble and self._said.get(about) != trouble:
            click.echo(f"tokentui: {trouble}", err=True)
        self._said[about] = trouble


def _exit_code(number: int) -> int:
    """The exit code: 0 after SIGTERM, by which a service is stopped in order."""
    return DONE if number == signal.SIGTERM else ended_by(number)


def _write_terminal(text: str) -> None:
    if sys.stderr.isatty():
        sys.stderr.write(text)
        sys.stderr.flush()


def _keep(database: Path, deliveries: Sequence[Delivery]) -> None:
    from tokentui.courier import keep_deliveries

    if deliveries:
        keep_deliveries(database, deliveries)
