"""What made an agent's context grow, and what shrank it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from textual.binding import BindingType

from tokentui.figures import format_count, format_duration_ms
from tokentui.queries.session.context_window import AgentContext
from tokentui.queries.session.parts import SessionInsight
from tokentui.ui import words
from tokentui.ui.drawing.columns import Column
from tokentui.ui.drawing.lines import Line
from tokentui.ui.drawing.table import RowTable
from tokentui.ui.keymap import keys
from tokentui.ui.panes.session.context import HELP
from tokentui.ui.requests import OpenAgent, ShowContext
from tokentui.ui.scene import Scene


@dataclass(frozen=True, slots=True)
class Change:
    """A turn or a compaction."""

    at: datetime
    what: str
    before_tokens: int | None
    after_tokens: int | None
    responses: int | None = None
    took_ms: int | None = None

    @property
    def growth_tokens(self) -> int | None:
        """After − before."""
        if self.before_tokens is None or self.after_tokens is None:
            return None
        return self.after_tokens - self.before_tokens


def changes(context: AgentContext) -> tuple[Change, ...]:
    """Turns and compactions, the newest first."""
    found: list[Change] = []
    before = 0
    for turn in context.turns:
        after = before + turn.growth_tokens
        what = f"turn {turn.number}" if turn.number else "before any prompt"
        found.append(Change(turn.started_at, what, before, after, turn.responses))
        before = after
    for one in context.compactions:
        what = f"compaction, {one.trigger}" if one.trigger else "compaction"
        found.append(Change(one.at, what, one.before_tokens, one.after_tokens, None, one.duration_ms))
    return tuple(sorted(found, key=lambda change: change.at, reverse=True))


def _time(row: Change, scene: Scene, width: int) -> Line:
    return ((words.date_or_clock(row.at, scene.time_zone, width), ""),)


def _what(row: Change, _scene: Scene, _width: int) -> Line:
    return ((f"▲ {row.what}", "warn") if row.responses is None else (row.what, ""),)


def _tokens(tokens: int | None) -> Line:
    return ((format_count(tokens), "") if tokens is not None else ("–", "muted"),)


def _growth(row: Change, _scene: Scene, _width: int) -> Line:
    growth = row.growth_tokens
    if growth is None:
        return (("–", "muted"),)
    return ((f"{'-' if growth < 0 else '+'}{format_count(abs(growth))}", "strong"),)


COLUMNS: tuple[Column[Change], ...] = (
    Column("time", "time", 15, 1, _time, flush_right=False),
    Column("what", "what", 20, 0, _what, flush_right=False, share=1),
    Column("before", "before", 7, 0, lambda row, *_: _tokens(row.before_tokens)),
    Column("after", "after", 7, 0, lambda row, *_: _tokens(row.after_tokens)),
    Column("growth", "growth", 7, 0, _growth),
    Column("responses", "responses", 9, 2, lambda row, *_: ((f"{row.responses:,}" if row.responses else "–", ""),)),
    Column("took", "took", 6, 3, lambda row, *_: ((format_duration_ms(row.took_ms), ""),)),
)


class ContextGrowthPane(RowTable[Change]):
    """The table of changes, one row for each turn or compaction."""

    BINDINGS: ClassVar[list[BindingType]] = list(keys.bindings("context"))
    HELP_TEXT: ClassVar = HELP

    context: AgentContext | None = None
    agents: tuple[str, ...] = ()

    def take(self, insight: SessionInsight) -> None:
        """Show the new changes."""
        self.agents = tuple(agent.agent_id for agent in insight.tree.agents)
        if isinstance(insight.part, AgentContext) and insight.part is not self.context:
            self.context = insight.part
            self.set_rows(changes(insight.part))
            self.redraw()

    def key_of(self, row: Change) -> str:
        """The time and the kind of the change."""
        return f"{row.at.isoformat()} {row.what}"

    def open_row(self, row: Change) -> None:
        """Open the agent's responses."""
        if self.context is not None:
            self.post_message(OpenAgent(self.context.session_id, self.context.agent_id))

    def action_next_agent(self, direction: int) -> None:
        """Show the context of the next agent of the tree or the one before, around."""
        if self.context is not None and self.context.agent_id in self.agents:
            place = self.agents.index(self.context.agent_id) + direction
            self.post_message(ShowContext(self.agents[place % len(self.agents)]))

    def columns(self, scene: Scene) -> Sequence[Column[Change]]:
        """All columns."""
        return COLUMNS

    def titles(self, scene: Scene, width: int) -> tuple[str, str]:
        """How many changes there are."""
        compactions = sum(row.responses is None for row in self.rows)
        turns = words.plural(len(self.rows) - compactions, "turn")
        return f"growth · {turns}, {words.plural(compactions, 'compaction')}", "newest first"

    def empty_lines(self, scene: Scene, width: int, height: int) -> Sequence[Line]:
        """That there are no changes yet."""
        return (((" this agent has no response so far" if self.context else " asking …", "muted"),),)
