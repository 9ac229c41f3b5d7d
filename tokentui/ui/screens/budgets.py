"""The budgets: how all of them stand, the past windows of one, and the keys to change them."""

from __future__ import annotations

from typing import ClassVar

from textual import getters, on
from textual.app import ComposeResult

from tokentui.config.settings import Budget
from tokentui.queries.budgets.screen import BudgetSide
from tokentui.ui.drawing.facts import facts
from tokentui.ui.drawing.lines import Line
from tokentui.ui.panes.budget_table import BudgetTable, BudgetText
from tokentui.ui.panes.dashboard.plan import plan_in_brief
from tokentui.ui.panes.session.trail import Trail
from tokentui.ui.questions import Answer, AskBudgets
from tokentui.ui.screens.live import LiveScreen


class BudgetsScreen(LiveScreen):
    """The table, and the budget under the cursor with its past."""

    AUTO_FOCUS: ClassVar[str | None] = "#budget-table"
    trail = getters.query_one(Trail)
    table = getters.query_one(BudgetTable)
    shown = getters.query_one(BudgetText)

    def __init__(self) -> None:
        super().__init__(name="budgets")
        self.question = AskBudgets()

    def compose_main(self) -> ComposeResult:
        """The trail, the table, one budget."""
        yield Trail().data_bind(LiveScreen.scene)
        yield BudgetTable(id="budget-table", classes="framed").data_bind(LiveScreen.scene)
        yield BudgetText(id="budget-past", classes="framed").data_bind(LiveScreen.scene)

    def watch_answer(self, answer: Answer | None) -> None:
        """Show the new figures."""
        self.trail.show(("budgets",), (self._figures(),))
        if isinstance(answer, BudgetSide):
            self.shown.side = answer
            self.table.set_rows(answer.now)
            self.table.redraw()

    def budget(self, name: str) -> Budget | None:
        """The budget of that name as it is set, or None."""
        budgets = self.answer.budgets if isinstance(self.answer, BudgetSide) else ()
        return next((budget for budget in budgets if budget.name == name), None)

    @property
    def has_shipped_ones(self) -> bool:
        """Whether none of the budgets is the user's own."""
        budgets = self.answer.budgets if isinstance(self.answer, BudgetSide) else ()
        return any(budget.is_default for budget in budgets)

    def _figures(self) -> Line:
        rows = self.answer.now if isinstance(self.answer, BudgetSide) else ()
        over = sum(row.spent >= row.limit for row in rows)
        running_out = sum(row.runs_out_at is not None and row.spent < row.limit for row in rows)
        snapshot = self.scene.snapshot if self.scene else None
        plan = plan_in_brief(snapshot.plan) if snapshot else []
        return facts((f"{over}", "over"), (f"{running_out}", "may run out"), *((words, "") for words in plan[:1]))

    @on(BudgetTable.Chosen)
    def show_chosen(self) -> None:
        """Show the budget under the cursor."""
        self.shown.row = self.table.cursor_row
        self.shown.begin(self.table.cursor_key)
