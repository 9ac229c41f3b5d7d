"""One response."""

from __future__ import annotations

from typing import ClassVar

from textual import getters
from textual.app import ComposeResult

from tokentui.queries.session.results import ResponseDetail
from tokentui.ui import words
from tokentui.ui.panes.session.response import ResponsePane
from tokentui.ui.panes.session.trail import Trail
from tokentui.ui.questions import Answer, AskResponse
from tokentui.ui.screens.live import LiveScreen


class ResponseScreen(LiveScreen):
    """All that is known about one billed answer."""

    AUTO_FOCUS: ClassVar[str | None] = "#response"
    trail = getters.query_one(Trail)
    pane = getters.query_one(ResponsePane)

    def __init__(self, response_id: int, crumbs: tuple[str, ...] = ()) -> None:
        super().__init__()
        self.question = AskResponse(response_id)
        self._crumbs = crumbs

    def compose_main(self) -> ComposeResult:
        """The trail and the text."""
        yield Trail().data_bind(LiveScreen.scene)
        yield ResponsePane(id="response", classes="framed").data_bind(LiveScreen.scene)

    def watch_answer(self, answer: Answer | None) -> None:
        """Show the response."""
        if not isinstance(answer, ResponseDetail):
            self.trail.show((*self._crumbs, "this response is not in the store"))
            return
        at = words.clock(answer.response.at, self.scene.time_zone) if self.scene else ""
        self.trail.show((*self._crumbs, at))
        self.pane.detail = answer
        self.pane.redraw()
