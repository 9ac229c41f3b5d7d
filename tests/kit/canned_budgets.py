"""Made-up budgets with a past, and a book that does as it is told."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta

from tests.kit.canned import NOW
from tokentui.config.budget_drafts import BudgetDraft
from tokentui.config.settings import Budget
from tokentui.queries.budgets.screen import BudgetSide
from tokentui.queries.budgets.standing import PastWindow
from tokentui.watch.budget_facts import BudgetNow
from tokentui.watch.projection import projection, runs_out_at

DAY = Budget("day", 25.0, "usd", "day", grades=("note", "note", "warn", "alarm"))
HOURS = Budget("five hours [/b]", 2_000_000.0, "fresh_tokens", "rolling 5h", scope="project:api [/b]")
MONTH = Budget("month", 600.0, "usd", "month")
MIDNIGHT = NOW.replace(hour=0, minute=0, second=0)


def standing(budget: Budget, spent: float, hours: float) -> BudgetNow:
    """A budget whose window began so many hours ago and lasts as long again."""
    start_at, end_at = NOW - timedelta(hours=hours), NOW + timedelta(hours=hours)
    band = projection(spent, [("the last hour", spent / hours * 1.4), ("the last 7 days", spent / hours)], end_at - NOW)
    return BudgetNow(
        budget.name, budget.limit, budget.unit, budget.window, budget.scope, start_at, end_at, spent, 0.5, band,
        budget.thresholds, budget.grade_at, (), budget.is_default,
        runs_out_at(spent, budget.limit, band, NOW, end_at),
    )  # fmt: skip


def past(limit: float, shares: tuple[float, ...]) -> tuple[PastWindow, ...]:
    """Days before today; only the first three were kept."""
    return tuple(
        PastWindow(
            MIDNIGHT - timedelta(days=place + 1), MIDNIGHT - timedelta(days=place), limit, limit * share,
            place == 1, place < 3,
        )
        for place, share in enumerate(shares)
    )  # fmt: skip


SIDE = BudgetSide(
    NOW,
    (DAY, HOURS, MONTH),
    (standing(DAY, 22.9, 14), standing(HOURS, 2_400_000, 2.5), standing(MONTH, 121.0, 500)),
    {"day": past(25.0, (1.12, 0.81, 0.42, 0.0, 0.97)), HOURS.name: past(2e6, (0.3, 0.2)), "month": ()},
)


@dataclass
class CannedBook:
    """Notes what it is asked; refuses with `fail`."""

    fail: str = ""
    done: list[BudgetDraft | str] = field(default_factory=list)

    def save(self, draft: BudgetDraft) -> str:
        if self.fail:
            raise ValueError(self.fail)
        self.done.append(draft)
        return f"{draft.name} is kept"

    def remove(self, name: str) -> str:
        if self.fail:
            raise ValueError(self.fail)
        self.done.append(name)
        return f"{name} is gone; 2 left"
