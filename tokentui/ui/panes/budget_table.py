"""The table of budgets, and one budget with its past windows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual.binding import BindingType
from textual.message import Message

from tokentui.queries.budgets.screen import BudgetSide
from tokentui.queries.budgets.standing import PastWindow
from tokentui.text import safe_text
from tokentui.ui import words
from tokentui.ui.charts.gauge import GaugeState, gauge, gauge_state
from tokentui.ui.drawing import help as texts
from tokentui.ui.drawing.columns import Column
from tokentui.ui.drawing.lines import Line, Piece, fold
from tokentui.ui.drawing.scrolling import ScrolledLines
from tokentui.ui.drawing.table import RowTable
from tokentui.ui.keymap import keys, spelled
from tokentui.ui.requests import ChangeBudget, RemoveBudget
from tokentui.ui.scene import Scene
from tokentui.watch.amounts import amount_text, bare_amount_text
from tokentui.watch.budget_facts import BudgetNow
from tokentui.watch.projection import how_reached


def _used(row: BudgetNow, *_: object) -> Line:
    return (_standing(gauge_state(row.spent / row.limit, row.thresholds)),)


def _standing(state: GaugeState) -> Piece:
    """`▲ 91% warn` in twelve cells, with the percentages aligned."""
    used, _, level = state.text.rpartition(" ")
    return f"{words.right(used, 7)} {words.left(level, 4)}", state.style


def _spent(row: BudgetNow, *_: object) -> Line:
    return ((bare_amount_text(row.spent, row.unit, row.is_lower_bound), ""),)


def _band(row: BudgetNow, *_: object) -> Line:
    low, high = bare_amount_text(row.projection.low, row.unit), bare_amount_text(row.projection.high, row.unit)
    return ((low if low == high else f"{low} to {high}", "muted"),)


def _out(row: BudgetNow, scene: Scene, _width: int) -> Line:
    if row.spent >= row.limit:
        return (("over", "bad"),)
    at = row.runs_out_at
    return ((words.moment(at, scene.now, scene.time_zone), "warn"),) if at else (("–", "muted"),)


COLUMNS: tuple[Column[BudgetNow], ...] = (
    Column("budget", "budget", 10, 0, lambda row, *_: ((safe_text(row.name), "strong"),), flush_right=False, share=1),
    Column("window", "window", 11, 3, lambda row, *_: ((row.window, ""),), flush_right=False),
    Column("scope", "scope", 12, 4, lambda row, *_: ((safe_text(row.scope), "muted"),), flush_right=False, share=2),
    Column("spent", "spent", 9, 1, _spent),
    Column("limit", "limit", 18, 2, lambda row, *_: ((amount_text(row.limit, row.unit), ""),)),
    Column("used", "", 12, 0, _used, flush_right=False),
    Column("band", "will be", 18, 5, _band),
    Column("out", "runs out", 9, 4, _out),
)


class BudgetTable(RowTable[BudgetNow]):
    """The table of budgets, one row each."""

    BINDINGS: ClassVar[list[BindingType]] = list(keys.bindings("budgets"))
    ENTER: ClassVar[str] = "change"
    HELP_TEXT: ClassVar = texts.PaneHelp(
        "budgets",
        "What may be spent in a day, a week, a month, or hours that move along; for everything, or for a project, a "
        "model, a session or a kind of agent. {drill} changes one. They stand in the configuration file, where they "
        "can be edited as well. Below: where the window will end, and how the windows before it ended.",
        (
            ("will be", "spent so far + pace × time left, at the recent pace, this window's own, and the week's"),
            ("runs out", "when the fastest of these paces reaches the limit, if that is before the window ends"),
            texts.MONEY,
        ),
    )

    class Chosen(Message):
        """Posted when the cursor is on another budget."""

    def key_of(self, row: BudgetNow) -> str:
        """The budget's name."""
        return row.name

    def columns(self, scene: Scene) -> Sequence[Column[BudgetNow]]:
        """All columns."""
        return COLUMNS

    def titles(self, scene: Scene, width: int) -> tuple[str, str]:
        """How many budgets there are."""
        is_shipped = bool(self.rows) and all(row.is_default for row in self.rows)
        return f"budgets · {len(self.rows)}", "default limits, only noted" if is_shipped else ""

    def empty_lines(self, scene: Scene, width: int, height: int) -> Sequence[Line]:
        """Which key adds a budget."""
        return [(), ((" no budgets set · ", "muted"), (spelled.first_key("add_budget", scene.keymap), "key"),
                     (" adds one", "muted"))]  # fmt: skip

    def _place_cursor(self, index: int) -> None:
        super()._place_cursor(index)
        self.post_message(self.Chosen())

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Refuse to remove where there is no budget."""
        return bool(self.rows) if action in ("open_row", "remove_budget") else True

    def open_row(self, row: BudgetNow) -> None:
        """Open the form with this budget."""
        self.post_message(ChangeBudget(row.name))

    def action_add_budget(self) -> None:
        """Open the form for a new budget."""
        self.post_message(ChangeBudget(""))

    def action_remove_budget(self) -> None:
        """Ask whether to remove the budget."""
        if row := self.cursor_row:
            self.post_message(RemoveBudget(row.name))


class BudgetText(ScrolledLines):
    """One budget: where its window will end, and how the past ones ended."""

    HELP_TEXT: ClassVar = BudgetTable.HELP_TEXT
    row: BudgetNow | None = None
    side: BudgetSide | None = None

    def titles(self, scene: Scene, width: int) -> tuple[str, str]:
        """The titles of the frame."""
        return (safe_text(self.row.name), "past windows, the newest first") if self.row else ("", "")

    def text(self, scene: Scene, width: int) -> Sequence[Line]:
        """The projection, then one line for each past window."""
        if self.row is None or self.side is None:
            return ()
        reached = fold(how_reached(self.row, self.side.as_of), max(20, width - 2))
        lines: list[Line] = [*(((f" {part}", "muted"),) for part in reached), ()]
        past = self.side.past.get(self.row.name, ())
        if not past:
            return [*lines, ((" no window before this one has any use", "muted"),)]
        return lines + [_window(window, self.row, scene, width) for window in past]


_LIMIT_OF_TODAY = "  against today's limit"


def _window(window: PastWindow, row: BudgetNow, scene: Scene, width: int) -> Line:
    """`Sat 21 Nov  ▄▄▄▖││  87% ▲ warn  $8.70 of $10.00`; which limit held where that was not kept."""
    start = window.start_at.astimezone(scene.time_zone)
    form = {"day": "%a %d %b", "week": "week %d %b", "month": "%B %Y"}.get(row.window, "%a %d %b %H:%M")
    used = window.spent / window.limit if window.limit else None
    spent = bare_amount_text(window.spent, row.unit, window.is_lower_bound)
    said = f"{words.right(spent, 9)} of {amount_text(window.limit, row.unit)}"
    has_room = width >= 106
    note = "" if window.is_kept or not has_room else _LIMIT_OF_TODAY
    bar = max(6, min(40, width - 63 - len(_LIMIT_OF_TODAY) * has_room))
    return (
        (f" {words.left(f'{start:{form}}', 16)} ", ""),
        *gauge(used, bar, thresholds=row.thresholds, alphabet=scene.alphabet),
        (" ", ""),
        _standing(gauge_state(used, row.thresholds)),
        (f" {said}", ""),
        (note, "muted"),
    )
