"""Pane 5: how far budgets and the plan are used, and when they run out."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import ClassVar

from textual import events
from textual.binding import BindingType

from tokentui.figures import format_count, format_usd
from tokentui.queries.results import BudgetGauge, PlanGauge
from tokentui.records import PICO_PER_USD
from tokentui.text import safe_text
from tokentui.ui import words
from tokentui.ui.drawing import help as texts
from tokentui.ui.drawing.line_pane import LinePane, room_beside
from tokentui.ui.drawing.lines import Line
from tokentui.ui.keymap import keys
from tokentui.ui.panes.dashboard.gauge_rows import GaugeRow, name_cells, one_line, two_lines
from tokentui.ui.panes.dashboard.plan import plan_in_brief, plan_row
from tokentui.ui.scene import Scene


class BudgetsPane(LinePane):
    """One gauge for each limit, in one line or two; Enter or a second click opens the budgets screen."""

    BINDINGS: ClassVar[list[BindingType]] = list(keys.bindings("rows"))

    HELP_TEXT: ClassVar = texts.PaneHelp(
        "budgets",
        "Each bar ends at the limit. ┃ is the pace: where an even spend would be by now. The marks are those of the "
        "budget, 50, 75 and 90 % unless set otherwise. The word default means that the limit came with the program and "
        "was not set by you. {drill}, or a second click, opens the budgets.",
        (
            (
                "projection →",
                "spend so far + pace × time left in the window, from the slowest to the fastest of three "
                "paces: the recent one, that of this window so far, and that of the last 7 days",
            ),
            ("out", "when the fastest pace reaches the limit, if that is before the window ends"),
            (
                "plan 5h, plan 7d",
                "the windows of a Pro or Max plan as Claude Code told `tokentui statusline`, not reckoned from logs. "
                "Told more than 10 min ago a figure is dimmed and at least (≥) so much; – : the window began anew "
                "since. Without room for all, limits of your own come first, then the plan's",
            ),
            texts.MONEY,
        ),
    )

    async def action_open_row(self) -> None:
        """Open the budgets screen."""
        await self.app.run_action("budgets")

    async def on_click(self, event: events.Click) -> None:
        """Open the budgets screen at a second click; the first one only focuses the pane."""
        if event.chain > 1:
            await self.action_open_row()

    def titles(self, scene: Scene, width: int) -> tuple[str, str]:
        """The pane's name, and how many limits have no room."""
        shown, budgets = self._shown(scene, self.inner_size.height), _budgets(scene)
        hidden = sum(budget not in shown for budget in budgets)
        left_out = [limit for limit in _plan(scene) if limit not in shown]
        more, plan = f"+{hidden} more" if hidden else "", plan_in_brief(left_out)
        default = "default limits" if _all_default(scene) and not more else ""
        whole = " · ".join(note for note in (*plan[:1], more, default) if note)
        return "5 budgets", words.fitting(room_beside("5 budgets", width), whole, *plan, more, "")

    def draw(self, scene: Scene, width: int, height: int) -> Sequence[Line]:
        """One line or two for each limit, as there is room."""
        shown = self._shown(scene, height)
        if not shown:
            return [((" no budgets set", "muted"),)] if scene.snapshot else ()
        rows = [plan_row(one, scene) if isinstance(one, PlanGauge) else _row(one, scene) for one in shown]
        names = name_cells(rows, width)
        if height < 2 * len(rows):
            return [one_line(row, width, names, scene.alphabet) for row in rows]
        is_airy = height >= 3 * len(rows) - 1
        lines: list[Line] = []
        for row in rows:
            lines += [*two_lines(row, width, names, scene.alphabet), *([()] if is_airy else [])]
        return lines

    def _shown(self, scene: Scene, height: int) -> Sequence[BudgetGauge | PlanGauge]:
        """The user's budgets, the plan's limits, the shipped budgets; only the tightest if not all fit."""
        budgets, plan = _budgets(scene), _plan(scene)
        groups = (plan, budgets) if _all_default(scene) else (budgets, plan)
        shown: list[BudgetGauge | PlanGauge] = []
        for group in groups:
            tightest = sorted(group, key=lambda one: -(_used(one) or 0))[: max(0, height - len(shown))]
            shown += [one for one in group if one in tightest]
        return shown


def _budgets(scene: Scene) -> tuple[BudgetGauge, ...]:
    return scene.snapshot.budgets if scene.snapshot else ()


def _plan(scene: Scene) -> tuple[PlanGauge, ...]:
    return scene.snapshot.plan if scene.snapshot else ()


def _all_default(scene: Scene) -> bool:
    budgets = _budgets(scene)
    return bool(budgets) and all(budget.is_default for budget in budgets)


def _used(one: BudgetGauge | PlanGauge) -> float | None:
    if isinstance(one, PlanGauge):
        return one.used_share
    return one.spent / one.limit if one.limit > 0 else None


def _amount(budget: BudgetGauge, value: float, *, lower_bound: bool = False) -> str:
    if budget.unit == "usd":
        return format_usd(int(value * PICO_PER_USD), lower_bound=lower_bound)
    return format_count(value, lower_bound)


def _limit(budget: BudgetGauge) -> str:
    return re.sub(r"\.0+(?=\D|$)", "", _amount(budget, budget.limit))


def _spent(budget: BudgetGauge) -> str:
    return f"{_amount(budget, budget.spent, lower_bound=budget.spent_is_lower_bound)} of {_limit(budget)}"


def _run_out(budget: BudgetGauge, scene: Scene) -> str:
    if budget.runs_out_at is None or budget.spent >= budget.limit:
        return ""
    return f"out {words.moment(budget.runs_out_at, scene.now, scene.time_zone)}"


def _projected(budget: BudgetGauge) -> str:
    """Where the window will end, as a range if the paces differ."""
    band = budget.projection
    if band is not None and band.low < band.high:
        return f"→ {_amount(budget, band.low)} to {_amount(budget, band.high)}"
    return "" if budget.projected is None else f"→ {_amount(budget, budget.projected)}"


def _name(budget: BudgetGauge, scene: Scene) -> str:
    """The name of the window, or of the budget if several have the same window."""
    is_only_one = [one.window for one in _budgets(scene)].count(budget.window) == 1
    return budget.window.removeprefix("rolling ") if is_only_one else safe_text(budget.name)


def _row(budget: BudgetGauge, scene: Scene) -> GaugeRow:
    unit = "" if budget.unit == "usd" else " fresh" if budget.unit == "fresh_tokens" else " tokens"
    spent, out = _spent(budget), _run_out(budget, scene)
    scope = "" if budget.scope == "everything" else budget.scope
    is_marked = budget.is_default and not _all_default(scene)
    parts = [f"{spent}{unit}", *filter(None, (out, _projected(budget), scope, "default" if is_marked else ""))]
    in_words = " · ".join(parts).replace("→ ", "heading for ")
    running_out = [f"{spent} · {out}"] if out else []
    return GaugeRow(
        _name(budget, scene),
        _used(budget),
        (*running_out, spent, spent.replace(" of ", "/")),
        (in_words, *(" · ".join(parts[:length]) for length in range(len(parts), 1, -1)), *running_out, parts[0]),
        budget.elapsed_share,
        budget.thresholds,
    )
