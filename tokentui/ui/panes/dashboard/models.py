"""Pane 4: which models the cost and the tokens went to."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from tokentui.queries.results import ModelShare, Money
from tokentui.ui import words
from tokentui.ui.drawing import help as texts
from tokentui.ui.drawing.bars import bar
from tokentui.ui.drawing.line_pane import LinePane, room_beside
from tokentui.ui.drawing.lines import Line
from tokentui.ui.scene import Scene

_FIGURE_CELLS = 20
"""Cost, share of cost and share of tokens."""


class ModelsPane(LinePane):
    """One line for each model, the most expensive first."""

    HELP_TEXT: ClassVar = texts.PaneHelp(
        "models",
        "Cost and tokens of the range by model. The bar is the share of cost; an unpriced model has no bar and a ?.",
        (
            ("share of cost", "cost of the model ÷ cost of all priced models"),
            ("share of tokens", "tokens of the model, all five kinds ÷ tokens of all models"),
            texts.MONEY,
        ),
    )

    def titles(self, scene: Scene, width: int) -> tuple[str, str]:
        """The pane's name, the range, and the names of the columns if there is no header."""
        if scene.snapshot is None:
            return "4 models", ""
        range_ = scene.snapshot.view.range
        is_plain = not self.inner_size.height or _has_header(scene.snapshot.models, self.inner_size.height)
        room = room_beside("4 models", width)
        return "4 models", range_ if is_plain else words.fitting(room, f"% of cost, tok · {range_}", range_)

    def draw(self, scene: Scene, width: int, height: int) -> Sequence[Line]:
        """A header where there is room, and as many models as fit."""
        if scene.snapshot is None:
            return ()
        models = scene.snapshot.models
        if not models:
            view = scene.snapshot.view
            return [((f" {'nothing matches' if view.filter.terms else 'no responses'} in {view.range}", "muted"),)]
        name_width = 10 if width < 40 else 13 if width < 60 else 20
        bar_width = max(2, width - name_width - _FIGURE_CELLS - 2)
        lines: list[Line] = []
        if _has_header(models, height):
            lines.append(_header(name_width, bar_width))
        room = height - len(lines)
        shown = models if len(models) <= room else models[: room - 1]
        lines += [_row(model, scene, name_width, bar_width) for model in shown]
        if len(shown) < len(models):
            lines.append(_others(models[len(shown) :], name_width, bar_width))
        return lines


def _has_header(models: Sequence[ModelShare], height: int) -> bool:
    """Whether a header fits without taking the line of a model."""
    return not models or height > min(len(models), 3)


def _header(name_width: int, bar_width: int) -> Line:
    figures = f"{'cost':>8}{'share':>6}{'tok':>5} "
    return ((f" {words.left('model', name_width)} {' ' * bar_width}{figures}", "header"),)


def _row(model: ModelShare, scene: Scene, name_width: int, bar_width: int) -> Line:
    return (
        (" ", ""),
        (words.left(words.model(model.model), name_width), ""),
        (" ", ""),
        *bar(model.cost_share or 0.0, bar_width, _ink_of(model, scene), scene.alphabet),
        (f"{words.money(model.money):>8}", "strong"),
        (f"{words.share_short(model.cost_share):>6}", ""),
        (f"{words.share_short(model.token_share):>5} ", "muted"),
    )


def _others(models: Sequence[ModelShare], name_width: int, bar_width: int) -> Line:
    """One line for all models that have no line of their own."""
    money = Money(
        sum(model.money.pico_usd for model in models),
        sum(model.money.unpriced_responses for model in models),
        sum(model.money.lower_bound_responses for model in models),
    )
    cost, tokens = (sum(share or 0.0 for share in shares) for shares in zip(*_shares(models), strict=True))
    figures = f"{words.money(money):>8}{words.share_short(cost):>6}{words.share_short(tokens):>5} "
    return ((f" {words.left(f'+{len(models)} more', name_width)} {' ' * bar_width}{figures}", "muted"),)


def _shares(models: Sequence[ModelShare]) -> list[tuple[float | None, float | None]]:
    return [(model.cost_share, model.token_share) for model in models]


def _ink_of(model: ModelShare, scene: Scene) -> str:
    """The colour the model has in the chart, where the chart is split by model."""
    if scene.snapshot is not None and scene.snapshot.view.split == "model":
        names = [series.name for series in scene.snapshot.chart.series]
        if model.model in names:
            return f"series-{names.index(model.model) % 6}"
    return "spark"
