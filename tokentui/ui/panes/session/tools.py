"""The tools of a session: how often, how long, how often in vain, and what their results drag into prompts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual.binding import BindingType

from tokentui.figures import format_bytes, format_count, format_duration_ms
from tokentui.queries.session.parts import SessionInsight
from tokentui.queries.session.tools import BYTES_PER_TOKEN, TOOL_GROUPINGS, SessionTools, ToolFigures
from tokentui.ui import words
from tokentui.ui.drawing import help as texts
from tokentui.ui.drawing.columns import Column
from tokentui.ui.drawing.lines import Line
from tokentui.ui.drawing.ordered import Order, OrderedTable
from tokentui.ui.keymap import keys
from tokentui.ui.requests import OpenCalls
from tokentui.ui.scene import Scene

HELP = texts.PaneHelp(
    "tools",
    "Calls of the whole session, grouped by tool, MCP server, skill or type of agent ({tool_group}). Below: the "
    "prompts that grew the most, and the tool results that came in before each. {drill} lists the calls of a row, or "
    "shows the response.",
    (
        ("results", "size of the results as logged"),
        ("≈tokens", f"result bytes ÷ {BYTES_PER_TOKEN}: an estimate"),
        (
            "≈carried",
            "≈tokens × responses of the same agent after the result, up to its next compaction: what the results come "
            "to in all the prompts that carried them",
        ),
        ("average", "from call to result, of the calls that were answered; longest: the same"),
        ("growth", "prompt − previous prompt − previous output: what came from outside"),
    ),
)


def _errors(row: ToolFigures, _scene: Scene, _width: int) -> Line:
    return ((f"✖ {row.errors:,}", "bad") if row.errors else ("–", "muted"),)


def _open(row: ToolFigures, _scene: Scene, _width: int) -> Line:
    return ((f"{row.unanswered:,}", "") if row.unanswered else ("–", "muted"),)


COLUMNS: tuple[Column[ToolFigures], ...] = (
    Column("name", "name", 14, 0, lambda row, *_: ((row.name, ""),), flush_right=False, share=1, ease=18),
    Column("calls", "calls", 6, 0, lambda row, *_: ((f"{row.calls:,}", "strong"),), sort="calls"),
    Column("errors", "errors", 7, 1, _errors, sort="errors"),
    Column("open", "no result", 9, 6, _open),
    Column("average", "average", 7, 3, lambda row, *_: ((format_duration_ms(row.average_ms), ""),)),
    Column("longest", "longest", 7, 4, lambda row, *_: ((format_duration_ms(row.longest_ms), ""),)),
    Column("total", "total", 7, 5, lambda row, *_: ((format_duration_ms(row.total_ms), ""),), sort="total"),
    Column("results", "results", 8, 2, lambda row, *_: ((format_bytes(row.result_bytes), ""),)),
    Column("largest", "largest", 8, 7, lambda row, *_: ((format_bytes(row.largest_result_bytes), ""),)),
    Column("tokens", "≈tokens", 7, 5, lambda row, *_: ((format_count(row.result_tokens_estimate), ""),)),
    Column("carried", "≈carried", 9, 1, lambda row, *_: ((format_count(row.carried_tokens_estimate), "strong"),),
           sort="carried"),
)  # fmt: skip
_ORDERS: tuple[Order[ToolFigures], ...] = (
    Order("calls", "most calls first", lambda row: (-row.calls, row.name)),
    Order("carried", "most carried first", lambda row: (-row.carried_tokens_estimate, row.name)),
    Order("total", "longest first", lambda row: (-row.total_ms, row.name)),
    Order("errors", "most errors first", lambda row: (-row.errors, -row.calls, row.name)),
)


class ToolsPane(OrderedTable[ToolFigures]):
    """The table of tools, servers, skills or types of agents, one row each."""

    BINDINGS: ClassVar[list[BindingType]] = list(keys.bindings("tools"))
    HELP_TEXT: ClassVar = HELP
    tools: SessionTools | None = None
    by = TOOL_GROUPINGS[0]

    def take(self, insight: SessionInsight) -> None:
        """Show the new figures."""
        if isinstance(insight.part, SessionTools):
            self.tools = insight.part
            self.take_rows(insight.part.by(self.by))

    def key_of(self, row: ToolFigures) -> str:
        """The row's name."""
        return row.name

    def open_row(self, row: ToolFigures) -> None:
        """Open the calls of the row."""
        if self.tools is not None:
            self.post_message(OpenCalls(self.tools.session_id, self.by, row.name))

    def action_next_grouping(self) -> None:
        """Group by the next: tool, MCP server, skill, agent type."""
        self.by = TOOL_GROUPINGS[(TOOL_GROUPINGS.index(self.by) + 1) % len(TOOL_GROUPINGS)]
        if self.tools is not None:
            self.take_rows(self.tools.by(self.by))
        self.redraw()

    def orders(self) -> Sequence[Order[ToolFigures]]:
        """The orders: by calls, by carried tokens, by time, by errors."""
        return _ORDERS

    def columns(self, scene: Scene) -> Sequence[Column[ToolFigures]]:
        """All columns."""
        return COLUMNS

    def titles(self, scene: Scene, width: int) -> tuple[str, str]:
        """The grouping, and how many rows there are."""
        calls = sum(row.calls for row in self.rows)
        return f"by {self.by} · {words.plural(calls, 'call')}", self.order.name

    def empty_lines(self, scene: Scene, width: int, height: int) -> Sequence[Line]:
        """That there are none of that kind."""
        called = "no tool was called" if self.by in ("tool", "agent type") else f"no {self.by} was used"
        return ((), ((f" {called} so far" if self.tools else " asking …", "muted"),))
