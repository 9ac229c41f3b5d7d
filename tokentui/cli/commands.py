"""The commands by name; each is loaded only when it is called, so that a start pays for nothing else."""

from __future__ import annotations

from importlib import import_module
from typing import Any

import click

from tokentui import __version__

_COMMANDS = {
    "report": "What was used and what it costs, by time, session, project, model or agent.",
}
MONITOR = "monitor"


class Commands(click.Group):
    """A group whose commands are loaded by name; anything else on the line is a directory for the monitor."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """In the order of the help."""
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Load a command."""
        if cmd_name not in _COMMANDS and cmd_name != MONITOR:
            return None
        command = import_module(f"tokentui.cli.{cmd_name}").command
        return command if isinstance(command, click.Command) else None


@click.group(cls=Commands)
@click.version_option(__version__, message="tokentui %(version)s")
def tokentui(**_: Any) -> None:
    """Watch what Claude agents burn: exact, live, and cheap to leave open."""
