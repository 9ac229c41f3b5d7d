"""Sparklines: a trend in one row, the newest value rightmost."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from tokentui.ui.charts.alphabet import BLOCK, Alphabet, braille_cell
from tokentui.ui.charts.scale import finite, resample


def sparkline(
    values: Sequence[float | None], width: int, *, ceiling: float | None = None, alphabet: Alphabet = BLOCK
) -> str:
    """A trend in exactly `width` cells.

    None is a space, 0 the lowest glyph, anything above it more. The scale runs from 0 to `ceiling`, or to the
    greatest value. Values that do not fill the width leave blanks on the left; too many become means.
    """
    return _drawn(tuple(values), max(width, 0), ceiling, alphabet)


@lru_cache(256)  # the trend of a session that rests is the same in picture after picture
def _drawn(values: tuple[float | None, ...], width: int, ceiling: float | None, alphabet: Alphabet) -> str:
    columns = width * alphabet.columns
    clean = [finite(value) for value in values]
    fitted = resample(clean, columns) if len(clean) > columns else (None,) * (columns - len(clean)) + tuple(clean)
    top = finite(ceiling) or max((value for value in fitted if value is not None), default=0.0) or 1.0
    most = alphabet.levels - alphabet.splits_cells  # a full block would run into the trend of the row above
    levels = [_level(value, top, most) for value in fitted]
    return "".join(_glyph(levels[at : at + alphabet.columns], alphabet) for at in range(0, columns, alphabet.columns))


def _level(value: float | None, ceiling: float, most: int) -> int:
    if value is None:
        return 0
    return max(round(min(value / ceiling, 1.0) * most), 2) if value else 1


def _glyph(levels: Sequence[int], alphabet: Alphabet) -> str:
    if alphabet.columns == 2:
        return braille_cell((1 << levels[0]) - 1, (1 << levels[1]) - 1)
    return alphabet.rising[levels[0]]
