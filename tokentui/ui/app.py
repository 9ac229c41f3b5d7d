"""The app: it starts the threads, opens the dashboard, and knows which keys work at the moment."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import datetime, tzinfo
from typing import ClassVar

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
from tokentui.ui.chrome.typed import TypedInput
from tokentui.ui.colours.themes import SAFE_THEMES
from tokentui.ui.keymap import keys
from tokentui.ui.keymap.remapped import complaints
from tokentui.ui.ports import BudgetBook, IngestLoop, QuestionsFactory, Sync, Watch
from tokentui.ui.scene import Scene
from tokentui.ui.screens.dashboard import DashboardScreen
from tokentui.ui.screens.live import LiveScreen
from tokentui.ui.settings import UiSettings


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
        """Whether a screen has ever come up; it stays true when the app ends."""
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
        """The driver for this system, or the one that `TEXTUAL_DRIVER` names."""
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
        """Start the threads; before the first picture, what they import and read would hold it up."""

        def run(body: Callable[[], None], group: str) -> None:
            self.run_worker(body, thread=True, group=group, exit_on_error=False)

        self._threads.start(run, self._look_out)

    def on_unmount(self) -> None:
        """Tell the threads to end."""
        self._threads.stop()

    def on_key(self, event: Key) -> None:
        """Give the filter what was typed before it had opened; those letters are no keys of the table."""
        if isinstance(self.focused, TypedInput) and self.focused.takes(event):
            event.prevent_default()
            self.focused.post_message(Key(event.key, event.character))

    def _keep_theme(self, theme: Theme) -> None:
        """Store the theme, so that the next start has it too."""

        def keep() -> None:
            trouble = self._settings.keep_theme(theme.name)
            if trouble:
                self.post_message(messages.SourceFailed("colours", trouble))

        if theme.name != self._settings.theme:
            self.run_worker(keep, thread=True, group="theme", exit_on_error=False)

    def action_billed(self) -> None:
        """Open the billed screen, or go back to it."""
        from tokentui.ui.screens.billed import BilledScreen

        self.open_one(BilledScreen())

    def action_sync_now(self) -> None:
        """Fetch Anthropic's reports now; without an Admin API key, say that there is none."""
        if not self._threads.sync_now():
            self.notify(NO_KEY, markup=False)

    def action_freeze(self) -> None:
        """Hold the picture still, or let it run again; in the past, return to the present."""
        if self.scene.is_past:
            self.action_present()
        elif self.scene.frozen_at is None:
            self.hold()
        else:
            self.let_go()
            self.ask_again()

    def action_stop_history(self) -> None:
        """Stop reading old logs."""
        self._ingest.stop_history()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Refuse keys that make no sense now: sorting nothing, a culprit without an alert, the screen that is open, a
        time later than now."""
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
