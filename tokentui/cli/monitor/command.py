"""`tokentui [DIR…]`: the live monitor, then the demo if the user asks for it there."""

from __future__ import annotations

import os
from pathlib import Path

import click

from tokentui.cli.monitor.opening import DEMO_ASKED_FOR, show
from tokentui.workspace import open_workspace


@click.command(name="monitor", hidden=True)
@click.argument("directories", nargs=-1, type=click.Path(exists=True, file_okay=False, path_type=Path))
def command(directories: tuple[Path, ...]) -> None:
    """Open the live monitor, on the usual places or on the directories given."""
    if show(open_workspace(os.environ, directories)) == DEMO_ASKED_FOR:
        from tokentui.cli.demo import play

        play()
