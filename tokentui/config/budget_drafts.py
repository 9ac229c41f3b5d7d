"""Checks budgets as people type them, on the command line or the screen, and saves them in the configuration file."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from tokentui.config.checks import HIGHEST_MARK
from tokentui.config.settings import Budget, ConfigError, Settings, usual_grade
from tokentui.config.thresholds import GRADES, Grade

_UNITS = {"": 1, "k": 10**3, "m": 10**6, "g": 10**9}
_AMOUNT = re.compile(r"\$?\s*(\d[\d_,]*(?:\.\d+)?|\.\d+)\s*([kKmMgG]?)\s*(?:tokens?)?")


class DraftError(ValueError):
    """What was typed is no budget; `field` is the field of `BudgetDraft` or `Budget` that is wrong."""

    def __init__(self, field: str, reason: str) -> None:
        super().__init__(reason)
        self.field = field


@dataclass(frozen=True, slots=True)
class BudgetDraft:
    """A budget as somebody typed it. An empty field keeps its value, or gets the usual one in a new budget."""

    name: str
    limit: str = ""
    unit: str = ""
    window: str = ""
    scope: str = ""
    marks: tuple[str, ...] = ()
    """Percentages, each with what happens there if it is not the usual: `75`, `90=warn`."""


class SavedBudget(NamedTuple):
    """A budget that was saved from a draft."""

    budget: Budget
    replaced_shipped: bool
    """Whether it is the user's first budget, after which the shipped ones no longer apply."""


def set_budget(path: Path, settings: Settings, draft: BudgetDraft) -> SavedBudget:
    """Save a draft: add a budget of the user, or change the one of that name. Raises DraftError and ConfigError."""
    from tokentui.config.rewrite import write_budget

    mine = [budget for budget in settings.budgets if not budget.is_default]
    before = next((budget for budget in mine if budget.name == draft.name), None)
    if before is None and not draft.limit.strip():
        reason = (
            f"there is no budget {draft.name!r} yet: give it a limit, such as `budget set {draft.name or 'day'} 20`"
        )
        raise DraftError("limit", reason)
    kept = write_budget(path, _changed(before or Budget(draft.name, 1.0, "usd", "day"), draft))
    return SavedBudget(next(budget for budget in kept.budgets if budget.name == draft.name), not mine)


def remove_budget(path: Path, settings: Settings, name: str) -> int:
    """Remove a budget of the user; returns how many are left. Raises ConfigError, also for a shipped budget."""
    from tokentui.config.rewrite import delete_budget

    if any(budget.name == name and budget.is_default for budget in settings.budgets):
        reason = f"{name!r} is a shipped budget: set one of your own, or write `budgets = []` into"
        raise ConfigError(f"{reason} {path} for none at all")
    return len(delete_budget(path, name).budgets)


def draft_of(budget: Budget) -> BudgetDraft:
    """The draft that somebody would type for this budget."""
    limit = f"{budget.limit:.0f}" if budget.limit.is_integer() else f"{budget.limit}"
    pairs = zip(budget.thresholds, budget.grade_at, strict=True)
    marks = tuple(f"{mark}" if grade == usual_grade(mark) else f"{mark}={grade}" for mark, grade in pairs)
    return BudgetDraft(budget.name, limit, budget.unit, budget.window, budget.scope, marks)


def _changed(budget: Budget, draft: BudgetDraft) -> Budget:
    limit = parse_amount(draft.limit) if draft.limit.strip() else budget.limit
    words = {"unit": draft.unit.strip(), "window": draft.window.strip(), "scope": draft.scope.strip()}
    typed = {"name": draft.name, "limit": limit, **{field: text for field, text in words.items() if text}}
    for field, value in typed.items():
        _check(field, value)
    changed = budget._replace(**typed)  # type: ignore[arg-type]
    return _marked(changed, draft.marks) if draft.marks else changed


def _check(field: str, value: object) -> None:
    """Check a field as the configuration file does. Raises DraftError, since there is no line in a file to name."""
    from tokentui.config.entries import BUDGET

    try:
        BUDGET[field](value)
    except ValueError as error:
        shown = f"{value:g}" if isinstance(value, float) else repr(value)
        raise DraftError(field, f"{field} {shown}: {error}") from None


def _marked(budget: Budget, marks: Sequence[str]) -> Budget:
    """The budget with these marks instead of its own. Raises DraftError."""
    found: dict[int, Grade] = {}
    for mark in marks:
        percent, _, grade = mark.partition("=")
        number = int(percent.strip("% ")) if percent.strip("% ").isdecimal() else 0
        if not 1 <= number <= HIGHEST_MARK or grade not in ("", *GRADES):
            raise DraftError("marks", f"{mark}: expected a percentage and what happens there, such as 90=warn")
        found[number] = grade or usual_grade(number)  # type: ignore[assignment]
    rising = dict(sorted(found.items()))
    return budget._replace(thresholds=tuple(rising), grades=tuple(rising.values()))


def parse_amount(text: str) -> float:
    """The number in `20`, `$20`, `1.5M` or `500k tokens`. Raises DraftError."""
    found = _AMOUNT.fullmatch(text.strip())
    if found is None:
        raise DraftError("limit", f"{text!r} is no amount: expected dollars or tokens, such as 20, 12.50, 500k or 3M")
    amount = float(found[1].replace("_", "").replace(",", "")) * _UNITS[found[2].lower()]
    if amount <= 0:
        raise DraftError("limit", f"{text!r}: a limit has to be above 0")
    return amount
