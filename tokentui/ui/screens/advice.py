"""Advice: where money could have been saved; and the evidence for one piece of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import ClassVar

from textual import getters, on
from textual.app import ComposeResult

from tokentui.queries.advice.advise import AdviceView
from tokentui.queries.advice.findings import Finding
from tokentui.ui.drawing.facts import facts
from tokentui.ui.panes.advice import AdvicePane, FindingText, range_text
from tokentui.ui.panes.evidence import EvidencePane
from tokentui.ui.panes.session.trail import Trail
from tokentui.ui.questions import Answer, AskAdvice
from tokentui.ui.screens.live import LiveScreen


class AdviceScreen(LiveScreen):
    """The findings, and the one under the cursor in full."""

    AUTO_FOCUS: ClassVar[str | None] = "#advice"
    table = getters.query_one(AdvicePane)
    shown = getters.query_one(FindingText)

    def __init__(self) -> None:
        super().__init__(name="advice")
        self.question = AskAdvice()
        self._titles: Mapping[str, str] = {}

    def compose_main(self) -> ComposeResult:
        """The list of findings, and one finding in full."""
        trail = Trail()
        trail.crumbs = ("advice",)
        yield trail.data_bind(LiveScreen.scene)
        yield AdvicePane(id="advice", classes="framed").data_bind(LiveScreen.scene)
        yield FindingText(id="finding", classes="framed").data_bind(LiveScreen.scene)

    def watch_answer(self, answer: Answer | None) -> None:
        """Show the new findings."""
        if isinstance(answer, AdviceView):
            self._titles = answer.titles
            self.table.as_of = answer.advice.as_of
            self.table.take(answer.advice.findings)

    def marked(self, key: str, *, is_dismissed: bool) -> None:
        """Show at once that a finding is dismissed or shown again; the next answer takes seconds."""
        table = self.table
        others = tuple(one for one in table.undoable if one != key)
        table.undoable = (*others, key) if is_dismissed else others
        table.take(
            tuple(replace(one, is_dismissed=is_dismissed) if one.key == key else one for one in table.findings or ())
        )

    @on(AdvicePane.Chosen)
    def show_chosen(self) -> None:
        """Show the finding under the cursor."""
        self.shown.finding = self.table.cursor_row
        self.shown.begin(self.table.cursor_key)

    @on(AdvicePane.Opened)
    def open_evidence(self, message: AdvicePane.Opened) -> None:
        """Open the evidence of this finding."""
        self.app.push_screen(EvidenceScreen(message.finding, self._titles))


class EvidenceScreen(LiveScreen):
    """The costliest places of one finding."""

    AUTO_FOCUS: ClassVar[str | None] = "#evidence"

    def __init__(self, finding: Finding, titles: Mapping[str, str]) -> None:
        super().__init__(name="evidence")
        self._finding, self._titles = finding, titles

    def compose_main(self) -> ComposeResult:
        """The trail, the places, the finding."""
        trail = Trail()
        trail.crumbs = ("advice", self._finding.kind)
        trail.figures = (facts((range_text(self._finding), "could have been saved"), (self._finding.subject, "")),)
        yield trail.data_bind(LiveScreen.scene)
        yield EvidencePane(self._finding, self._titles).data_bind(LiveScreen.scene)
        text = FindingText(id="finding", classes="framed")
        text.finding = self._finding
        yield text.data_bind(LiveScreen.scene)
