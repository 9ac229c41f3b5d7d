"""How full an agent's window was at each response."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import ClassVar

from tokentui.figures import format_count
from tokentui.queries.session.context_window import AgentContext, ContextStep
from tokentui.queries.session.parts import SessionInsight
from tokentui.ui import words
from tokentui.ui.charts.area import AreaLook, area_chart, plot_columns
from tokentui.ui.charts.count_axis import CountAxis
from tokentui.ui.charts.scale import nice_ceiling
from tokentui.ui.drawing import help as texts
from tokentui.ui.drawing.line_pane import LinePane, room_beside
from tokentui.ui.drawing.lines import Line
from tokentui.ui.keymap.spelled import first_key
from tokentui.ui.scene import Scene

HELP = texts.PaneHelp(
    "context",
    "The prompt of each response of one agent, the oldest on the left, against its model's window; {previous_agent} "
    "and {next_agent} take other agents, in the order of the tree. ▲ marks a compaction. Below: how much each turn "
    "made it grow, and what compactions did, the newest first. {drill} lists the agent's responses.",
    (
        ("prompt", "uncached input + cache reads + cache writes"),
        ("window", "of the model of the newest response; the scale ends there once 40% of it is used"),
        ("growth", "last prompt of the turn − last prompt before it"),
        ("compaction", "before and after as logged, else the prompts around it"),
    ),
)
_SHARE_FOR_WHOLE_WINDOW = 0.4


def peaks(values: Sequence[int], most: int) -> list[int]:
    """The values reduced to at most this many, each the highest of its part."""
    if len(values) <= most:
        return list(values)
    edges = [at * len(values) // most for at in range(most + 1)]
    return [max(values[start:end]) for start, end in pairwise(edges)]


class ContextPane(LinePane, can_focus=False):
    """The chart of context sizes."""

    HELP_TEXT: ClassVar = HELP
    context: AgentContext | None = None
    agent_name = ""
    _drawn: tuple[tuple[object, ...], Sequence[Line]] | None = None

    def take(self, insight: SessionInsight) -> None:
        """Show the new sizes."""
        if isinstance(insight.part, AgentContext):
            self.context = insight.part
            agents = insight.tree.agents
            self.agent_name = next((one.name for one in agents if one.agent_id == insight.part.agent_id), "agent")
            self.redraw()

    def titles(self, scene: Scene, width: int) -> tuple[str, str]:
        """The agent, and how full its window is."""
        steps, name = self.context.steps if self.context else (), f"context · {self.agent_name}"
        others = "".join(first_key(key, scene.keymap) for key in ("previous_agent", "next_agent")) + " other agents"
        if not steps:
            return name, others
        said, short = _fill(steps[-1], max(step.prompt_tokens for step in steps), scene.now_word)
        return name, words.fitting(room_beside(name, width), f"{said} · {others}", said, short)

    def draw(self, scene: Scene, width: int, height: int) -> Sequence[Line]:
        """The sizes and the compactions; drawn anew only when its input has changed."""
        context = self.context
        if context is None or not context.steps:
            return [((" this agent has no response so far" if context else " asking …", "muted"),)]
        key = (context, width, height, scene.alphabet)
        if self._drawn is None or self._drawn[0] != key:
            self._drawn = (key, _chart(context, scene, width, height))
        return self._drawn[1]


def _fill(newest: ContextStep, most: int, now_word: str) -> tuple[str, str]:
    """How full the window is and was at most, in a long and a short wording."""
    full = format_count(newest.prompt_tokens)
    if newest.window_tokens is None:
        return f"{full} {now_word}, {format_count(most)} at most · window not known", full
    short = f"{full} of {format_count(newest.window_tokens)} ({words.share_short(newest.share)})"
    return f"{short} {now_word}, {words.share_short(most / newest.window_tokens)} at most", short


def _chart(context: AgentContext, scene: Scene, width: int, height: int) -> Sequence[Line]:
    sizes = [step.prompt_tokens for step in context.steps]
    chart = area_chart(
        [peaks(sizes, plot_columns(width - 1, scene.alphabet))],
        width - 1,
        height,
        ceiling=_ceiling(context, max(sizes)),
        axis=CountAxis(len(sizes)),
        look=AreaLook(scene.alphabet, unit="answer", marks=_compactions(context)),
    )
    return list(chart.rows)


def _ceiling(context: AgentContext, most: int) -> float:
    window = context.steps[-1].window_tokens
    if window is not None and most <= window and most >= _SHARE_FOR_WHOLE_WINDOW * window:
        return window
    return nice_ceiling(most)


def _compactions(context: AgentContext) -> tuple[float, ...]:
    """Places of the compactions on the axis: before the first response after each."""
    count = len(context.steps)
    return tuple(sum(step.at <= one.at for step in context.steps) / count for one in context.compactions)
