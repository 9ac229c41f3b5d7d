"""`tokentui demo`: the monitor on a made-up run, in a folder that is removed afterwards."""

from __future__ import annotations

import os
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from tokentui.cli.monitor.opening import show
from tokentui.cli.signals import answering, leave
from tokentui.config.load import load_settings
from tokentui.config.settings import Settings
from tokentui.config.zones import find_zone
from tokentui.demo.cast import BUDGETS
from tokentui.demo.plan import tell_plan
from tokentui.demo.player import play_into, write_history
from tokentui.home import home_in
from tokentui.transcripts.sources import sources
from tokentui.workspace import Workspace, utc_now


@click.command(name="demo")
def command() -> None:
    """Watch a made-up agent run, storm included. It touches no real state and leaves nothing behind."""
    play()


def play() -> None:
    """Play the made-up run until the user leaves or a signal ends it, and remove its folder in either case."""
    with answering(leave), made_up_workspace() as workspace:
        show(workspace)


@contextmanager
def made_up_workspace() -> Iterator[Workspace]:
    """A workspace in a temporary folder, in which a made-up run plays while it is open."""
    with tempfile.TemporaryDirectory(prefix="tokentui-demo-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        logs_dir = folder / "claude"
        zone = find_zone("", os.environ)
        (logs_dir / "projects").mkdir(parents=True)
        write_history(logs_dir, utc_now(), zone=zone)
        found = sources([logs_dir], {}, folder)
        state = home_in(folder / "state")
        settings = _settings_in(state.config_file)
        with _playing(logs_dir, state.database):
            yield Workspace(state, settings, found, lambda: found, zone, is_demo=True)


def _settings_in(config_file: Path) -> Settings:
    """Write the demo's settings to a file like a user's, so that a change on screen keeps the others."""
    config_file.parent.mkdir(parents=True)
    tables = (
        f'[[budgets]]\nname = "{budget.name}"\nlimit = {budget.limit:.0f}\n'
        f'unit = "{budget.unit}"\nwindow = "{budget.window}"\n'
        for budget in BUDGETS
    )
    config_file.write_text("\n".join(tables), encoding="utf-8")
    return load_settings(config_file)


@contextmanager
def _playing(logs_dir: Path, database: Path) -> Iterator[None]:
    """Start the threads that write the live part of the run and the plan's limits."""
    stop = threading.Event()
    threads = [
        threading.Thread(target=play_into, args=(logs_dir, stop), name="demo", daemon=True),
        threading.Thread(target=tell_plan, args=(database, stop), name="demo plan", daemon=True),
    ]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        stop.set()
        for thread in threads:
            thread.join()
