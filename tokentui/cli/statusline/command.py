"""`tokentui statusline`."""

from __future__ import annotations

import os
import sqlite3
import sys
from contextlib import closing
from datetime import UTC
from typing import NamedTuple

import click

from tokentui.cli.statusline.parts import status_line
from tokentui.cli.statusline.told import Told, read_told
from tokentui.config.settings import ConfigError, Settings
from tokentui.figures import format_bytes
from tokentui.file_trouble import is_there
from tokentui.fresh import read_few
from tokentui.ingest.news import has_new_rates, unread_logs
from tokentui.instants import ms_of
from tokentui.queries.live.status import Status, status_of
from tokentui.store.database import StoreError, open_reader, open_writer
from tokentui.store.plan_limits import record_plan_limits, unrecorded
from tokentui.text import safe_text
from tokentui.workspace import Workspace, make_workspace, open_workspace, utc_now

_WAIT_SECONDS = 0.05
"""How long to wait for another program's lock."""
MOST_UNREAD_BYTES = 1_000_000
"""More new bytes than this are not read here, or the line would be late."""
MOST_UNREAD_LOGS = 100
"""New lines in more logs than this are not read, for the same reason."""
_MOST_INPUT_BYTES = 1 << 20


class Look(NamedTuple):
    """Figures from the store."""

    status: Status
    is_behind: bool = False
    """Whether logs hold more than the store, so that figures are lower bounds."""
    trouble: str = ""


@click.command()
def command() -> int:
    """Print one line for Claude Code's status line, from the JSON that it gives on standard input.

    Plan limits that it tells are kept for the dashboard. The exit code is always 0; what is wrong, if anything,
    is said on standard error.
    """
    told = read_told(_input(), ms_of(utc_now()))
    workspace, trouble = _workspace()
    look = _look(workspace, told)
    with_colour = not os.environ.get("NO_COLOR")
    line = status_line(told, look.status, look.is_behind, workspace.clock(), workspace.time_zone, with_colour)
    click.echo(line, color=True)
    if reason := told.trouble or trouble or look.trouble:
        click.echo(f"tokentui: {safe_text(reason, 500)}", err=True)
    return 0


def _input() -> bytes:
    if sys.stdin is None or sys.stdin.isatty():
        return b""
    try:
        return sys.stdin.buffer.read(_MOST_INPUT_BYTES)
    except (OSError, ValueError):
        return b""


def _workspace() -> tuple[Workspace, str]:
    """The workspace, with the shipped settings if the user's cannot be read."""
    try:
        return open_workspace(os.environ), ""
    except ConfigError as error:
        return make_workspace(os.environ, Settings(), UTC), str(error)


def _look(workspace: Workspace, told: Told) -> Look:
    database, settings = workspace.home.database, workspace.settings
    try:
        if not is_there(database):
            return Look(Status(), trouble="nothing is counted yet; `tokentui ingest` reads the logs once")
        with closing(open_reader(database, _WAIT_SECONDS)) as reader:
            locked = _record(reader, workspace, told)
            is_behind, trouble = _catch_up(reader, workspace, locked)
            status = status_of(reader, told.session_id, settings.budgets, workspace.clock(), workspace.time_zone,
                               settings.week_start)  # fmt: skip
    except (StoreError, sqlite3.Error, OSError) as error:
        return Look(Status(), trouble=str(error))
    except Exception as error:  # a bug must not take the line away
        from tokentui.cli.crash import note_crash

        return Look(Status(), trouble=note_crash(error))
    return Look(status, is_behind, trouble)


def _record(reader: sqlite3.Connection, workspace: Workspace, told: Told) -> str:
    """Store the plan's limits; returns why that failed, empty if it did not. They will come again."""
    new = unrecorded(reader, told.limits)
    if not new:
        return ""
    try:
        with closing(open_writer(workspace.home.database, _WAIT_SECONDS)) as writer:
            record_plan_limits(writer, new)
    except (StoreError, sqlite3.Error) as error:
        return str(error)
    return ""


def _catch_up(reader: sqlite3.Connection, workspace: Workspace, locked: str) -> tuple[bool, str]:
    """Read what is new if that is little: (whether the store is still behind, what is wrong)."""
    changed, size_bytes = unread_logs(reader, workspace.sources)
    if has_new_rates(reader, workspace.price_sources):
        return bool(changed), locked or "prices have changed; `tokentui ingest` prices the history anew"
    if not changed or locked:
        return bool(changed), locked
    if size_bytes > MOST_UNREAD_BYTES or len(changed) > MOST_UNREAD_LOGS:
        return True, f"{len(changed):,} logs hold {format_bytes(size_bytes)} more; `tokentui ingest` reads them"
    try:
        read_few(workspace, changed, _WAIT_SECONDS)
    except StoreError as error:
        return True, str(error)
    return False, ""
