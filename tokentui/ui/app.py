"""The app: two threads below, one scene above, and the keys that change what is shown."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, tzinfo
from typing import ClassVar

from textual import on
from textual.app import App
from textual.binding import BindingType
from textual.screen import Screen

from tokentui.ui import keys
from tokentui.ui.asking import Asker
from tokentui.ui.charts.alphabet import choose_alphabet
from tokentui.ui.messages import (
    AnswerReady,
    IngestProgressed,
    ScreenShown,
    SetColumns,
    SetFilter,
    SetSort,
    SnapshotReady,
    SourceFailed,
    SourceRecovered,
)
from tokentui.ui.ports import IngestLoop, IngestReport, QuestionsFactory
from tokentui.ui.scene import Scene
from tokentui.ui.screens.dashboard import DashboardScreen
from tokentui.ui.screens.live import LiveScreen
from tokentui.ui.settings import UiSettings
from tokentui.ui.themes import SAFE_THEMES
from tokentui.view import RANGES, SORTS, RangeName, SortName, View

_RANGE_NAMES: tuple[RangeName, ...] = tuple(RANGES)


class TokentuiApp(App[str]):
    """The live monitor. Its result is `demo` when the user asked for the demo, else None."""

    TITLE = "tokentui"
    CSS_PATH = "tokentui.tcss"
    BINDINGS: ClassVar[list[BindingType]] = list(keys.bindings("everywhere"))
    HORIZONTAL_BREAKPOINTS: ClassVar = [(0, "-narrow"), (80, "-normal"), (120, "-wide")]
    VERTICAL_BREAKPOINTS: ClassVar = [(0, "-short"), (30, "-tall")]

    def __init__(
        self,
        questions: QuestionsFactory,
        ingest: IngestLoop,
        settings: UiSettings,
        clock: Callable[[], datetime],
        time_zone: tzinfo,
    ) -> None:
        super().__init__()
        self._ingest = ingest
        self._settings = settings
        self._clock = clock
        self._stop = threading.Event()
        self._asker = Asker(questions, settings.view, settings.interval_seconds, self.post_message)
        alphabet = choose_alphabet(settings.alphabet, self.console.encoding, os.environ.get("TERM", ""))
        self.scene = Scene(clock(), time_zone, settings.view, is_demo=settings.is_demo, alphabet=alphabet)

    def get_default_screen(self) -> Screen[None]:
        """Start on the dashboard."""
        return DashboardScreen(id="dashboard")

    def on_mount(self) -> None:
        """Dress up and start the two threads."""
        for theme in SAFE_THEMES:
            self.register_theme(theme)
        if self._settings.theme in self.available_themes:
            self.theme = self._settings.theme
        self.set_keymap(self._settings.keymap)
        self.run_worker(self._follow, thread=True, group="ingest", exit_on_error=False)
        self.run_worker(self._asker.run, thread=True, group="query", exit_on_error=False)

    def on_unmount(self) -> None:
        """Let both threads end."""
        self._stop_threads()

    def _stop_threads(self) -> None:
        self._stop.set()
        self._asker.stop()

    def _follow(self) -> None:
        """The ingest thread."""
        try:
            self._ingest.run(self._stop, self._report, self._asker.wake)
        except Exception as error:  # the one place where a dead ingest becomes a visible state
            self.post_message(SourceFailed("reading", f"{type(error).__name__}: {error}"))

    def _report(self, report: IngestReport) -> None:
        self.post_message(IngestProgressed(report))

    # What arrives from the threads.

    @on(SnapshotReady)
    def show_snapshot(self, message: SnapshotReady) -> None:
        """Show it, unless the view is frozen and this is the same question."""
        snapshot, scene = message.snapshot, self.scene
        if scene.frozen_at is None or scene.snapshot is None:
            self._show(replace(scene, now=self._clock(), snapshot=snapshot, latest=snapshot))
        elif _same_question(scene.snapshot.view, snapshot.view):
            self._show(replace(scene, latest=snapshot))
        else:
            now = self._clock()
            self._show(replace(scene, now=now, frozen_at=now, snapshot=snapshot, latest=snapshot))

    @on(AnswerReady)
    def show_answer(self, message: AnswerReady) -> None:
        """Give the drill-down its answer; a frozen one keeps the answer it has."""
        screen = self.live_screen
        if screen.question == message.question and (self.scene.frozen_at is None or screen.answer is None):
            screen.answer = message.answer

    @on(IngestProgressed)
    def show_progress(self, message: IngestProgressed) -> None:
        """Say how far reading is."""
        self._show(replace(self.scene, report=message.report))

    @on(SourceFailed)
    def show_failure(self, message: SourceFailed) -> None:
        """Say what failed; what was good stays on screen."""
        failures = {**self.scene.failures, message.part: message.reason}
        self._show(replace(self.scene, failures=failures))

    @on(SourceRecovered)
    def forget_failure(self, message: SourceRecovered) -> None:
        """It works again."""
        failures = {part: reason for part, reason in self.scene.failures.items() if part != message.part}
        self._show(replace(self.scene, failures=failures))

    @property
    def live_screen(self) -> LiveScreen:
        """The topmost screen that shows the scene."""
        return next(screen for screen in reversed(self.screen_stack) if isinstance(screen, LiveScreen))

    def _show(self, scene: Scene) -> None:
        self.scene = scene
        with self.batch_update():
            self.live_screen.scene = scene

    @on(ScreenShown)
    def show_screen(self) -> None:
        """A screen came up: its scene now, its answer as soon as there is one."""
        self._show(self.scene)
        self._ask()

    def _ask(self) -> None:
        self._asker.ask(self.scene.view, self.live_screen.question)

    # What the user wants to see.

    def _look(self, view: View) -> None:
        if view != self.scene.view:
            self._show(replace(self.scene, view=view))
            self._ask()
            self.refresh_bindings()

    @on(SetFilter)
    def set_filter(self, message: SetFilter) -> None:
        """Filter the sessions."""
        self._look(replace(self.scene.view, filter=message.wanted))

    @on(SetColumns)
    def set_columns(self, message: SetColumns) -> None:
        """Ask for as many slices as the chart can draw."""
        self._look(replace(self.scene.view, chart_columns=max(1, message.columns)))

    @on(SetSort)
    def set_sort(self, message: SetSort) -> None:
        """Sort by the clicked column, or turn it around."""
        view = self.scene.view
        is_same = view.sort == message.sort
        self._look(replace(view, sort=message.sort, reverse=is_same and not view.reverse))

    def action_freeze(self) -> None:
        """Hold the picture, or let it run again."""
        scene = self.scene
        if scene.frozen_at is None:
            self._show(replace(scene, frozen_at=scene.now))
        else:
            self._show(replace(scene, frozen_at=None, snapshot=scene.latest, now=self._clock()))
            self._ask()

    def action_next_range(self) -> None:
        """The next time range, around."""
        self._set_range((self._range_place + 1) % len(_RANGE_NAMES))

    def action_narrow_range(self) -> None:
        """A shorter range."""
        self._set_range(max(0, self._range_place - 1))

    def action_widen_range(self) -> None:
        """A longer range."""
        self._set_range(min(len(_RANGE_NAMES) - 1, self._range_place + 1))

    def action_reset_range(self) -> None:
        """The range of the start."""
        self._look(replace(self.scene.view, range=self._settings.view.range))

    @property
    def _range_place(self) -> int:
        return _RANGE_NAMES.index(self.scene.view.range)

    def _set_range(self, place: int) -> None:
        self._look(replace(self.scene.view, range=_RANGE_NAMES[place]))

    def action_split(self) -> None:
        """The chart by kind or by model."""
        self._look(replace(self.scene.view, split="model" if self.scene.view.split == "kind" else "kind"))

    def action_sort(self) -> None:
        """Sort by the next column."""
        following: SortName = SORTS[(SORTS.index(self.scene.view.sort) + 1) % len(SORTS)]
        self._look(replace(self.scene.view, sort=following, reverse=False))

    def action_reverse(self) -> None:
        """Turn the order around."""
        self._look(replace(self.scene.view, reverse=not self.scene.view.reverse))

    def action_stop_history(self) -> None:
        """Stop reading old logs."""
        self._ingest.stop_history()

    async def action_quit(self) -> None:
        """Leave at once."""
        self._stop_threads()
        self.exit()


def _same_question(one: View, other: View) -> bool:
    """Whether two views ask for the same, however wide the chart is."""
    return replace(one, chart_columns=1) == replace(other, chart_columns=1)
