"""A table that sorts its rows itself: a key or a click on a header chooses the order."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Generic

from textual.binding import BindingType

from tokentui.ui.drawing.columns import Row
from tokentui.ui.drawing.table import RowTable
from tokentui.ui.keymap import keys
from tokentui.ui.scene import Scene


@dataclass(frozen=True, slots=True)
class Order(Generic[Row]):
    """One way to sort."""

    id: str
    """Equal to the `sort` of the column that it sorts by."""
    name: str
    key: Callable[[Row], Any]
    """Sort key of a row; the row with the smallest comes first."""


class OrderedTable(RowTable[Row]):
    """Subclasses say which orders there are; the table starts with the first."""

    BINDINGS: ClassVar[list[BindingType]] = list(keys.bindings("ordered"))

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id, classes=classes)
        self._place = 0
        self._taken: Sequence[Row] = ()

    def orders(self) -> Sequence[Order[Row]]:
        """All orders."""
        raise NotImplementedError

    @property
    def order(self) -> Order[Row]:
        """The present order."""
        return self.orders()[self._place]

    def take_rows(self, rows: Sequence[Row]) -> None:
        """Take new rows and sort them; the same tuple again changes nothing."""
        if rows is not self._taken:
            self._taken = rows
            self._sort()

    def _sort(self) -> None:
        self.set_rows(sorted(self._taken, key=self.order.key))
        self.redraw()

    def sorted_by(self, scene: Scene) -> tuple[str, bool]:
        """The present order, which is never reversed."""
        return self.order.id, False

    def sort_asked(self, sort: str) -> None:
        """Sort by the column whose header was clicked."""
        self._place = next(place for place, order in enumerate(self.orders()) if order.id == sort)
        self._sort()

    def action_next_order(self) -> None:
        """Take the next order, around, and put the cursor on the top row."""
        self._place = (self._place + 1) % len(self.orders())
        self._sort()
        self.action_move_to_end(-1)
