"""Two of a kind side by side."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from tokentui.figures import format_usd
from tokentui.queries.compare.figures import FIGURES, times, told
from tokentui.queries.compare.screen import Comparison
from tokentui.queries.compare.side_by_side import Side
from tokentui.text import safe_text
from tokentui.ui import words
from tokentui.ui.drawing import help as texts
from tokentui.ui.drawing.line_pane import room_beside
from tokentui.ui.drawing.lines import Line, Piece
from tokentui.ui.drawing.scrolling import ScrolledLines
from tokentui.ui.scene import Scene

HELP = texts.PaneHelp(
    "compare",
    "Two sessions, projects, weeks or models over their whole life. Below is what there is to choose from: "
    "{compare_left} puts the row under the cursor on the left, {compare_right} or {drill} on the right, {compare_kind} "
    "goes on to the next kind.",
    (
        ("right ÷ left", "how many times as much the right one has"),
        ("per response", "cost ÷ responses that have a price"),
        ("per agent", "cost ÷ agents, main threads included"),
        ("saved by cache", "price of the same prompts without a cache − their price"),
        ("tool calls", "of a model: all calls of agents that used it, whichever model made the call"),
        texts.HIT_RATE,
        texts.MONEY,
    ),
)
_NAME_CELLS, _TIMES_CELLS, _MOST_CELLS, _MOST_MODELS = 18, 14, 30, 4


class ComparePane(ScrolledLines):
    """The two sides, with one line for each figure."""

    HELP_TEXT: ClassVar = HELP
    comparison: Comparison | None = None

    def titles(self, scene: Scene, width: int) -> tuple[str, str]:
        """The titles of the frame: what is compared, and when it was added up."""
        if self.comparison is None:
            return "compare", "cost at list price"
        name = f"two {self.comparison.kind}s"
        at = words.moment(self.comparison.as_of, scene.now, scene.time_zone)
        said = words.fitting(room_beside(name, width), f"cost at list price · as of {at}", "cost at list price", "")
        return name, said

    def text(self, scene: Scene, width: int) -> Sequence[Line]:
        """The lines: heads, figures, models."""
        comparison = self.comparison
        if comparison is None:
            return ((), ((" adding up …", "muted"),))
        if len(comparison.sides) < 2:
            said = comparison.trouble or f"there are no two {comparison.kind}s to compare yet"
            return ((), ((f" {safe_text(said, 400)}", "muted"),))
        one, other = comparison.sides
        cells = max(8, min(_MOST_CELLS, (width - _NAME_CELLS - _TIMES_CELLS - 4) // 2))
        labels: Line = (
            (" " * (_NAME_CELLS + 1), ""),
            *(piece for side in (one, other) for piece in _cell(_label(side, cells), cells, "title")),
            *_cell("right ÷ left", _TIMES_CELLS, "header"),
        )
        return [labels, *(_figure(name, one, other, cells) for name in FIGURES), *_models(one, other, cells)]


def _label(side: Side, cells: int) -> str:
    """A side's name in the room there is; a week is shortened to its first day, `2026-11-16` or `11-16`."""
    label, name = safe_text(side.label), safe_text(side.name)
    return words.fitting(cells, label, *((name, name[5:]) if side.kind == "week" else ()))


def _cell(text: str, cells: int, ink: str = "") -> tuple[Piece, Piece]:
    return ((" ", ""), (words.right(text, cells), ink))


def _figure(name: str, one: Side, other: Side, cells: int) -> Line:
    (left, shown_left), (right, shown_right) = told(name, one), told(name, other)
    ratio = times(left, right)
    ink = "strong" if name == "cost" else ""
    return (
        (f" {name:<{_NAME_CELLS}}", "muted"),
        *_cell(shown_left, cells, ink),
        *_cell(shown_right, cells, ink),
        *_cell(ratio, _TIMES_CELLS, "" if ratio != "–" else "muted"),
    )


def _models(one: Side, other: Side, cells: int) -> list[Line]:
    """The costliest models of each, with what each cost."""
    lines: list[Line] = []
    for place in range(min(max(len(one.models), len(other.models)), _MOST_MODELS)):
        shown = []
        for side in (one, other):
            model, cost = side.models[place] if place < len(side.models) else ("", 0)
            money = format_usd(cost, unpriced=bool(side.money.unpriced_responses) and not cost)
            shown.append(f"{words.model(safe_text(model))} {money}" if model else "")
        name = "models" if not place else ""
        lines.append(((f" {name:<{_NAME_CELLS}}", "muted"), *_cell(shown[0], cells), *_cell(shown[1], cells)))
    return lines
