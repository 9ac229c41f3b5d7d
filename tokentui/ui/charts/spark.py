"""Sparklines: a trend in one row or a few, the newest value rightmost."""

from __future__ import annotations

from collections.abc import Sequence

from tokentui.ui.charts.alphabet import BLOCK, Alphabet, braille_cell
from tokentui.ui.charts.scale import finite, resample


def sparkline(
    values: Sequence[float | None], width: int, *, ceiling: float | None = None, alphabet: Alphabet = BLOCK
) -> str:
    """A trend in exactly `width` cells of one row; see `spark_rows`."""
    return spark_rows(values, width, 1, ceiling=ceiling, alphabet=alphabet)[0]


def spark_rows(
    values: Sequence[float | None],
    width: int,
    height: int,
    *,
    ceiling: float | None = None,
    alphabet: Alphabet = BLOCK,
) -> tuple[str, ...]:
    """A trend in `height` rows of `width` cells, top row first.

    None is a space, 0 the lowest glyph, anything above it more. The scale runs from 0 to `ceiling`, or to the
    greatest value. Values that do not fill the width leave blanks on the left; too many become means.
    """
    columns = max(width, 0) * alphabet.columns
    clean = [finite(value) for value in values]
    fitted = resample(clean, columns) if len(clean) > columns else (None,) * (columns - len(clean)) + tuple(clean)
    most = max(height, 0) * alphabet.levels
    top = finite(ceiling) or max((value for value in fitted if value is not None), default=0.0) or 1.0
    levels = [_level(value, top, most) for value in fitted]
    return tuple(
        "".join(
            _glyph(levels[at : at + alphabet.columns], row * alphabet.levels, alphabet)
            for at in range(0, columns, alphabet.columns)
        )
        for row in range(height - 1, -1, -1)
    )


def _level(value: float | None, ceiling: float, most: int) -> int:
    if value is None:
        return 0
    return max(round(min(value / ceiling, 1.0) * most), 2) if value else 1


def _glyph(levels: Sequence[int], low: int, alphabet: Alphabet) -> str:
    filled = [min(max(level - low, 0), alphabet.levels) for level in levels]
    if alphabet.columns == 2:
        return braille_cell((1 << filled[0]) - 1, (1 << filled[1]) - 1)
    return alphabet.rising[filled[0]]
