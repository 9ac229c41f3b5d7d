"""The costliest places behind a finding."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar

from tokentui.figures import format_usd
from tokentui.queries.advice.findings import Evidence, Finding
from tokentui.text import safe_text
from tokentui.ui import words
from tokentui.ui.drawing.columns import Column
from tokentui.ui.drawing.lines import Line
from tokentui.ui.drawing.table import RowTable
from tokentui.ui.panes.advice import HELP
from tokentui.ui.requests import OpenAgent, OpenResponse
from tokentui.ui.scene import Scene


class EvidencePane(RowTable[Evidence]):
    """The table of places, one row each."""

    HELP_TEXT: ClassVar = HELP

    def __init__(self, finding: Finding, titles: Mapping[str, str]) -> None:
        super().__init__(id="evidence", classes="framed")
        self._finding, self._titles = finding, titles
        self.rows = finding.evidence

    def key_of(self, row: Evidence) -> str:
        """What identifies the place."""
        return f"{row.session_id} {row.agent_id} {row.response_id} {row.tool_use_id}"

    def open_row(self, row: Evidence) -> None:
        """Open the response, or the agent if the place is a whole agent."""
        if row.response_id is not None:
            self.post_message(OpenResponse(row.response_id))
        else:
            self.post_message(OpenAgent(row.session_id, row.agent_id))

    def columns(self, scene: Scene) -> Sequence[Column[Evidence]]:
        """All columns."""

        def session(row: Evidence, _scene: Scene, _width: int) -> Line:
            title = safe_text(self._titles.get(row.session_id, ""))
            return ((title, "") if title else (f"session {row.session_id[:8]}", "muted"),)

        return (
            Column("money", "cost or saving", 14, 0, lambda row, *_: ((format_usd(row.pico_usd), "strong"),)),
            Column("session", "session", 16, 0, session, flush_right=False, share=2),
            Column("agent", "agent", 12, 1, _agent, flush_right=False, share=1),
            Column("what", "opens", 10, 2, _what, flush_right=False),
            Column("call", "tool call", 12, 3, _call, flush_right=False, share=1),
        )

    def titles(self, scene: Scene, width: int) -> tuple[str, str]:
        """How many places there are."""
        shown = len(self.rows)
        what = f"evidence · {words.plural(shown, 'place')}"
        return what, f"the costliest of {self._finding.count:,}" if self._finding.count > shown else ""


def _agent(row: Evidence, _scene: Scene, _width: int) -> Line:
    return ((row.agent_id or "main", ""),)


def _what(row: Evidence, _scene: Scene, _width: int) -> Line:
    return (("response" if row.response_id is not None else "agent", "muted"),)


def _call(row: Evidence, _scene: Scene, _width: int) -> Line:
    return ((row.tool_use_id or "–", "muted"),)
