"""Budgets as the monitor changes them: the same checks and words as `tokentui budget`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tokentui.config.watch import WatchedSettings
from tokentui.workspace import Workspace

if TYPE_CHECKING:
    from tokentui.config.budget_drafts import BudgetDraft


class MonitorBudgets:
    """Changes budgets in the configuration file; imports what it needs when called."""

    def __init__(self, workspace: Workspace, settings: WatchedSettings) -> None:
        self._path, self._settings = workspace.home.config_file, settings

    def save(self, draft: BudgetDraft) -> str:
        """Add or change a budget; returns a sentence about what was written. Raises DraftError and ConfigError."""
        from tokentui.cli.budget.words import described
        from tokentui.config.budget_drafts import set_budget

        kept = set_budget(self._path, self._settings.current(), draft)
        return described(kept.budget) + (". The shipped budgets no longer apply" if kept.replaced_shipped else "")

    def remove(self, name: str) -> str:
        """Remove a budget; returns a sentence about what was done. Raises ConfigError."""
        from tokentui.config.budget_drafts import remove_budget

        return f"{name} is gone; {remove_budget(self._path, self._settings.current(), name)} left"
