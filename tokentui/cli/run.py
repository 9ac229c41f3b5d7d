"""One run of the command line: every failure becomes one line on standard error and an exit code."""

from __future__ import annotations

import io
import os
import sqlite3
import sys
from collections.abc import Sequence
from itertools import pairwise

import click

from tokentui.cli.commands import MONITOR, tokentui
from tokentui.config.settings import ConfigError
from tokentui.exit_codes import DONE, FAILED, INTERRUPTED
from tokentui.file_trouble import DISK_FULL
from tokentui.store.database import StoreError


def run(arguments: Sequence[str]) -> int:
    """Run a command and return its exit code; raises nothing."""
    _open_what_is_closed()
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")  # print `?` for what the terminal cannot show
    try:
        return _run(list(arguments))
    except BrokenPipeError:
        return DONE  # the reader of the pipe has closed it


def _open_what_is_closed() -> None:
    """Open closed standard streams on nothing, so that no file opened later gets their numbers."""
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            nowhere = os.open(os.devnull, os.O_RDWR)
            setattr(sys, name, open(nowhere, mode, encoding="utf-8", closefd=False))  # noqa: SIM115 - it stays open


def _run(arguments: list[str]) -> int:
    try:
        code = _invoke(arguments)
        sys.stdout.flush()
        return code
    except click.ClickException as error:
        return _fail(error.format_message(), error.exit_code, error)
    except (click.Abort, KeyboardInterrupt):
        return INTERRUPTED
    except (ConfigError, StoreError) as error:
        lines = error.lines if isinstance(error, ConfigError) else (str(error),)
        return max(_fail(line, FAILED) for line in lines)
    except BrokenPipeError:
        raise
    except (OSError, sqlite3.Error) as error:
        return _fail(_told(error), FAILED)
    except Exception as error:  # the one place that turns a bug into a line instead of a traceback
        from tokentui.cli.crash import note_crash

        return _fail(note_crash(error), FAILED)


def _told(error: OSError | sqlite3.Error) -> str:
    """An error in one line; a full disk without a file name means that the output cannot be written."""
    if isinstance(error, OSError) and error.errno in DISK_FULL and error.filename is None:
        return "the output cannot be written, the disk is full; free some space and run it again"
    return f"{error}; `tokentui doctor` tells more"


def _invoke(arguments: list[str]) -> int:
    """Run the command as click's `main` does, but without ending the process; completion is left to click's own."""
    _refuse_empty(arguments)
    if "_TOKENTUI_COMPLETE" in os.environ:
        tokentui.main(arguments, prog_name="tokentui")
    try:
        with tokentui.make_context("tokentui", arguments) as context:
            code = tokentui.invoke(context)
    except click.exceptions.Exit as left:
        return left.exit_code
    return code if isinstance(code, int) else DONE


def _refuse_empty(arguments: list[str]) -> None:
    """Refuse empty values: from an unset variable, they would mean no filter, and so everything."""
    for before, argument in pairwise(["", *arguments]):
        option, is_one, value = argument.partition("=")
        if argument == "" or (is_one and not value and option.startswith("--")):
            named = option or (before if before.startswith("-") else "an argument")
            raise click.UsageError(
                f"{named} is empty, as from a variable that is not set: name something or leave it out"
            )


def _fail(message: str, code: int, error: click.ClickException | None = None) -> int:
    context = getattr(error, "ctx", None)
    hint = f" (see `{context.command_path.removesuffix(f' {MONITOR}')} --help`)" if context is not None else ""
    line = " ".join(message.split())
    click.echo(f"tokentui: {line}{hint}", err=True)
    return code
