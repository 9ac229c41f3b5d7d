"""The app: threads below, one scene above, and the keys that change what is shown."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, tzinfo
from typing import ClassVar

from textual import on
from textual._styles_cache import StylesCache
from textual.binding import BindingType
from textual.driver import Driver
from textual.events import Key
from textual.screen import Screen
from textual.theme import Theme

from tokentui.text import safe_text
from tokentui.ui import messages
from tokentui.ui.alerts import shown
from tokentui.ui.background.syncing import NO_KEY
from tokentui.ui.background.threads import Threads
from tokentui.ui.bases.insight import InsightApp
from tokentui.ui.charts.alphabet import choose_alphabet
from tokentui.ui.keymap import keys
from tokentui.ui.keymap.remapped import complaints
from tokentui.ui.ports import BudgetBook, IngestLoop, QuestionsFactory, Sync, Watch
from tokentui.ui.scene import Scene
from tokentui.ui.screens.dashboard import DashboardScreen
from tokentui.ui.screens.live import LiveScreen
from tokentui.ui.settings import UiSettings
from tokentui.ui.steps import STEPS, is_same_question
from tokentui.ui.themes import SAFE_THEMES
from tokentui.ui.typed import TypedInput
from tokentui.view import View


class TokentuiApp(InsightApp):
    """The live monitor. Its result is `demo` when the user asked for the demo, else None."""

    TITLE = "tokentui"
    CSS_PATH = "tokentui.tcss"
    BINDINGS: ClassVar[list[BindingType]] = list(keys.bindings("everywhere"))

    def __init__(
        self,
        questions: QuestionsFactory,
        ingest: IngestLoop,
        settings: UiSettings,
        clock: Callable[[], datetime],
        time_zone: tzinfo,
        watch: Watch | None = None,
        sync: Sync | None = None,
        budgets: BudgetBook | None = None,
    ) -> None:
        super().__init__(watch, budgets)
        self._ingest = ingest
        self._settings = settings
        self._clock = clock
        self.has_opened = False
        """Whether there was a screen, be it for a moment; there is none any more once the app is not running."""
        self._has_told_shown = False
        self._threads = Threads(questions, ingest, sync, settings, clock, self.post_message)
        alphabet = choose_alphabet(
            settings.alphabet, self.console.encoding, os.environ.get("TERM", ""), has_colour=not self.no_color
        )
        self.scene = Scene(
            clock(), time_zone, settings.view, is_demo=settings.is_demo, keymap=settings.keymap, alphabet=alphabet
        )

        for theme in SAFE_THEMES:
            self.register_theme(theme)
        if settings.theme in self.available_themes:
            self.theme = settings.theme  # before anything is styled, or all of it would be styled twice

    def get_driver_class(self) -> type[Driver]:
        """The one for this system, or what the environment names."""
        found = super().get_driver_class()
        if found.__name__ != "LinuxDriver":
            return found
        from tokentui.ui.terminal.driver import PatientDriver

        return PatientDriver

    def get_default_screen(self) -> Screen[None]:
        """Start on the dashboard."""
        return DashboardScreen(name="dashboard")

    def on_mount(self) -> None:
        """Take up the user's keys; the threads start after the first picture."""
        self.has_opened = True
        self.theme_changed_signal.subscribe(self, self._keep_theme)
        self.set_keymap(self._settings.keymap)
        if self._settings.theme not in self.available_themes:
            self.notify(
                f"there is no theme {safe_text(self._settings.theme, 40)!r}; the palette lists them",
                severity="warning",
                timeout=30,
                markup=False,
            )
        for complaint in complaints(self._settings.keymap):
            self.notify(complaint, severity="warning", timeout=30, markup=False)
        self.call_after_refresh(self._start_threads)

    def _start_threads(self) -> None:
        """Only now: what they import and read would hold the first picture up."""

        def run(body: Callable[[], None], group: str) -> None:
            self.run_worker(body, thread=True, group=group, exit_on_error=False)

        self._threads.start(run, self._look_out)

    def on_unmount(self) -> None:
        """Let the threads end."""
        self._threads.stop()

    def on_key(self, event: Key) -> None:
        """What is typed faster than the filter could open is the filter's, no key of the table."""
        if isinstance(self.focused, TypedInput) and self.focused.takes(event):
            event.prevent_default()
            self.focused.post_message(Key(event.key, event.character))

    def _keep_theme(self, theme: Theme) -> None:
        """The next start looks the same."""

        def keep() -> None:
            trouble = self._settings.keep_theme(theme.name)
            if trouble:
                self.post_message(messages.SourceFailed("colours", trouble))

        if theme.name != self._settings.theme:
            self.run_worker(keep, thread=True, group="theme", exit_on_error=False)

    # What arrives from the threads.

    @on(messages.SnapshotReady)
    def show_snapshot(self, message: messages.SnapshotReady) -> None:
        """Show it, unless the view is frozen and this is the same question; one of another moment came late."""
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
        """The first answer is about to be shown, or why there is none."""
        if not self._has_told_shown:
            self._has_told_shown = True
            self.call_after_refresh(self._settings.on_shown)

    @on(messages.AnswerReady)
    def show_answer(self, message: messages.AnswerReady) -> None:
        """Give the drill-down its answer; a frozen one keeps the answer it has."""
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
        """Say what failed; what was good stays on screen."""
        self._tell_shown()
        failures = {**self.scene.failures, message.part: message.reason}
        self._show(replace(self.scene, failures=failures))

    @on(messages.SourceRecovered)
    def forget_failure(self, message: messages.SourceRecovered) -> None:
        """It works again."""
        failures = {part: reason for part, reason in self.scene.failures.items() if part != message.part}
        self._show(replace(self.scene, failures=failures))

    @on(messages.SyncProgressed)
    def show_sync(self, message: messages.SyncProgressed) -> None:
        """Say how syncing stands; a wish that came too soon is answered aloud."""
        self._show(replace(self.scene, sync=message.status))
        if message.status.too_soon:
            self.notify(safe_text(message.status.too_soon), markup=False)

    def _show(self, scene: Scene) -> None:
        if bool(scene.alerts) is not bool(self.scene.alerts):
            self.call_after_refresh(self.refresh_bindings)
        now = self._clock()
        scene = scene.noting_unpriced(now)
        self.scene = scene if scene.frozen_at else replace(scene, now=scene.view.as_of or now)
        if self.has_screens:
            with self.batch_update():
                self.live_screen.scene = self.scene

    @on(messages.ScreenShown)
    def show_screen(self) -> None:
        """A screen came up: its scene now, its answer as soon as there is one; the one that was left goes for good."""
        StylesCache.get_inner_outer.cache_clear()  # it holds on to all that was ever drawn: Textual's issue 6665
        self._show(self.scene)
        self._ask()

    def ask_again(self) -> None:
        """What was asked last, once more."""
        self._ask()

    def action_billed(self) -> None:
        """What Anthropic billed; once is enough."""
        from tokentui.ui.screens.billed import BilledScreen

        self.open_one(BilledScreen())

    def action_sync_now(self) -> None:
        """Fetch Anthropic's reports, where there is a key."""
        if not self._threads.sync_now():
            self.notify(NO_KEY, markup=False)

    def _ask(self) -> None:
        if self.has_screens:
            self._threads.ask(self.scene.view, self.live_screen.question)

    # What the user wants to see.

    def look(self, view: View) -> None:
        """Show this view."""
        if view != self.scene.view:
            self._show(replace(self.scene, view=view))
            self._ask()
            self.refresh_bindings()

    @on(messages.SetFilter)
    def set_filter(self, message: messages.SetFilter) -> None:
        """Filter the sessions."""
        self.look(self.scene.view._replace(filter=message.wanted))

    @on(messages.SetColumns)
    def set_columns(self, message: messages.SetColumns) -> None:
        """Ask for as many slices as the chart can draw."""
        self.look(self.scene.view._replace(chart_columns=max(1, message.columns)))

    @on(messages.SetSort)
    def set_sort(self, message: messages.SetSort) -> None:
        """Sort by the clicked column, or turn it around."""
        view = self.scene.view
        is_same = view.sort == message.sort
        self.look(view._replace(sort=message.sort, reverse=is_same and not view.reverse))

    def action_freeze(self) -> None:
        """Hold the picture, or let it run again; the past stands still by itself."""
        if self.scene.is_past:
            self.action_present()
        elif self.scene.frozen_at is None:
            self._show(replace(self.scene, frozen_at=self.scene.now))
        else:
            self.let_go()
            self._ask()

    def let_go(self) -> None:
        """End a freeze."""
        if self.scene.frozen_at is not None:
            self._show(replace(self.scene, frozen_at=None, snapshot=self.scene.latest))

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """What makes no sense now: to sort nothing, a culprit of no alert, a screen twice, later than now."""
        if action == "culprit":
            return bool(shown(self.scene.alerts))
        if action in ("alerts", "budgets", "billed", "advice", "compare"):
            return self.screen.name != action
        if action == "step_time" and not self.scene.is_past:
            return int(str(parameters[0])) < 0
        is_range = action == "reset_range" or (action == "look" and str(parameters[0]).endswith("_range"))
        if is_range and isinstance(self.screen, LiveScreen) and self.screen.RANGE == "none":
            return False
        is_order = action == "look" and parameters[:1] in (("next_sort",), ("reversed_order",), ("other_split",))
        return not (is_order and self.screen.has_class("-empty"))

    def action_look(self, step: str) -> None:
        """Change the view as a key says; the range of a screen that has its own is for the screen."""
        if step.endswith("_range") and self.live_screen.RANGE == "own":
            self.live_screen.change_range(step)
        else:
            self.look(STEPS[step](self.scene.view))

    def action_reset_range(self) -> None:
        """The range of the start."""
        if self.live_screen.RANGE == "own":
            self.live_screen.change_range("first_range")
        else:
            self.look(self.scene.view._replace(range=self._settings.view.range))

    def action_stop_history(self) -> None:
        """Stop reading old logs."""
        self._ingest.stop_history()
