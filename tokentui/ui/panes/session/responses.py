"""The responses of one agent, newest first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar

from tokentui.figures import format_count
from tokentui.queries.session.results import ResponseRow
from tokentui.ui import words
from tokentui.ui.drawing import help as texts
from tokentui.ui.drawing.columns import Column
from tokentui.ui.drawing.lines import Line
from tokentui.ui.drawing.table import RowTable
from tokentui.ui.requests import OpenResponse
from tokentui.ui.scene import Scene


def _time(row: ResponseRow, scene: Scene, width: int) -> Line:
    return ((words.date_or_clock(row.at, scene.time_zone, width), ""),)


def _cost(row: ResponseRow, _scene: Scene, _width: int) -> Line:
    return ((words.money(row.money, lower_bound=row.is_lower_bound), "strong"),)


def _tools(row: ResponseRow, _scene: Scene, _width: int) -> Line:
    counted = {name: row.tools.count(name) for name in row.tools}
    return ((", ".join(f"{name} ×{calls}" if calls > 1 else name for name, calls in counted.items()), "muted"),)


def _output(row: ResponseRow, _scene: Scene, _width: int) -> Line:
    return ((format_count(row.tokens.output, row.is_lower_bound), ""),)


COLUMNS: tuple[Column[ResponseRow], ...] = (
    Column("time", "time", 8, 0, _time, flush_right=False),
    Column("model", "model", 10, 7, lambda row, *_: ((words.model(row.model), ""),), flush_right=False),
    Column("input", "input", 6, 5, lambda row, *_: ((format_count(row.tokens.input), ""),)),
    Column("output", "output", 6, 0, _output),
    Column("writes_5m", "w 5m", 5, 3, lambda row, *_: ((format_count(row.tokens.cache_write_5m), ""),)),
    Column("writes_1h", "w 1h", 5, 4, lambda row, *_: ((format_count(row.tokens.cache_write_1h), ""),)),
    Column("reads", "read", 6, 2, lambda row, *_: ((format_count(row.tokens.cache_read), ""),)),
    Column("cost", "cost", 8, 0, _cost),
    Column("stop", "stopped by", 10, 6, lambda row, *_: ((row.stop_reason or "–", ""),), flush_right=False),
    Column("tools", "tools", 8, 1, _tools, flush_right=False, share=1, ease=12),
)


class ResponsesPane(RowTable[ResponseRow]):
    """The table of responses, one row each."""

    HELP_TEXT: ClassVar = texts.PaneHelp(
        "responses",
        "Each row is one billed answer of the API. ≥ marks an answer whose final count was never written.",
        (
            (
                "tokens",
                "uncached input, output (thinking included), w 5m and w 1h: cache writes by lifetime, cache reads",
            ),
            texts.MONEY,
        ),
    )
    responses_in_all = 0
    agent_names: Mapping[str, str] | None = None
    """Agent id → name, if the responses are of more than one agent."""

    def key_of(self, row: ResponseRow) -> str:
        """The response's id."""
        return str(row.response_id)

    def open_row(self, row: ResponseRow) -> None:
        """Open the response."""
        self.post_message(OpenResponse(row.response_id))

    def columns(self, scene: Scene) -> Sequence[Column[ResponseRow]]:
        """All columns; times with their day on a wide screen."""
        is_wide = self.inner_size.width >= 110
        time = Column("time", "time", 15, 0, _time, flush_right=False) if is_wide else COLUMNS[0]
        names = self.agent_names
        if names is None:
            return (time, *COLUMNS[1:])

        def name(row: ResponseRow, _scene: Scene, _width: int) -> Line:
            return ((names.get(row.agent_id, row.agent_id), ""),)

        return (time, Column("agent", "agent", 12, 1, name, flush_right=False, share=1), *COLUMNS[1:])

    def titles(self, scene: Scene, width: int) -> tuple[str, str]:
        """How many responses there are, and how many are listed."""
        listed = f", newest {len(self.rows):,} listed" if len(self.rows) < self.responses_in_all else ""
        return f"responses · {self.responses_in_all:,}{listed}", "cost at list price"
