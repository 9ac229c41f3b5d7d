"""Pane 5: how far the budgets are, and when they run out."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import ClassVar

from textual.binding import BindingType

from tokentui.queries.results import BudgetGauge
from tokentui.text import format_count, format_usd
from tokentui.ui import help as texts
from tokentui.ui import keys, words
from tokentui.ui.charts.gauge import gauge, gauge_state
from tokentui.ui.lines import Line, LinePane
from tokentui.ui.scene import Scene


class BudgetsPane(LinePane):
    """One gauge a budget, in one line or two; Enter opens all there is about them."""

    BINDINGS: ClassVar[list[BindingType]] = list(keys.bindings("rows"))

    HELP_TEXT: ClassVar = texts.PaneHelp(
        "budgets",
        "Each bar ends at the limit. ┃ is the pace: where an even spend would be by now. The marks are 50, 75 and "
        "90 %. The word default means that the limit came with the program and was not set by you.",
        (
            (
                "projection →",
                "spend so far + pace × time left in the window, from the slowest to the fastest of three "
                "paces: the recent one, that of this window so far, and that of the last 7 days",
            ),
            ("out", "when the fastest pace reaches the limit, if that is before the window ends"),
            texts.MONEY,
        ),
    )

    async def action_open_row(self) -> None:
        """The budgets screen."""
        await self.app.run_action("budgets")

    def titles(self, scene: Scene, width: int) -> tuple[str, str]:
        """The pane's name, and whether any limit is the user's own."""
        return "5 budgets", "default limits" if _all_default(scene) else ""

    def draw(self, scene: Scene, width: int, height: int) -> Sequence[Line]:
        """As many lines for each budget as there is room for."""
        budgets = scene.snapshot.budgets if scene.snapshot else ()
        if not budgets:
            return [((" no budgets set", "muted"),)] if scene.snapshot else ()
        each = 2 if height >= 2 * len(budgets) else 1
        is_airy = height >= 3 * len(budgets) - 1
        lines: list[Line] = []
        for budget in budgets[: max(1, height // each)]:
            lines += _two_lines(budget, scene, width) if each == 2 else [_one_line(budget, scene, width)]
            if is_airy:
                lines.append(())
        return lines


def _all_default(scene: Scene) -> bool:
    budgets = scene.snapshot.budgets if scene.snapshot else ()
    return bool(budgets) and all(budget.is_default for budget in budgets)


def _used(budget: BudgetGauge) -> float | None:
    return budget.spent / budget.limit if budget.limit > 0 else None


def _amount(budget: BudgetGauge, value: float, *, lower_bound: bool = False) -> str:
    if budget.unit == "usd":
        return format_usd(int(value * words.PICO_PER_USD), lower_bound=lower_bound)
    return format_count(value, lower_bound)


def _limit(budget: BudgetGauge) -> str:
    return re.sub(r"\.0+(?=\D|$)", "", _amount(budget, budget.limit))


def _spent(budget: BudgetGauge) -> str:
    return f"{_amount(budget, budget.spent, lower_bound=budget.spent_is_lower_bound)} of {_limit(budget)}"


def _run_out(budget: BudgetGauge, scene: Scene) -> str:
    if budget.runs_out_at is None:
        return ""
    return f"out {words.moment(budget.runs_out_at, scene.now, scene.time_zone)}"


def _projected(budget: BudgetGauge) -> str:
    """Where the window will end: a band where there is one."""
    band = budget.projection
    if band is not None and band.low < band.high:
        return f"→ {_amount(budget, band.low)} to {_amount(budget, band.high)}"
    return "" if budget.projected is None else f"→ {_amount(budget, budget.projected)}"


def _one_line(budget: BudgetGauge, scene: Scene, width: int) -> Line:
    used = _used(budget)
    state = gauge_state(used, budget.thresholds)
    percent = state.text.removesuffix(f" {state.level}")
    amount = words.fitting(
        16 if width < 48 else 30,
        *(f"{_spent(budget)} · {out}" for out in [_run_out(budget, scene)] if out),
        _spent(budget),
        f"{_spent(budget).replace(' of ', '/')}",
    )
    amount_width = 16 if width < 48 else 30
    bar_width = max(4, width - 6 - 8 - amount_width - 2)
    return (
        (f" {words.left(budget.window, 5)} ", "muted"),
        *gauge(used, bar_width, pace=budget.elapsed_share, thresholds=budget.thresholds, alphabet=scene.alphabet),
        (f" {words.right(percent, 6)} ", state.style),
        (words.right(amount, amount_width), ""),
    )


def _two_lines(budget: BudgetGauge, scene: Scene, width: int) -> list[Line]:
    used = _used(budget)
    state = gauge_state(used, budget.thresholds)
    bar_width = max(4, width - 7 - 13)
    unit = "" if budget.unit == "usd" else " fresh" if budget.unit == "fresh_tokens" else " tokens"
    projected = _projected(budget)
    scope = "" if budget.scope == "everything" else budget.scope
    is_marked = budget.is_default and not _all_default(scene)
    notes = (_run_out(budget, scene), projected, scope, "default" if is_marked else "")
    parts = [f"{_spent(budget)}{unit}", *filter(None, notes)]
    in_words = " · ".join(parts).replace("→ ", "heading for ")
    candidates = [in_words, *(" · ".join(parts[:length]) for length in range(len(parts), 0, -1))]
    return [
        (
            (f" {words.left(budget.window, 5)} ", ""),
            *gauge(
                used,
                bar_width,
                pace=budget.elapsed_share,
                thresholds=budget.thresholds,
                alphabet=scene.alphabet,
            ),
            (f" {words.right(state.text, 11)} ", state.style),
        ),
        ((" " * 7, ""), (words.fitting(width - 8, *candidates), "muted")),
    ]
