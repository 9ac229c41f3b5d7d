"""Small tables and lengths of time as plain text: for commands that must answer in a fraction of a second."""

from __future__ import annotations

import re
from collections.abc import Sequence

import click

from tokentui.text import cell_width

_DURATION = re.compile(r"(\d{1,5})\s*([smhd])")
_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86_400}


def print_columns(headers: Sequence[str], rows: Sequence[Sequence[str]], right: frozenset[int] = frozenset()) -> None:
    """Print rows below headers, columns two cells apart; those named in `right` end alike."""
    widths = [max(cell_width(line[place]) for line in (headers, *rows)) for place in range(len(headers))]
    for line in (headers, *rows):
        cells = [
            _padded(text, width, place in right) for place, (text, width) in enumerate(zip(line, widths, strict=True))
        ]
        click.echo("  ".join(cells).rstrip())


def _padded(text: str, width: int, is_right: bool) -> str:
    space = " " * (width - cell_width(text))
    return space + text if is_right else text + space


def parse_seconds(text: str) -> int:
    """`90s`, `30m`, `1h`, `2d`. Raises ValueError."""
    found = _DURATION.fullmatch(text.strip().lower())
    if found is None or not int(found[1]):
        raise ValueError(f"{text!r} is no length of time: expected one such as 30m, 1h or 2d")
    return int(found[1]) * _SECONDS[found[2]]
