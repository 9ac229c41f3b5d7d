"""What Anthropic billed, beside the logs; and the explanation of one row."""

from __future__ import annotations

from dataclasses import replace
from typing import ClassVar

from textual import getters, on
from textual.app import ComposeResult
from textual.binding import BindingType

from tokentui.queries.reckoning.screen import BILLED_DAYS, USUAL_DAYS, BilledSide
from tokentui.ui.keymap import keys
from tokentui.ui.messages import ScreenShown
from tokentui.ui.panes.billed.bill import BilledPane, ExplainRow
from tokentui.ui.panes.billed.explained import ExplainedPane, title_of
from tokentui.ui.panes.billed.reckoning import ReckoningPane
from tokentui.ui.panes.billed.summary import BilledSummary
from tokentui.ui.panes.session.trail import Trail
from tokentui.ui.questions import Answer, AskBilled
from tokentui.ui.screens.live import LiveScreen


class BilledScreen(LiveScreen):
    """Billed money by group, and the reckoning of bill against logs below."""

    AUTO_FOCUS: ClassVar[str | None] = "#reckoning"
    RANGE: ClassVar = "own"
    BINDINGS: ClassVar[list[BindingType]] = list(keys.bindings("billed", "two tables"))
    summary = getters.query_one(BilledSummary)
    billed = getters.query_one(BilledPane)
    reckoning = getters.query_one(ReckoningPane)

    def __init__(self) -> None:
        super().__init__(name="billed")
        self.question = AskBilled()

    def compose_main(self) -> ComposeResult:
        """The summary and the two tables."""
        yield BilledSummary(id="billed-summary").data_bind(LiveScreen.scene)
        yield BilledPane(id="bill", classes="framed").data_bind(LiveScreen.scene)
        yield ReckoningPane(id="reckoning", classes="framed").data_bind(LiveScreen.scene)

    def watch_answer(self, answer: Answer | None) -> None:
        """Show the new figures; until they come, the old ones stay."""
        if isinstance(answer, BilledSide):
            self.summary.side = answer
            self.summary.redraw()
            self.billed.show(answer)
            self.reckoning.show(answer)

    def action_next_grouping(self) -> None:
        """Group by the next kind that any report has."""
        assert isinstance(self.question, AskBilled)  # noqa: S101 - this screen asks nothing else
        by = self.question.by
        known = self.summary.side.groupings if self.summary.side else (by,)
        self._ask(replace(self.question, by=known[(known.index(by) + 1) % len(known)] if by in known else known[0]))

    def change_range(self, step: str) -> None:
        """Change the days that are shown, by one of the range steps."""
        assert isinstance(self.question, AskBilled)  # noqa: S101 - this screen asks nothing else
        place, last = BILLED_DAYS.index(self.question.days), len(BILLED_DAYS) - 1
        days = {
            "next_range": BILLED_DAYS[(place + 1) % len(BILLED_DAYS)],
            "shorter_range": BILLED_DAYS[max(place - 1, 0)],
            "longer_range": BILLED_DAYS[min(place + 1, last)],
        }.get(step, USUAL_DAYS)
        if days != self.question.days:
            self._ask(replace(self.question, days=days))

    def _ask(self, question: AskBilled) -> None:
        self.question, self.answer = question, None
        self.post_message(ScreenShown())

    @on(ExplainRow)
    def explain(self, message: ExplainRow) -> None:
        """Open the explanation of this row."""
        if self.summary.side is not None:
            self.app.push_screen(ExplainedScreen(message.row, self.summary.side))


class ExplainedScreen(LiveScreen):
    """Why one row is as it is."""

    AUTO_FOCUS: ClassVar[str | None] = "#explained"

    def __init__(self, row: object, side: BilledSide) -> None:
        super().__init__(name="explained")
        self._row, self._side = row, side

    def compose_main(self) -> ComposeResult:
        """The trail and the text."""
        trail = Trail()
        trail.crumbs = ("billed", title_of(self._row, self._side))
        yield trail.data_bind(LiveScreen.scene)
        pane = ExplainedPane(self._row, self._side, id="explained", classes="framed")
        yield pane.data_bind(LiveScreen.scene)
