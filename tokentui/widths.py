"""How many cells of a terminal a text takes, and long text shortened to fit."""

from __future__ import annotations

import unicodedata

from tokentui.text import ELLIPSIS, INVISIBLE

_WIDE_SINCE_UNICODE_16 = ((0x2630, 0x2637), (0x268A, 0x268F), (0x4DC0, 0x4DFF), (0x1D300, 0x1D376))
"""Ranges of code points, (first, last), that are two cells wide though the tables of older Pythons say one."""
_PUNCTUATION = " ,;:·"
_SIGNS = "≥<$"
"""What stands before the digits of a number."""


def char_width(char: str) -> int:
    """Cells that one character takes in a terminal: 0, 1 or 2."""
    code = ord(char)
    if 0x20 <= code < 0x7F or 0x2500 <= code <= 0x25FC or 0x2800 <= code <= 0x28FF:
        return 1
    category = unicodedata.category(char)
    if category in ("Cc", "Cf", "Cs", "Mn", "Me", "Mc") or char in INVISIBLE:
        return 0
    if 0x1160 <= code <= 0x11FF or 0xD7B0 <= code <= 0xD7FF or 0x1F3FB <= code <= 0x1F3FF:
        return 0
    if any(first <= code <= last for first, last in _WIDE_SINCE_UNICODE_16):
        return 2
    if category == "Cn":
        return 2 if 0x1F000 <= code <= 0x1FBFF or 0x20000 <= code <= 0x3FFFD else 1
    return 2 if unicodedata.east_asian_width(char) in "WF" else 1


def cell_width(text: str) -> int:
    """Cells that a text takes in a terminal."""
    return len(text) if text.isascii() and text.isprintable() else sum(map(char_width, text))


def shorten_end(text: str, width: int) -> str:
    """The text in at most `width` cells, its end replaced by `…` where it is longer."""
    if cell_width(text) <= width:
        return text
    return _first_cells(text, width - 1) + ELLIPSIS if width > 0 else ""


def shorten_words(text: str, width: int) -> str:
    """As `shorten_end`, but a number at the cut is left out whole, and so is punctuation before the `…`.

    Part of `is at 130 %` would be another number (`is at 13…`), or one without its unit (`is at 130…`).
    """
    cut = shorten_end(text, width)
    if cut in (text, ""):
        return cut
    kept = cut.removesuffix(ELLIPSIS).rstrip(_PUNCTUATION)
    head, _, last = kept.rpartition(" ")
    if head and (any(map(str.isdigit, last)) or not last.strip(_SIGNS)):
        kept = head.rstrip(_PUNCTUATION)
    return kept + ELLIPSIS


def shorten_middle(text: str, width: int) -> str:
    """The text in at most `width` cells, its middle replaced by `…` where it is longer: a path keeps its end."""
    if cell_width(text) <= width:
        return text
    if width < 4:
        return shorten_end(text, width)
    head = (width - 1) // 3
    return _first_cells(text, head) + ELLIPSIS + _last_cells(text, width - 1 - head)


def _first_cells(text: str, width: int) -> str:
    used = 0
    for index, char in enumerate(text):
        used += char_width(char)
        if used > width:
            return text[:index]
    return text


def _last_cells(text: str, width: int) -> str:
    used, start = 0, len(text)
    for index in range(len(text) - 1, -1, -1):
        cells = char_width(text[index])
        used += cells
        if used > width:
            break
        if cells:
            start = index
    return text[start:]
