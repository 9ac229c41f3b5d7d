"""The alert log: what was raised, about whom, and what was sent."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from textual import getters, on
from textual.app import ComposeResult

from tokentui.queries.alert_rows import AlertLog
from tokentui.ui import words
from tokentui.ui.drawing.facts import facts
from tokentui.ui.panes.alert_text import AlertText
from tokentui.ui.panes.alerts import AlertsPane
from tokentui.ui.panes.session.trail import Trail
from tokentui.ui.questions import Answer, AskAlerts
from tokentui.ui.screens.live import LiveScreen


class AlertsScreen(LiveScreen):
    """The log, and the alert under the cursor in full."""

    AUTO_FOCUS: ClassVar[str | None] = "#alerts"
    trail = getters.query_one(Trail)
    table = getters.query_one(AlertsPane)
    shown = getters.query_one(AlertText)

    def __init__(self, formulas: Mapping[str, str]) -> None:
        super().__init__(name="alerts")
        self.question = AskAlerts()
        self._formulas = formulas

    def compose_main(self) -> ComposeResult:
        """The trail, the log, and one alert in full."""
        yield Trail().data_bind(LiveScreen.scene)
        yield AlertsPane(self._formulas).data_bind(LiveScreen.scene)
        yield AlertText(id="alert", classes="framed").data_bind(LiveScreen.scene)

    def watch_answer(self, answer: Answer | None) -> None:
        """Show the new log."""
        if not isinstance(answer, AlertLog):
            self.trail.show(("alerts",))
            return
        is_open = sum(row.state == "alarm" for row in answer.alerts)
        figures = facts((f"{is_open} open", ""), (words.plural(len(answer.mutes), "mute"), ""))
        self.trail.show(("alerts",), (figures,))
        self.table.set_rows(answer.alerts)
        self.table.redraw()

    @on(AlertsPane.Chosen)
    def show_chosen(self) -> None:
        """Show the alert under the cursor."""
        self.shown.row = self.table.cursor_row
        self.shown.mutes = self.answer.mutes if isinstance(self.answer, AlertLog) else ()
        self.shown.begin(self.table.cursor_key)
