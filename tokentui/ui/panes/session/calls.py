"""Tool calls, the largest results first."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from tokentui.figures import format_bytes, format_count, format_duration_ms
from tokentui.queries.session.drills import ToolCall, ToolCalls
from tokentui.ui import words
from tokentui.ui.drawing import help as texts
from tokentui.ui.drawing.columns import Column
from tokentui.ui.drawing.lines import Line
from tokentui.ui.drawing.ordered import Order, OrderedTable
from tokentui.ui.requests import OpenAgent, OpenResponse
from tokentui.ui.scene import Scene


def _time(call: ToolCall, scene: Scene, width: int) -> Line:
    return ((words.date_or_clock(call.at, scene.time_zone, width), ""),)


def _outcome(call: ToolCall, _scene: Scene, _width: int) -> Line:
    if call.duration_ms is None:
        return (("no result", "muted"),)
    return (("✖ error", "bad") if call.is_error else ("ok", ""),)


def _size(call: ToolCall, _scene: Scene, _width: int) -> Line:
    return ((format_bytes(call.result_bytes) if call.result_bytes is not None else "–", "strong"),)


def _tokens(call: ToolCall, _scene: Scene, _width: int) -> Line:
    return ((format_count(call.result_bytes // 4) if call.result_bytes is not None else "–", ""),)


_ORDERS: tuple[Order[ToolCall], ...] = (
    Order("size", "largest first", lambda call: (-(call.result_bytes or 0), call.at, call.tool_use_id)),
    Order("time", "newest first", lambda call: (-call.at.timestamp(), call.tool_use_id)),
    Order("took", "longest first", lambda call: (-(call.duration_ms or 0), call.tool_use_id)),
)


class CallsPane(OrderedTable[ToolCall]):
    """The table of calls, one row each."""

    HELP_TEXT: ClassVar = texts.PaneHelp(
        "tool calls",
        "Each row is one call. {drill} shows the response that made it, with its tokens and its price.",
        (("took", "from call to result"), ("≈tokens", "result bytes ÷ 4: an estimate")),
    )

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id, classes=classes)
        self.answer: ToolCalls | None = None
        self._names: dict[str, str] = {}

    def take(self, answer: ToolCalls) -> None:
        """Show the new calls."""
        self.answer = answer
        self._names = {agent.agent_id: agent.name for agent in answer.tree.agents}
        self.take_rows(answer.calls)
        self.redraw()

    def key_of(self, row: ToolCall) -> str:
        """The call's id."""
        return row.tool_use_id

    def open_row(self, row: ToolCall) -> None:
        """Open the response that made the call, or its agent if the response is not stored."""
        if row.response_id is not None:
            self.post_message(OpenResponse(row.response_id))
        elif self.answer is not None:
            self.post_message(OpenAgent(self.answer.tree.session.session_id, row.agent_id))

    def orders(self) -> Sequence[Order[ToolCall]]:
        """The orders: by size, by time, by duration."""
        return _ORDERS

    def columns(self, scene: Scene) -> Sequence[Column[ToolCall]]:
        """All columns."""

        def agent(call: ToolCall, _scene: Scene, _width: int) -> Line:
            return ((self._names.get(call.agent_id, call.agent_id), ""),)

        return (
            Column("time", "time", 15, 0, _time, flush_right=False, sort="time"),
            Column("name", "tool", 12, 3, lambda call, *_: ((call.name, ""),), flush_right=False, share=1),
            Column("agent", "agent", 12, 4, agent, flush_right=False, share=1),
            Column("took", "took", 7, 1, lambda call, *_: ((format_duration_ms(call.duration_ms), ""),), sort="took"),
            Column("size", "result", 8, 0, _size, sort="size"),
            Column("tokens", "≈tokens", 7, 2, _tokens),
            Column("outcome", "outcome", 9, 1, _outcome, flush_right=False),
            Column("task", "asked", 12, 5, lambda call, *_: ((call.task, "muted"),), flush_right=False, share=2),
        )

    def titles(self, scene: Scene, width: int) -> tuple[str, str]:
        """How many calls there are, and how many are listed."""
        in_all = self.answer.calls_in_all if self.answer else 0
        listed = f", {len(self.rows):,} with the largest results listed" if len(self.rows) < in_all else ""
        return f"calls · {words.plural(in_all, 'call')}{listed}", self.order.name
