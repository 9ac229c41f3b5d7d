"""A session as turns: what each prompt led to, and what that cost."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from tokentui.figures import format_count, format_duration_ms
from tokentui.queries.session.parts import SessionInsight
from tokentui.queries.session.turns import SessionTurns, Turn
from tokentui.ui import words
from tokentui.ui.charts.bars import share_of_one
from tokentui.ui.drawing import help as texts
from tokentui.ui.drawing.columns import Column
from tokentui.ui.drawing.lines import Line
from tokentui.ui.drawing.ordered import Order, OrderedTable
from tokentui.ui.requests import OpenTurn
from tokentui.ui.scene import Scene


def _number(turn: Turn, _scene: Scene, _width: int) -> Line:
    return ((str(turn.number), "") if turn.number else ("–", "muted"),)


def _started(turn: Turn, scene: Scene, width: int) -> Line:
    return ((words.date_or_clock(turn.started_at, scene.time_zone, width), ""),)


def _source(turn: Turn, _scene: Scene, _width: int) -> Line:
    return ((turn.source or "no prompt", "" if turn.source else "muted"),)


def _cost(turn: Turn, _scene: Scene, _width: int) -> Line:
    return ((words.money(turn.money, lower_bound=bool(turn.lower_bound_responses)), "strong"),)


def _errors(turn: Turn, _scene: Scene, _width: int) -> Line:
    return ((f"✖ {turn.tool_errors}", "bad") if turn.tool_errors else ("–", "muted"),)


def _tokens(turn: Turn, _scene: Scene, _width: int) -> Line:
    return ((format_count(turn.tokens.total, bool(turn.lower_bound_responses)), ""),)


def _took(duration_ms: int | None) -> Line:
    return ((format_duration_ms(duration_ms), "" if duration_ms is not None else "muted"),)


COLUMNS: tuple[Column[Turn], ...] = (
    Column("number", "turn", 4, 0, _number, sort="number"),
    Column("started", "started", 8, 0, _started, flush_right=False),
    Column("source", "prompt", 9, 5, _source, flush_right=False),
    Column("cost", "cost", 8, 0, _cost, sort="cost"),
    Column("tokens", "tokens", 7, 3, _tokens),
    Column("responses", "responses", 9, 6, lambda turn, *_: ((f"{turn.responses:,}", ""),)),
    Column("agents", "agents", 6, 2, lambda turn, *_: ((str(turn.agents), ""),)),
    Column("tools", "tools", 5, 4, lambda turn, *_: ((f"{turn.tool_calls:,}", ""),)),
    Column("errors", "errors", 6, 4, _errors),
    Column("took", "took", 7, 1, lambda turn, *_: _took(turn.duration_ms), sort="took"),
    Column("api", "main API", 8, 5, lambda turn, *_: _took(turn.api_ms)),
    Column("waiting", "waiting", 9, 4, lambda turn, *_: _took(turn.waiting_ms)),
    Column("share", "of the session's cost", 16, 6, lambda *_: (), flush_right=False, share=1, is_drawing=True),
)
_ORDERS: tuple[Order[Turn], ...] = (
    Order("cost", "costliest first", lambda turn: (-turn.money.pico_usd, -turn.tokens.total, turn.number)),
    Order("number", "in order", lambda turn: turn.number),
    Order("took", "longest first", lambda turn: (-turn.duration_ms, turn.number)),
)


class TurnsPane(OrderedTable[Turn]):
    """The table of turns, one row each."""

    HELP_TEXT: ClassVar = texts.PaneHelp(
        "turns",
        "A turn is one prompt, typed or queued, and all that was done until the next, by whatever agent. Every "
        "response belongs to exactly one turn, by its time, so the turns add up to the session. What came before any "
        "prompt, or without one, has a – for its number. {drill} lists the responses of a turn.",
        (
            ("took", "from the prompt to the last response or tool result of any agent in the turn"),
            ("main API", "Claude Code's own figure for the turn, where it logged one"),
            ("waiting", "from the end of the work to the next prompt"),
            ("agents", "agents with a response in it, the main thread included"),
            texts.MONEY,
        ),
    )
    session_id = ""

    def take(self, insight: SessionInsight) -> None:
        """Show the new turns."""
        if isinstance(insight.part, SessionTurns):
            self.session_id = insight.part.session_id
            self.take_rows(insight.part.turns)

    def key_of(self, row: Turn) -> str:
        """The turn's number."""
        return str(row.number)

    def open_row(self, row: Turn) -> None:
        """Open the turn's responses."""
        self.post_message(OpenTurn(self.session_id, row.number))

    def orders(self) -> Sequence[Order[Turn]]:
        """The orders: by cost, by time, by duration."""
        return _ORDERS

    def columns(self, scene: Scene) -> Sequence[Column[Turn]]:
        """All columns; times with their day on a wide screen."""
        is_wide = self.inner_size.width >= 110
        started = Column("started", "started", 15, 0, _started, flush_right=False) if is_wide else COLUMNS[1]
        whole = sum(turn.money.pico_usd for turn in self.rows)

        def share(turn: Turn, scene: Scene, width: int) -> Line:
            part = turn.money.pico_usd / whole if whole else None
            bar = share_of_one(part, width - 5, alphabet=scene.alphabet)
            return ((f"{words.share_short(part):>4} ", ""), (bar, "series-0"))

        return (COLUMNS[0], started, *COLUMNS[2:-1], COLUMNS[-1]._replace(cell=share))

    def titles(self, scene: Scene, width: int) -> tuple[str, str]:
        """How many turns there are, and in which order."""
        prompts = sum(turn.number > 0 for turn in self.rows)
        return f"turns · {words.plural(prompts, 'prompt')}", f"{self.order.name} · cost at list price"

    def empty_lines(self, scene: Scene, width: int, height: int) -> Sequence[Line]:
        """That there are no turns yet."""
        return ((), ((" nothing was asked and nothing was billed so far", "muted"),))
