"""`tokentui ingest`."""

from __future__ import annotations

import os
import sys
import time

import click

from tokentui.cli.signals import stoppable
from tokentui.cli.trouble import note_trouble
from tokentui.exit_codes import DONE
from tokentui.figures import format_bytes, format_duration_ms, plural
from tokentui.fresh import bring_up_to_date
from tokentui.ingest.catch_up import Progress
from tokentui.workspace import open_workspace

_BAR_CELLS = 24
_DRAW_SECONDS = 0.1


@click.command()
def command() -> int:
    """Read what is new in all session logs. Ctrl-C stops it cleanly: what was read is kept, the next run goes on."""
    workspace = open_workspace(os.environ)
    bar = ProgressBar(sys.stderr.isatty())
    with stoppable() as stop:
        caught_up = bring_up_to_date(workspace, stop.is_asked, bar.show)
    bar.clear()
    note_trouble(caught_up)
    progress = caught_up.progress
    if progress is None:
        return DONE
    if stop.is_asked.is_set() and progress.bytes_read < progress.bytes_total:
        click.echo(f"stopped; {summary(progress)}, {_left(progress)} left for the next run", err=True)
        return stop.exit_code
    click.echo(summary(progress), err=True)
    return DONE


def summary(progress: Progress) -> str:
    """One line about what was read."""
    responses, logs = plural(progress.responses_added, "new response"), plural(progress.logs_read, "log")
    size = format_bytes(progress.bytes_read)
    return f"{responses} from {logs} with news ({size} in {format_duration_ms(progress.seconds * 1000)})"


def _left(progress: Progress) -> str:
    return format_bytes(progress.bytes_total - progress.bytes_read)


class ProgressBar:
    """A progress line on standard error, redrawn in place; nothing if that is no terminal."""

    def __init__(self, is_terminal: bool) -> None:
        self._is_terminal = is_terminal
        self._draw_at = 0.0
        self._is_drawn = False

    def show(self, progress: Progress) -> None:
        """Draw the line, unless it was drawn a moment ago."""
        now = time.monotonic()
        if self._is_terminal and now >= self._draw_at:
            self._draw_at = now + _DRAW_SECONDS
            self._is_drawn = True
            sys.stderr.write(f"\r{bar_text(progress)}\x1b[K")
            sys.stderr.flush()

    def clear(self) -> None:
        """Clear the line."""
        if self._is_drawn:
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()


def bar_text(progress: Progress) -> str:
    """`███░░░  45 %  1.2 GB of 2.6 GB  8s left`."""
    share = progress.bytes_read / progress.bytes_total if progress.bytes_total else 1.0
    full = int(share * _BAR_CELLS)
    sizes = f"{format_bytes(progress.bytes_read)} of {format_bytes(progress.bytes_total)}"
    eta = progress.eta_seconds
    left = "" if eta is None else f"  {format_duration_ms(eta * 1000)} left"
    return f"{'█' * full}{'░' * (_BAR_CELLS - full)} {share:4.0%}  {sizes}{left}  Ctrl-C stops"
