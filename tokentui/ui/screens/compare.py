"""Two sessions, projects, weeks or models side by side, and a list of others to choose from."""

from __future__ import annotations

from typing import ClassVar

from textual import getters, on
from textual.app import ComposeResult
from textual.binding import BindingType

from tokentui.queries.compare.screen import Comparison
from tokentui.queries.compare.subjects import SideKind
from tokentui.ui.keymap import keys
from tokentui.ui.messages import ScreenShown
from tokentui.ui.panes.choices import ChoicesPane
from tokentui.ui.panes.compare import ComparePane
from tokentui.ui.panes.session.trail import Trail
from tokentui.ui.questions import Answer, AskComparison
from tokentui.ui.screens.live import LiveScreen

KINDS: tuple[SideKind, ...] = ("session", "project", "week", "model")


class CompareScreen(LiveScreen):
    """The figures, and the choices below."""

    AUTO_FOCUS: ClassVar[str | None] = "#choices"
    BINDINGS: ClassVar[list[BindingType]] = list(keys.bindings("two tables"))
    figures = getters.query_one(ComparePane)
    choices = getters.query_one(ChoicesPane)

    def __init__(self, kind: SideKind, one: str = "", other: str = "") -> None:
        super().__init__(name="compare")
        self.question = AskComparison(kind, one, other)

    def compose_main(self) -> ComposeResult:
        """The trail, the figures, the choices."""
        trail = Trail()
        trail.crumbs = ("compare",)
        yield trail.data_bind(LiveScreen.scene)
        yield ComparePane(id="figures", classes="framed").data_bind(LiveScreen.scene)
        yield ChoicesPane(id="choices", classes="framed").data_bind(LiveScreen.scene)

    def watch_answer(self, answer: Answer | None) -> None:
        """Show the new pair; until it comes, the old one stays."""
        if isinstance(answer, Comparison):
            self.figures.comparison = answer
            self.figures.redraw()
            self.choices.take(answer)

    def _ask(self, question: AskComparison) -> None:
        self.question = question
        self.set_reactive(LiveScreen.answer, None)
        self.post_message(ScreenShown())

    @on(ChoicesPane.Chosen)
    def choose(self, message: ChoicesPane.Chosen) -> None:
        """Put this one on a side; the other side keeps its own, unless that is the same one."""
        shown = self.choices.comparison
        names = [side.name for side in shown.sides] if shown else []
        names += [""] * (2 - len(names))
        names[message.side] = message.name
        if names[0] == names[1]:
            names[1 - message.side] = ""
        assert isinstance(self.question, AskComparison)  # noqa: S101 - this screen asks nothing else
        self._ask(AskComparison(self.question.kind, *names))

    @on(ChoicesPane.NextKind)
    def next_kind(self) -> None:
        """Compare the next kind: sessions, projects, weeks, models, and around."""
        assert isinstance(self.question, AskComparison)  # noqa: S101 - likewise
        place = KINDS.index(self.question.kind) + 1
        self._ask(AskComparison(KINDS[place % len(KINDS)]))
