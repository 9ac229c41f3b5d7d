"""The base of every screen that stays live: status line, banners and footer around its own part."""

from __future__ import annotations

from typing import ClassVar, Literal

from textual import events
from textual.app import ComposeResult
from textual.reactive import reactive
from textual.screen import Screen

from tokentui.ui.chrome.banners import Banners
from tokentui.ui.chrome.hints import KeyHints
from tokentui.ui.chrome.layout import LEAST_HEIGHT, LEAST_WIDTH, SHORT_HEIGHT, frame_for
from tokentui.ui.chrome.status import StatusLine
from tokentui.ui.drawing.line_pane import LinePane
from tokentui.ui.drawing.lines import Line
from tokentui.ui.messages import ScreenShown
from tokentui.ui.questions import Answer, Question
from tokentui.ui.scene import Scene


class TooSmall(LinePane, can_focus=False):
    """What is shown in a terminal that is too small for anything else."""

    def draw(self, scene: Scene, width: int, height: int) -> list[Line]:
        """One centred line."""
        text = f"needs {LEAST_WIDTH}×{LEAST_HEIGHT}, have {width}×{height}"
        return [()] * ((height - 1) // 2) + [((text.center(width), "strong"),)]


class LiveScreen(Screen[None]):
    """Shows the app's scene, and the answer to a question of its own if it has one."""

    AUTO_FOCUS: ClassVar[str | None] = "#main"
    scene: reactive[Scene | None] = reactive(None, init=False, repaint=False)
    answer: reactive[Answer | None] = reactive(None, init=False, always_update=True, repaint=False)
    question: Question | None = None
    RANGE: ClassVar[Literal["shared", "own", "none"]] = "none"
    """Which time range the keys for it change here."""

    def compose(self) -> ComposeResult:
        """The frame; subclasses fill `compose_main`."""
        yield StatusLine(has_view=self.RANGE == "shared").data_bind(LiveScreen.scene)
        yield Banners(id="banners").data_bind(LiveScreen.scene)
        yield from self.compose_main()
        yield KeyHints(id="hints").data_bind(LiveScreen.scene)
        yield TooSmall(id="too-small").data_bind(LiveScreen.scene)

    def compose_main(self) -> ComposeResult:
        """The widgets between banners and footer."""
        raise NotImplementedError

    def on_screen_resume(self) -> None:
        """Show the keys, and have the app send the present scene."""
        self.query(KeyHints).set(visible=True)  # a query, since a screen that comes up as the app is left has no footer
        self.post_message(ScreenShown())

    def on_screen_suspend(self) -> None:
        """Hide the keys while a question lies over the screen: they do nothing then."""
        self.query(KeyHints).set(visible=False)

    def on_resize(self, event: events.Resize) -> None:
        """Fit the frames to the size; on a screen that is too small, show only a notice."""
        for pane in self.query(".framed").results(LinePane):
            pane.frame = frame_for(event.size.width, event.size.height)
        self.set_class(event.size.height < SHORT_HEIGHT, "-short")
        self.set_class(event.size.width < LEAST_WIDTH or event.size.height < LEAST_HEIGHT, "-too-small")

    def change_range(self, step: str) -> None:
        """Change the screen's own range: `next_range`, `shorter_range`, `longer_range` or `first_range`."""

    def action_other_table(self) -> None:
        """Focus the other table."""
        self.focus_next()

    def action_back(self) -> None:
        """Close this screen, and show the one below."""
        self.dismiss()
