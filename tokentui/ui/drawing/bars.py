"""Bars within lines of text."""

from __future__ import annotations

from tokentui.ui.charts.alphabet import Alphabet
from tokentui.ui.charts.bars import share_of_one
from tokentui.ui.drawing.lines import Line


def bar(share: float, width: int, ink: str, alphabet: Alphabet, track: str = " ") -> Line:
    """A bar from the left, on a track."""
    text = share_of_one(share, width, alphabet=alphabet).rstrip()
    return (text, ink), (track * (width - len(text)), "track")
