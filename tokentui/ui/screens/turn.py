"""One turn: the responses of all agents in it."""

from __future__ import annotations

from typing import ClassVar

from textual import getters
from textual.app import ComposeResult

from tokentui.figures import format_count, format_duration_ms
from tokentui.queries.session.drills import TurnResponses
from tokentui.ui import words
from tokentui.ui.drawing.facts import counted, facts, session_name
from tokentui.ui.drawing.lines import Line
from tokentui.ui.panes.session.responses import ResponsesPane
from tokentui.ui.panes.session.trail import Trail
from tokentui.ui.questions import Answer, AskTurn
from tokentui.ui.scene import Scene
from tokentui.ui.screens.live import LiveScreen


class TurnScreen(LiveScreen):
    """What one prompt led to."""

    AUTO_FOCUS: ClassVar[str | None] = "#responses"
    trail = getters.query_one(Trail)
    table = getters.query_one(ResponsesPane)

    def __init__(self, session_id: str, number: int) -> None:
        super().__init__()
        self.question = AskTurn(session_id, number)

    def compose_main(self) -> ComposeResult:
        """The trail and the responses."""
        yield Trail().data_bind(LiveScreen.scene)
        yield ResponsesPane(id="responses", classes="framed").data_bind(LiveScreen.scene)

    def watch_answer(self, answer: Answer | None) -> None:
        """Show the new responses."""
        if not isinstance(answer, TurnResponses) or self.scene is None:
            self.trail.show(("this turn is not in the store",))
            return
        name = f"turn {answer.turn.number}" if answer.turn.number else "before any prompt"
        self.trail.show((session_name(answer.tree.session), name), _figures(answer, self.scene))
        self.table.agent_names = {agent.agent_id: agent.name for agent in answer.tree.agents}
        self.table.responses_in_all = answer.responses_in_all
        self.table.set_rows(answer.responses)
        self.table.redraw()


def _figures(answer: TurnResponses, scene: Scene) -> tuple[Line, Line]:
    turn = answer.turn
    lower_bound = bool(turn.lower_bound_responses)
    return (
        facts(
            (turn.source, "prompt"),
            (words.date_and_time(turn.started_at, scene.time_zone), ""),
            (format_duration_ms(turn.duration_ms), "", "took"),
            (format_duration_ms(turn.waiting_ms) if turn.waiting_ms is not None else "", "", "waiting"),
        ),
        facts(
            (words.money(turn.money, lower_bound=lower_bound), "at list price"),
            (format_count(turn.tokens.total, lower_bound), "tokens"),
            counted(turn.agents, "agent"),
            counted(turn.tool_calls, "tool call"),
            counted(turn.tool_errors, "error") if turn.tool_errors else ("", ""),
        ),
    )
