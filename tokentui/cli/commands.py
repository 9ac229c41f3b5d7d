"""The commands by name; each is imported only when it is called, so that every start is quick."""

from __future__ import annotations

import gc
from importlib import import_module
from pathlib import Path

import click

from tokentui import __version__

_COMMANDS = {
    "demo": "Watch a made-up agent run; touches no real state.",
    "report": "What was used and what it costs, by time, session, project, model or agent.",
    "session": "What a session did: turns, cache rebuilds and why, tools, context.",
    "query": "The named analyses: list them, run one, or print its SQL.",
    "compare": "Two sessions, projects, weeks or models side by side.",
    "advise": "Where money could be saved, and how that is reckoned.",
    "export": "Responses, minutes, sessions or alerts as CSV or JSON lines.",
    "prices": "The rates in force, a model's prices over time, and newer ones on request.",
    "budget": "Budgets: list them, set and remove them, check them in a hook or in CI.",
    "alerts": "What the runaway rules raised; check, acknowledge, mute, and try out where they are told.",
    "watch": "Follow all logs and raise alarms without a screen, for a server.",
    "statusline": "One line for Claude Code's status line; keeps the plan limits it is told.",
    "ingest": "Read what is new in all session logs, without a screen.",
    "billing": "What Anthropic billed, beside what the logs come to at list price.",
    "reconcile": "Logs, API and exports side by side, and why they differ.",
    "sync": "Fetch usage and cost from Anthropic's Admin API.",
    "import": "Read token and cost exports of the console.",
    "doctor": "Where it looked, what it found, what is wrong and how to mend it.",
}
MONITOR = "monitor"
"""The name of the command that runs when the line names none; nobody types it."""
NEW_OBJECTS = 25_000
"""New objects before Python collects garbage: a short command creates fewer, and most are freed without that."""
_MODULES = {
    "import": "import_files",  # a word of Python's
    **{name: f"{name}.command" for name in (MONITOR, "budget", "alerts", "watch", "statusline", "reconcile")},
}
"""The modules of commands that are not named after them, or have a folder."""


class Commands(click.Group):
    """A group whose commands are loaded by name; anything else on the line is a directory for the monitor."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The names of the commands, in the order of the help."""
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Load a command."""
        if cmd_name not in _COMMANDS and cmd_name != MONITOR:
            return None
        command = import_module(f"tokentui.cli.{_MODULES.get(cmd_name, cmd_name)}").command
        gc.freeze()
        gc.set_threshold(NEW_OBJECTS)
        gc.enable()
        return command if isinstance(command, click.Command) else None

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """The monitor, if the line names no command."""
        first = args[0] if args else ""
        if first not in (*_COMMANDS, "--help", "-h", "--version"):
            _check_directory(first, ctx)
            args = [MONITOR, *args]
        return super().parse_args(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The list in the help, made without loading any command."""
        with formatter.section("Commands"):
            formatter.write_dl(list(_COMMANDS.items()))


def _check_directory(word: str, ctx: click.Context) -> None:
    """Refuse a word that is neither a command nor a directory: it is most likely a misspelt command."""
    if not word or word.startswith("-") or Path(word).expanduser().is_dir():
        return
    from difflib import get_close_matches

    near = get_close_matches(word, _COMMANDS, 1)
    hint = f"; did you mean `{near[0]}`?" if near else ""
    raise click.UsageError(f"{word!r} is neither a command nor a directory{hint}", ctx)


@click.group(cls=Commands, context_settings={"help_option_names": ["--help", "-h"]}, options_metavar="",
             subcommand_metavar="[DIR...] | COMMAND ...")  # fmt: skip
@click.version_option(__version__, message="tokentui %(version)s")
def tokentui() -> None:
    """Watch what Claude agents burn: exact, live, and cheap to leave open.

    Without a command it opens the live monitor, on the usual places where Claude Code keeps its session logs
    or on the directories given. When standard output is no terminal it prints today's report instead.
    """
