"""What the app does about budgets: their screen, the form, and the question before one is removed."""

from __future__ import annotations

from textual import on

from tokentui.ui import requests
from tokentui.ui.bases.past import PastApp
from tokentui.ui.ports import BudgetBook, Watch

SHIPPED = "Your first budget takes the place of all shipped ones."
NO_BOOK = "budgets cannot be changed here; edit the configuration file"


class BudgetingApp(PastApp):
    """Opens the budgets and the form; without a `BudgetBook` budgets are shown and cannot be changed."""

    def __init__(self, watch: Watch | None, book: BudgetBook | None) -> None:
        super().__init__(watch)
        self._book = book

    def action_budgets(self) -> None:
        """Open the budgets screen, or go back to it."""
        from tokentui.ui.screens.budgets import BudgetsScreen

        self.open_one(BudgetsScreen())

    @on(requests.ChangeBudget)
    def change_budget(self, message: requests.ChangeBudget) -> None:
        """Open the form with this budget, or an empty one for a new budget."""
        from tokentui.config.budget_drafts import draft_of
        from tokentui.ui.screens.budget_form import NEW, BudgetForm
        from tokentui.ui.screens.budgets import BudgetsScreen

        screen = self.screen
        if self._book is None:
            self.notify(NO_BOOK, markup=False)
        elif isinstance(screen, BudgetsScreen):
            budget = screen.budget(message.name)
            note = SHIPPED if screen.has_shipped_ones else ""
            self.push_screen(BudgetForm(draft_of(budget) if budget else NEW, self._book.save, self.scene, note))

    @on(requests.RemoveBudget)
    def remove_budget(self, message: requests.RemoveBudget) -> None:
        """Ask whether to remove the budget."""
        from tokentui.ui.screens.budget_form import RemovalScreen

        if self._book is None:
            self.notify(NO_BOOK, markup=False)
        else:
            self.push_screen(RemovalScreen(message.name, self._book.remove, self.scene))
