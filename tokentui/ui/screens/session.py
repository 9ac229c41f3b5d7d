"""A session: its agents as a tree."""

from __future__ import annotations

from typing import ClassVar

from textual import getters
from textual.app import ComposeResult

from tokentui.queries.results import SessionTree
from tokentui.ui.panes.agents import AgentsPane, tree_rows
from tokentui.ui.questions import Answer, AskTree
from tokentui.ui.screens.drill import Trail, session_facts, session_name
from tokentui.ui.screens.live import LiveScreen


class SessionScreen(LiveScreen):
    """Which agents burn what."""

    AUTO_FOCUS: ClassVar[str | None] = "#agents"
    trail = getters.query_one(Trail)
    table = getters.query_one(AgentsPane)

    def __init__(self, session_id: str, guilty: frozenset[str] = frozenset()) -> None:
        super().__init__()
        self.question = AskTree(session_id)
        self.session_id = session_id
        self._guilty = guilty

    def compose_main(self) -> ComposeResult:
        """The trail and the tree."""
        yield Trail().data_bind(LiveScreen.scene)
        table = AgentsPane(id="agents", classes="framed")
        table.session_id = self.session_id
        self._point(table, self._guilty)
        yield table.data_bind(LiveScreen.scene)

    def point_at(self, guilty: frozenset[str]) -> None:
        """Mark these agents, and put the cursor on the first of them."""
        self._point(self.table, guilty)
        self.table.set_rows(self.table.rows)
        self.table.redraw()

    @staticmethod
    def _point(table: AgentsPane, guilty: frozenset[str]) -> None:
        table.pointed_at = guilty
        if guilty:
            table.cursor_key = min(guilty)

    def watch_answer(self, answer: Answer | None) -> None:
        """Show the new tree."""
        if not isinstance(answer, SessionTree):
            self.trail.show(("this session is not in the store",))
            return
        self.table.session_title = session_name(answer.session)
        self.trail.show((session_name(answer.session),), session_facts(answer.session))
        self.table.set_rows(tree_rows(answer.agents))
        self.table.redraw()
