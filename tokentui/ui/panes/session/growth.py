"""The responses whose prompts grew most by tool results."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from tokentui.figures import format_bytes, format_count
from tokentui.queries.session.parts import SessionInsight
from tokentui.queries.session.tools import PromptGrowth, SessionTools
from tokentui.ui import words
from tokentui.ui.drawing.columns import Column
from tokentui.ui.drawing.lines import Line
from tokentui.ui.drawing.table import RowTable
from tokentui.ui.panes.session.tools import HELP
from tokentui.ui.requests import OpenResponse
from tokentui.ui.scene import Scene


def _time(row: PromptGrowth, scene: Scene, width: int) -> Line:
    return ((words.date_or_clock(row.at, scene.time_zone, width), ""),)


def _results(row: PromptGrowth, _scene: Scene, _width: int) -> Line:
    """Each tool once with the size of its results, the largest results first."""
    sizes: dict[str, list[int]] = {}
    for result in row.results:
        sizes.setdefault(result.tool, []).append(result.result_bytes)
    texts = []
    for tool, own in sizes.items():
        times = f" ×{len(own)}" if len(own) > 1 else ""
        texts.append(f"{tool}{times} {format_bytes(sum(own))}")
    return ((" · ".join(texts), ""),)


class GrowthPane(RowTable[PromptGrowth]):
    """The table of responses, one row each."""

    HELP_TEXT: ClassVar = HELP

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._names: dict[str, str] = {}

    def take(self, insight: SessionInsight) -> None:
        """Show the new figures."""
        if isinstance(insight.part, SessionTools):
            self._names = {agent.agent_id: agent.name for agent in insight.tree.agents}
            self.set_rows(insight.part.growth)
            self.redraw()

    def key_of(self, row: PromptGrowth) -> str:
        """The response's id."""
        return str(row.response_id)

    def open_row(self, row: PromptGrowth) -> None:
        """Show the response."""
        self.post_message(OpenResponse(row.response_id))

    def columns(self, scene: Scene) -> Sequence[Column[PromptGrowth]]:
        """All columns; times with their day on a wide screen."""

        def name(row: PromptGrowth, _scene: Scene, _width: int) -> Line:
            return ((self._names.get(row.agent_id, row.agent_id), ""),)

        return (
            Column("growth", "growth", 7, 0, lambda row, *_: ((f"+{format_count(row.growth_tokens)}", "strong"),)),
            Column("prompt", "to", 6, 2, lambda row, *_: ((format_count(row.prompt_tokens), ""),)),
            Column("time", "time", 15 if self.inner_size.width >= 90 else 8, 1, _time, flush_right=False),
            Column("agent", "agent", 12, 3, name, flush_right=False, share=1),
            Column("results", "results that came in before it", 24, 0, _results, flush_right=False, share=3),
        )

    def titles(self, scene: Scene, width: int) -> tuple[str, str]:
        """The titles of the frame."""
        return "prompts that results made grow", f"largest {len(self.rows)}" if self.rows else ""

    def empty_lines(self, scene: Scene, width: int, height: int) -> Sequence[Line]:
        """That there are none."""
        return (((" no result made a prompt grow so far", "muted"),),)
