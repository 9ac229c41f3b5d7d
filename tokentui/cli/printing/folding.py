"""Sentences folded between words to the width of the terminal, which breaks them anywhere."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterable

import click

from tokentui.widths import cell_width


def terminal_width() -> int | None:
    """Cells of the terminal on standard output; None if that is no terminal."""
    return shutil.get_terminal_size().columns if sys.stdout.isatty() else None


def print_folded(text: str, indent: str = "") -> None:
    """Print a sentence; on a terminal in lines that fit, broken between words, all but the first indented further."""
    room = terminal_width()
    line = indent
    for word in text.split(" "):
        longer = f"{line} {word}" if line.strip() else line + word
        if room and line.strip() and cell_width(longer) > room:
            click.echo(line)
            longer = f"{indent}  {word}"
        line = longer
    click.echo(line)


def print_text(lines: Iterable[str]) -> None:
    """Print lines that may be indented, each folded by itself."""
    for line in lines:
        text = line.lstrip(" ")
        print_folded(text, line[: len(line) - len(text)])
