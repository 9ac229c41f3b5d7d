"""Takes the text that Textual writes for a picture apart into cells."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import repeat
from typing import NamedTuple

from rich.cells import cell_len, get_character_cell_size

from tokentui.ui.terminal.styles import PLAIN

Cell = tuple[str, str]
"""A character, and the parameters of the `ESC [ … m` that styles it."""

_PICTURE = re.compile(r"(?:\x1b\[\d+;\d+H(?:[^\x00-\x1f\x7f-\x9f]|\x1b\[[\d;]*m)*\n?)+")
_MOVE = re.compile(r"\x1b\[(\d+);(\d+)H")
_STYLE = re.compile(r"\x1b\[([\d;]*)m")


class Strip(NamedTuple):
    """Cells from a place to the right; rows and columns are counted from 0."""

    row: int
    column: int
    cells: Sequence[Cell]
    even: int
    """How many of the first cells hold one character each.

    Terminals disagree on characters that take no cell or two. From the first of those on, one cell holds all the text
    that follows, with its styles, and the other cells hold nothing.
    """


def strips_of(written: str) -> list[Strip]:
    """The strips that a text draws; none if it does anything but write styled text at places.

    Each style is complete, as if it followed a reset.
    """
    if not _PICTURE.fullmatch(written):
        return []
    places = iter(_MOVE.split(written)[1:])
    return [
        Strip(int(row) - 1, int(column) - 1, *_cells(text.rstrip("\n")))
        for row, column, text in zip(places, places, places, strict=True)
    ]


def _cells(text: str) -> tuple[list[Cell], int]:
    """The cells of styled text, and how many of the first ones hold one character each."""
    cells: list[Cell] = []
    parts = iter([PLAIN, *_STYLE.split(text)])
    for style, part in zip(parts, parts, strict=True):
        if not _is_even(part):
            return [*cells, *_uneven([(style, part), *zip(parts, parts, strict=True)])], len(cells)
        if part:
            cells.extend(zip(part, repeat(style)))
    return cells, len(cells)


def _uneven(parts: Sequence[tuple[str, str]]) -> Iterator[Cell]:
    """The cells of styled texts that are written together or not at all."""
    yield "".join(f"\x1b[{style}m{text}" for style, text in parts), PLAIN
    yield from repeat(("", PLAIN), cell_len("".join(text for _, text in parts)) - 1)


def _is_even(text: str) -> bool:
    """Whether each character takes one cell, alone and beside the others."""
    return text.isascii() or _is_even_beyond_ascii(text)


@lru_cache(512)
def _is_even_beyond_ascii(text: str) -> bool:
    return cell_len(text) == len(text) and {*map(get_character_cell_size, text)} == {1}
