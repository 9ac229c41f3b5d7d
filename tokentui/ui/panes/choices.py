"""The sessions, projects, weeks or models that can be compared."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import ClassVar

from textual.binding import BindingType
from textual.message import Message

from tokentui.figures import format_count
from tokentui.queries.compare.screen import Choice, Comparison
from tokentui.text import safe_text
from tokentui.ui import words
from tokentui.ui.drawing.columns import Column
from tokentui.ui.drawing.lines import Line
from tokentui.ui.drawing.table import RowTable
from tokentui.ui.keymap import keys
from tokentui.ui.panes.compare import HELP
from tokentui.ui.scene import Scene
from tokentui.widths import shorten_middle


def _tokens(row: Choice, _scene: Scene, _width: int) -> Line:
    return ((format_count(row.total_tokens, bool(row.money.lower_bound_responses)), ""),)


def _used(row: Choice, scene: Scene, _width: int) -> Line:
    at = datetime.fromtimestamp(row.last_at_ms / 1000, UTC)
    return ((words.moment(at, scene.now, scene.time_zone), "muted"),)


class ChoicesPane(RowTable[Choice]):
    """The table of choices, one row each."""

    BINDINGS: ClassVar[list[BindingType]] = list(keys.bindings("compare"))
    ENTER: ClassVar[str] = "to the right"
    HELP_TEXT: ClassVar = HELP

    class Chosen(Message):
        """Posted to put a choice on the left (0) or on the right (1)."""

        def __init__(self, side: int, name: str) -> None:
            super().__init__()
            self.side, self.name = side, name

    class NextKind(Message):
        """Posted to compare the next kind."""

    comparison: Comparison | None = None

    def take(self, comparison: Comparison) -> None:
        """Show the new choices."""
        self.comparison = comparison
        self.set_rows(comparison.choices)
        self.redraw()

    def key_of(self, row: Choice) -> str:
        """The choice's name."""
        return row.name

    def open_row(self, row: Choice) -> None:
        """Put the choice on the right."""
        self.action_choose(1)

    def action_choose(self, side: int) -> None:
        """Put the row under the cursor on a side."""
        if row := self.cursor_row:
            self.post_message(self.Chosen(side, row.name))

    def action_next_kind(self) -> None:
        """Ask for the next kind."""
        self.post_message(self.NextKind())

    def columns(self, scene: Scene) -> Sequence[Column[Choice]]:
        """All columns; a sign says which row is on which side."""
        sides = [side.name for side in self.comparison.sides] if self.comparison else []
        kind = self.comparison.kind if self.comparison else ""

        def side(row: Choice, _scene: Scene, _width: int) -> Line:
            return ((" ".join(str(place) for place, name in enumerate(sides, 1) if name == row.name), "accent"),)

        def label(row: Choice, _scene: Scene, width: int) -> Line:
            text = words.fitting(width, row.label, row.name) if kind == "week" else safe_text(row.label)
            return ((shorten_middle(text, width) if kind == "project" else text, ""),)

        return (
            Column("side", "", 3, 0, side, flush_right=False),
            Column("label", kind, 16, 0, label, flush_right=False, share=1),
            Column("responses", "responses", 9, 2, lambda row, *_: ((f"{row.responses:,}", ""),)),
            Column("tokens", "tokens", 7, 1, _tokens),
            Column("cost", "cost", 8, 0, lambda row, *_: ((words.money(row.money), "strong"),)),
            Column("used", "last use", 9, 3, _used),
        )

    def titles(self, scene: Scene, width: int) -> tuple[str, str]:
        """How many choices there are, and in which order."""
        if self.comparison is None:
            return "to compare", ""
        kind = self.comparison.kind
        order = "newest first" if kind in ("session", "week") else "costliest first"
        return words.plural(len(self.rows), kind), order
