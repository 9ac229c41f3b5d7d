"""An agent: its responses."""

from __future__ import annotations

from typing import ClassVar

from textual import getters
from textual.app import ComposeResult

from tokentui.figures import format_count
from tokentui.queries.session.results import AgentResponses
from tokentui.ui import words
from tokentui.ui.drawing.facts import agent_name, counted, facts, session_name
from tokentui.ui.drawing.lines import Line
from tokentui.ui.panes.session.responses import ResponsesPane
from tokentui.ui.panes.session.trail import Trail
from tokentui.ui.questions import Answer, AskResponses
from tokentui.ui.screens.live import LiveScreen


class AgentScreen(LiveScreen):
    """What one agent asked and what it cost."""

    AUTO_FOCUS: ClassVar[str | None] = "#responses"
    trail = getters.query_one(Trail)
    table = getters.query_one(ResponsesPane)

    def __init__(self, session_id: str, agent_id: str) -> None:
        super().__init__()
        self.question = AskResponses(session_id, agent_id)

    def compose_main(self) -> ComposeResult:
        """The trail and the responses."""
        yield Trail().data_bind(LiveScreen.scene)
        yield ResponsesPane(id="responses", classes="framed").data_bind(LiveScreen.scene)

    def watch_answer(self, answer: Answer | None) -> None:
        """Show the new responses."""
        if not isinstance(answer, AgentResponses):
            self.trail.show(("this agent is not in the store",))
            return
        self.trail.show((session_name(answer.session), agent_name(answer.agent)), _figures(answer))
        self.table.responses_in_all = answer.responses_in_all
        self.table.set_rows(answer.responses)
        self.table.redraw()


def _figures(answer: AgentResponses) -> tuple[Line, Line]:
    agent = answer.agent
    lower_bound = bool(agent.lower_bound_responses)
    return (
        facts(
            (agent.state, ""), (words.model(agent.model), ""), (agent.background, "", "background"),
            (agent.agent_id, "", "agent"),
        ),
        facts(
            (words.money(agent.own_money, lower_bound=lower_bound), "own"),
            (words.money(agent.inclusive_money), "with its sub-agents"),
            (format_count(agent.tokens_last_minute.total), "tok/min"),
            (words.context(agent.context_tokens), "context"),
            (words.share_short(agent.hit_rate), "hit rate"),
            counted(agent.tool_calls, "tool call"),
        ),
    )  # fmt: skip
