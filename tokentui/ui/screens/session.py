"""A session: its agents as a tree, and five more views, each under a digit."""

from __future__ import annotations

from datetime import UTC
from typing import ClassVar, cast

from textual import getters, on
from textual.app import ComposeResult
from textual.binding import BindingType

from tokentui.queries.session.parts import PartName, SessionInsight
from tokentui.queries.session.results import SessionTree
from tokentui.ui import words
from tokentui.ui.chrome.layout import frame_for
from tokentui.ui.drawing.facts import session_facts, session_name
from tokentui.ui.drawing.line_pane import LinePane
from tokentui.ui.drawing.table import RowTable
from tokentui.ui.keymap import keys
from tokentui.ui.keymap.insight_keys import VIEWS
from tokentui.ui.messages import ScreenShown
from tokentui.ui.panes.session.agents import AgentsPane, tree_rows
from tokentui.ui.panes.session.tabs import ViewTabs
from tokentui.ui.panes.session.trail import Trail
from tokentui.ui.questions import Answer, AskInsight, AskTree
from tokentui.ui.requests import ShowContext, ZoomLanes
from tokentui.ui.scene import Scene
from tokentui.ui.screens.live import LiveScreen
from tokentui.ui.screens.session_views import PANES, TakesInsight

_NAMES = tuple(name for name, _ in VIEWS)
_AGENTS = _NAMES[0]


class SessionScreen(LiveScreen):
    """The views of one session, of which one is shown at a time."""

    AUTO_FOCUS: ClassVar[str | None] = "#agents"
    BINDINGS: ClassVar[list[BindingType]] = list(keys.bindings("session views", "two tables", "session"))
    trail = getters.query_one(Trail)
    tabs = getters.query_one(ViewTabs)
    table = getters.query_one(AgentsPane)

    def __init__(self, session_id: str, guilty: frozenset[str] = frozenset()) -> None:
        super().__init__()
        self.question = AskTree(session_id)
        self.session_id = session_id
        self._guilty = guilty
        self._made: dict[str, tuple[LinePane, ...]] = {}

    def compose_main(self) -> ComposeResult:
        """The trail, the names of the views, and the tree."""
        yield Trail().data_bind(LiveScreen.scene)
        yield ViewTabs(id="tabs").data_bind(LiveScreen.scene)
        table = AgentsPane(id="agents", classes="framed")
        table.session_id = self.session_id
        self._point(table, self._guilty)
        self._made[_AGENTS] = (table,)
        yield table.data_bind(LiveScreen.scene)

    def point_at(self, guilty: frozenset[str]) -> None:
        """Mark these agents as guilty, and put the cursor on the first of them."""
        self.action_view(_AGENTS)
        self._point(self.table, guilty)
        self.table.set_rows(self.table.rows)
        self.table.redraw()

    @staticmethod
    def _point(table: AgentsPane, guilty: frozenset[str]) -> None:
        table.pointed_at = guilty
        if guilty:
            table.cursor_key = min(guilty)

    @on(ViewTabs.Chosen)
    def choose(self, message: ViewTabs.Chosen) -> None:
        """Show the view whose tab was clicked."""
        self.action_view(message.name)

    def action_next_view(self, direction: int) -> None:
        """Show the next view or the one before; after the last comes the first."""
        self.action_view(_NAMES[(_NAMES.index(self.tabs.shown) + direction) % len(_NAMES)])

    def action_view(self, name: str) -> None:
        """Show another view; the context view shows the agent under the tree's cursor."""
        if name == self.tabs.shown:
            return
        self.tabs.shown = name
        self.tabs.redraw()
        part, agent = cast("PartName", name), self.table.cursor_key if name == "context" else ""
        self.ask(AskTree(self.session_id) if name == _AGENTS else AskInsight(self.session_id, part, agent))
        if name not in self._made:
            self._make(part)
        for view, panes in self._made.items():
            for pane in panes:
                pane.display = view == name
        self.call_after_refresh(next(pane for pane in self._made[name] if isinstance(pane, RowTable)).focus)

    def action_interrupt(self) -> None:
        """Offer to interrupt the session, in every view."""
        self.table.action_interrupt()

    @on(ZoomLanes)
    def zoom_lanes(self, message: ZoomLanes) -> None:
        """Zoom the profile and the lanes alike, so that they keep one time axis."""
        for pane in self._made["timeline"]:
            pane.zoom(message.stretch)  # type: ignore[attr-defined]  # both panes of the timeline have it

    @on(ShowContext)
    def show_context(self, message: ShowContext) -> None:
        """Show another agent's context."""
        self.ask(AskInsight(self.session_id, "context", message.agent_id))

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Refuse to focus the other table in a view with one table."""
        if action == "other_table":
            return sum(pane.can_focus for pane in self._made[self.tabs.shown]) > 1
        return True

    def ask(self, question: AskTree | AskInsight) -> None:
        """Ask this from now on; until the answer comes, what is on screen stays."""
        self.question = question
        self.set_reactive(LiveScreen.answer, None)
        self.post_message(ScreenShown())

    def _make(self, name: PartName) -> None:
        panes = PANES[name]()
        for pane in panes:
            pane.add_class("framed")
            pane.set_reactive(LinePane.scene, self.scene)
            pane.set_reactive(LinePane.frame, frame_for(*self.size))
        self._made[name] = panes
        self.mount(*panes, before="#hints")

    def watch_scene(self, scene: Scene) -> None:
        """Hand the scene to the panes of views that were opened later; Textual hands it only to the first ones."""
        for panes in self._made.values():
            for pane in panes:
                pane.scene = scene

    def watch_answer(self, answer: Answer | None) -> None:
        """Show the new answer in the panes of this view."""
        if isinstance(answer, SessionInsight):
            self._show_tree(answer.tree)
            for pane in self._made[self.tabs.shown]:
                cast("TakesInsight", pane).take(answer)
        elif isinstance(answer, SessionTree):
            self._show_tree(answer)
        else:
            self.trail.show(("this session is not in the store",))

    def _show_tree(self, tree: SessionTree) -> None:
        session = tree.session
        self.table.session_title = session_name(session)
        today_word, time_zone = (self.scene.today_word, self.scene.time_zone) if self.scene else ("today", UTC)
        idle_since = words.moment(session.last_line_at, tree.as_of, time_zone)
        self.trail.show((session_name(session),), session_facts(session, today_word, idle_since))
        self.table.set_rows(tree_rows(tree.agents))
        self.table.redraw()
