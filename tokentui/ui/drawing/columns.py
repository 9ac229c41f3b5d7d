"""The columns of a table on the screen, and which of them there is room for."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Generic, NamedTuple, TypeVar

from tokentui.ui.drawing.lines import Line
from tokentui.ui.scene import Scene

Row = TypeVar("Row")


class Column(NamedTuple, Generic[Row]):
    """How one column of a table looks, and which columns go before it where there is no room."""

    id: str
    title: str
    width: int
    """Cells; for a flexible column the least it needs."""
    rank: int
    """The highest rank is dropped first; 0 is never dropped."""
    cell: Callable[[Row, Scene, int], Line]
    """What stands in a row, given the width."""
    flush_right: bool = True
    share: int = 0
    """Parts of the spare room it takes; 0 for a fixed column."""
    sort: str = ""
    """The sort that a click on the header asks for."""
    ease: int = 0
    """Cells it should have before optional columns are shown."""
    is_drawing: bool = False
    """Whether its cells are drawings, which keep their own inks under the cursor."""


OPTIONAL_RANK = 5
"""From this rank on a column is optional: shown only while all others have at least the width of their `ease`."""


def fit_columns(columns: Sequence[Column[Row]], width: int) -> list[tuple[Column[Row], int]]:
    """The columns that have room, in order, each with its width; one blank between two."""
    kept = _without_worst(columns, width, OPTIONAL_RANK, at_ease=True)
    kept = _without_worst(kept, width, 1, at_ease=False)
    spare, shares = max(0, width - _needed(kept)), sum(column.share for column in kept)
    widths = [column.width + (spare * column.share // shares if shares else 0) for column in kept]
    if shares:
        widest = max(range(len(kept)), key=lambda index: kept[index].share)
        widths[widest] += width - sum(widths) - len(kept) + 1
    return [(column, max(1, wide)) for column, wide in zip(kept, widths, strict=True)]


def _without_worst(columns: Sequence[Column[Row]], width: int, from_rank: int, *, at_ease: bool) -> list[Column[Row]]:
    """The columns less those of the highest ranks, until the others fit."""
    kept = list(columns)
    while _needed(kept, at_ease=at_ease) > width:
        worst = max(kept, key=lambda column: column.rank)
        if worst.rank < from_rank:
            break
        kept.remove(worst)
    return kept


def _needed(columns: Sequence[Column[Row]], *, at_ease: bool = False) -> int:
    return sum(max(column.width, column.ease * at_ease) for column in columns) + len(columns) - 1
