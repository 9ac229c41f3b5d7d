"""The three graph alphabets: the glyphs that charts are made of, by what the terminal can show."""

from __future__ import annotations

from typing import Literal, NamedTuple

AlphabetName = Literal["auto", "braille", "block", "ascii"]

_BRAILLE_DOTS = ((0x40, 0x04, 0x02, 0x01), (0x80, 0x20, 0x10, 0x08))
"""Bits of the left and the right dot column, from the bottom up."""


class Alphabet(NamedTuple):
    """Glyphs of one kind. `rising` and `growing` run from an empty cell to a full one."""

    name: Literal["braille", "block", "ascii"]
    columns: int
    """Values side by side in one cell."""
    rising: tuple[str, ...]
    """A cell filled from below, by level; its length less one is the number of levels."""
    growing: tuple[str, ...]
    """A cell filled from the left, for bars."""
    fills: tuple[str, ...]
    """Whole cells that differ without colour, one for each place in a stack."""
    y_line: str
    y_tick: str
    corner: str
    x_line: str
    x_tick: str
    gap: str
    track: str
    mark: str
    pace: str
    has_patterns: bool
    """Whether each place in a stack has its own fill as well as its own colour."""

    @property
    def levels(self) -> int:
        """Steps in the height of one cell."""
        return len(self.rising) - 1

    @property
    def splits_cells(self) -> bool:
        """Whether foreground and background can share a cell at any of its levels."""
        return self.name == "block"


def braille_cell(left: int, right: int) -> str:
    """The glyph whose dots are the bits of `left` and `right`, bit 0 at the bottom, four each."""
    code = 0x2800
    for bits, dots in zip((left, right), _BRAILLE_DOTS, strict=True):
        code |= sum(dot for height, dot in enumerate(dots) if bits >> height & 1)
    return chr(code) if code > 0x2800 else " "


_LOW_HALVES = tuple(" ▖▄")  # half a line high, so that bars on adjacent lines stay apart
_LINES = {
    "y_line": "│",
    "y_tick": "┤",
    "corner": "┼",
    "x_line": "─",
    "x_tick": "┬",
    "gap": "·",
    "track": "▁",
    "mark": "│",
    "pace": "┃",
}
BLOCK = Alphabet("block", 1, tuple(" ▁▂▃▄▅▆▇█"), _LOW_HALVES, tuple("█▓▒░▞▚"), has_patterns=False, **_LINES)
BRAILLE = Alphabet("braille", 2, tuple(" ⣀⣤⣶⣿"), _LOW_HALVES, tuple("⣿⣺⡪⡂⣉⡇"), has_patterns=False, **_LINES)
ASCII = Alphabet(
    "ascii",
    1,
    tuple(" _.:#"),
    (" ", "#"),
    tuple("#=+%ox"),
    "|",
    "+",
    "+",
    "-",
    "+",
    ".",
    "-",
    "+",
    "|",
    has_patterns=True,
)

_BY_NAME = {alphabet.name: alphabet for alphabet in (BLOCK, BRAILLE, ASCII)}
_POOR_TERMINALS = ("dumb", "linux", "vt", "cons", "ansi", "sun", "unknown")


def choose_alphabet(
    name: AlphabetName, encoding: str = "utf-8", term: str = "", *, has_colour: bool = True
) -> Alphabet:
    """The alphabet of that name; `auto` takes blocks where encoding and `TERM` promise them, else ASCII.

    Without colour it has patterns: nothing else would tell the parts of a stack apart.
    """
    found = _named(name, encoding, term)
    return found if has_colour else found._replace(has_patterns=True)


def _named(name: AlphabetName, encoding: str, term: str) -> Alphabet:
    if name != "auto":
        return _BY_NAME[name]
    is_unicode = encoding.lower().replace("-", "").replace("_", "") in ("utf8", "utf16", "utf32", "utf8sig")
    return BLOCK if is_unicode and not term.lower().startswith(_POOR_TERMINALS) else ASCII
