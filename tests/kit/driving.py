"""Drives the app in tests: waits for what it waits for, never for time to pass."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC

from textual.message import Message
from textual.pilot import Pilot
from textual.strip import Strip

from tests.kit.canned import LIVE, NOW, busy
from tests.kit.fakes import CannedIngest, CannedQuestions
from tokentui.ingest.report import IngestReport
from tokentui.queries.results import Snapshot
from tokentui.ui.app import TokentuiApp
from tokentui.ui.drawing.line_pane import LinePane
from tokentui.ui.ports import BudgetBook, Sync, Watch
from tokentui.ui.settings import UiSettings
from tokentui.view import View

PATIENCE_SECONDS = 10
CALM = UiSettings(alphabet="block", interval_seconds=60.0, theme="tokentui-safe-light")
"""Nothing moves by itself."""


@dataclass
class Driver:
    """The app under test and what it stands on."""

    app: TokentuiApp
    pilot: Pilot[str]
    questions: CannedQuestions
    ingest: CannedIngest
    heard: asyncio.Event
    watch: Watch | None = None
    book: BudgetBook | None = None
    marks: list[tuple[str, bool]] = field(default_factory=list)
    """Advice that was dismissed (True) or taken back."""

    async def until(self, is_so: Callable[[], object]) -> None:
        """Let the app work until something is so."""
        async with asyncio.timeout(PATIENCE_SECONDS):
            await self.pilot.pause()
            while not is_so():
                await self.heard.wait()
                self.heard.clear()
                await self.pilot.pause()

    async def settle(self) -> None:
        """Let the app work until the screen shows the answer to what was asked last."""
        await self.until(self._is_settled)
        await self._painted()

    async def _painted(self) -> None:
        """Let the app paint until nothing is left to lay out or draw, and two looks show the same."""
        async with asyncio.timeout(PATIENCE_SECONDS):
            before, now = None, self.text()
            while self._has_to_paint() or now != before:
                await self.pilot.pause()
                before, now = now, self.text()

    def _has_to_paint(self) -> bool:
        screen = self.app.screen
        return bool(screen._dirty_widgets or screen._layout_required or screen._repaint_required)

    def _is_settled(self) -> bool:
        scene, screen = self.app.scene, self.app.live_screen
        is_answered = screen.question is None or screen.answer is not None
        return bool(scene.report and scene.latest and scene.latest.view == scene.view and is_answered)

    async def press(self, *keys: str) -> None:
        """Press keys one by one, each after the last has had its answer."""
        for key in keys:
            await self.pilot.press(key)
            await self.settle()

    async def type(self, *keys: str) -> None:
        """Press keys one after another without waiting for answers in between."""
        await self.pilot.press(*keys)
        await self.settle()

    async def resize(self, width: int, height: int) -> None:
        """Give the terminal another size."""
        await self.pilot.resize_terminal(width, height)
        await self.until(lambda: self.app.screen.size == (width, height))
        await self.settle()

    def strips(self) -> list[Strip]:
        """What is on the screen, line by line."""
        return self.app.screen._compositor.render_strips()

    def text(self) -> str:
        """The text on the screen, line by line."""
        return "\n".join("".join(segment.text for segment in strip).rstrip() for strip in self.strips())

    def said(self) -> str:
        """What came up in a corner, a line each; a test's screen shows none of it. Never markup."""
        notifications = list(self.app._notifications)
        assert not any(notification.markup for notification in notifications)
        return "\n".join(notification.message for notification in notifications)

    def pane(self, selector: str) -> LinePane:
        """A pane of the screen on top."""
        return self.app.screen.query_one(selector, LinePane)

    def pane_text(self, selector: str) -> str:
        """What a pane shows."""
        return "\n".join("".join(text for text, _ in line).rstrip() for line in self.pane(selector)._lines)


def make_app(
    questions: CannedQuestions,
    ingest: CannedIngest,
    settings: UiSettings | None = None,
    watch: Watch | None = None,
    sync: Sync | None = None,
    book: BudgetBook | None = None,
) -> TokentuiApp:
    """An app on canned answers, with a clock that stands still."""
    settings = settings or CALM
    return TokentuiApp(questions, ingest, settings, lambda: NOW, UTC, watch=watch, sync=sync, budgets=book)


@asynccontextmanager
async def driven(
    make: Callable[[View], Snapshot] = busy,
    report: IngestReport = LIVE,
    *,
    size: tuple[int, int] = (120, 36),
    settings: UiSettings | None = None,
    questions: CannedQuestions | None = None,
    ingest: CannedIngest | None = None,
    watch: Watch | None = None,
    settled: bool = True,
    sync: Sync | None = None,
    book: BudgetBook | None = None,
) -> AsyncIterator[Driver]:
    """A running app that shows its first answer."""
    questions, ingest = questions or CannedQuestions(make), ingest or CannedIngest(report)
    marks: list[tuple[str, bool]] = []
    settings = (settings or CALM)._replace(mark_finding=lambda *mark: marks.append(mark))
    app = make_app(questions, ingest, settings, watch, sync, book)
    heard = asyncio.Event()

    def hear(_message: Message) -> None:
        heard.set()

    async with app.run_test(size=size, message_hook=hear) as pilot:
        driver = Driver(app, pilot, questions, ingest, heard, watch, book, marks)
        if settled:
            await driver.settle()
        yield driver
