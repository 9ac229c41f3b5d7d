"""The app's picture: what the threads report goes into one scene, and the scene to the screen on top."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from textual import on
from textual._styles_cache import StylesCache

from tokentui.text import safe_text
from tokentui.ui import messages
from tokentui.ui.bases.leaving import LeavingApp
from tokentui.ui.scene import Scene
from tokentui.ui.screens.live import LiveScreen
from tokentui.ui.settings import UiSettings
from tokentui.ui.steps import is_same_question


class ShowingApp(LeavingApp):
    """Keeps the scene, shows it, and asks the query thread for what the top screen needs."""

    scene: Scene
    _clock: Callable[[], datetime]
    _settings: UiSettings
    _has_told_shown = False

    @property
    def live_screen(self) -> LiveScreen:
        """The topmost screen that shows the scene."""
        return next(screen for screen in reversed(self.screen_stack) if isinstance(screen, LiveScreen))

    @on(messages.SnapshotReady)
    def show_snapshot(self, message: messages.SnapshotReady) -> None:
        """Show the snapshot if it is of the moment shown; a frozen view changes only when it asks a new question."""
        snapshot, scene = message.snapshot, self.scene
        if snapshot.view.as_of != scene.view.as_of:
            return
        self._tell_shown()
        if scene.frozen_at is None or scene.snapshot is None:
            self._show(replace(scene, snapshot=snapshot, latest=snapshot))
        elif is_same_question(scene.snapshot.view, snapshot.view):
            self._show(replace(scene, latest=snapshot))
        else:
            now = self._clock()
            self._show(replace(scene, now=now, frozen_at=now, snapshot=snapshot, latest=snapshot))

    def _tell_shown(self) -> None:
        """Call the settings' `on_shown` once, after the first answer or the first failure is on screen."""
        if not self._has_told_shown:
            self._has_told_shown = True
            self.call_after_refresh(self._settings.on_shown)

    @on(messages.AnswerReady)
    def show_answer(self, message: messages.AnswerReady) -> None:
        """Give the drill-down its answer; a frozen screen keeps the answer it has."""
        if not self.has_screens:
            return
        screen = self.live_screen
        if screen.question == message.question and (self.scene.frozen_at is None or screen.answer is None):
            screen.answer = message.answer

    @on(messages.IngestProgressed)
    def show_progress(self, message: messages.IngestProgressed) -> None:
        """Say how far reading is."""
        self._show(replace(self.scene, report=message.report))

    @on(messages.SourceFailed)
    def show_failure(self, message: messages.SourceFailed) -> None:
        """Say what failed; the last good figures stay on screen."""
        self._tell_shown()
        failures = {**self.scene.failures, message.part: message.reason}
        self._show(replace(self.scene, failures=failures))

    @on(messages.SourceRecovered)
    def forget_failure(self, message: messages.SourceRecovered) -> None:
        """Take the notice of a failure away."""
        failures = {part: reason for part, reason in self.scene.failures.items() if part != message.part}
        self._show(replace(self.scene, failures=failures))

    @on(messages.SyncProgressed)
    def show_sync(self, message: messages.SyncProgressed) -> None:
        """Say how syncing stands, and why a sync that was asked for too soon is not done."""
        self._show(replace(self.scene, sync=message.status))
        if message.status.too_soon:
            self.notify(safe_text(message.status.too_soon), markup=False)

    @on(messages.ScreenShown)
    def show_screen(self) -> None:
        """Give a screen that has come up its scene, ask for its answer, and free what the screen before had drawn."""
        StylesCache.get_inner_outer.cache_clear()  # it holds on to all that was ever drawn: Textual's issue 6665
        self._show(self.scene)
        self.ask_again()

    def ask_again(self) -> None:
        """Ask the query thread for the present view and for what the top screen shows."""
        if self.has_screens:
            self._threads.ask(self.scene.view, self.live_screen.question)

    def _show(self, scene: Scene) -> None:
        """Take this scene, bring its time up to date unless it is frozen, and hand it to the top screen."""
        if bool(scene.alerts) is not bool(self.scene.alerts):
            self.call_after_refresh(self.refresh_bindings)
        now = self._clock()
        scene = scene.noting_unpriced(now)
        self.scene = scene if scene.frozen_at else replace(scene, now=scene.view.as_of or now)
        if self.has_screens:
            with self.batch_update():
                self.live_screen.scene = self.scene
