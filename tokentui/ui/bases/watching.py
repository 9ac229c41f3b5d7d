"""What the app does about alerts: it runs the watch, shows what that reports, and passes on the user's wishes."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from functools import partial

from textual import on
from textual.message import Message
from textual.screen import Screen

from tokentui.text import safe_text
from tokentui.ui import messages, requests
from tokentui.ui.alerts import guilty_agents, shown
from tokentui.ui.bases.looking import LookingApp
from tokentui.ui.ports import Listener, Watch


class WatchingApp(LookingApp):
    """Runs the watch and opens what alerts are about; without a watch, only stored alerts are shown."""

    def __init__(self, watch: Watch | None) -> None:
        super().__init__()
        self._watch = watch
        self._troubles: dict[str, str] = {}

    def _look_out(self, stop: threading.Event, woken: threading.Event, wake: Callable[[], None]) -> None:
        """Run the watch until `stop` is set; the body of its thread."""
        if self._watch is None:
            return
        try:
            self._watch.run(
                stop,
                woken,
                Listener(
                    on_change=wake,
                    on_trouble=self._on_trouble,
                    write_terminal=lambda text: self._post(messages.TerminalSaid(text)),
                    is_caught_up=lambda: self.scene.progress.phase == "live",
                ),
            )
        except Exception as error:  # the one place where a dead watch becomes a visible state
            self._post(messages.SourceFailed("watch", f"{type(error).__name__}: {error}"))

    def _post(self, message: Message) -> None:
        self.post_message(message)

    def _on_trouble(self, part: str, reason: str) -> None:
        """Report each trouble once, and once that it is over."""
        if reason == self._troubles.get(part, ""):
            return
        self._troubles[part] = reason
        self._post(messages.SourceFailed(part, reason) if reason else messages.SourceRecovered(part))

    @on(messages.TerminalSaid)
    def tell_terminal(self, message: messages.TerminalSaid) -> None:
        """Write to the terminal from the screen's own thread, so that the text never lands inside a picture."""
        if self._driver is not None:
            self._driver.write(message.text)
            self._driver.flush()

    # What the user asks of it.

    def action_culprit(self) -> None:
        """Open the session that the loudest alert is about, or the alert log if it is about none."""
        alert = next(iter(shown(self.scene.alerts)), None)
        if alert is not None and alert.session_id:
            self.post_message(requests.OpenSession(alert.session_id, frozenset(alert.agents)))
        else:
            self.action_alerts()

    def action_alerts(self) -> None:
        """Open the alert log, or go back to it."""
        from tokentui.ui.screens.alerts import AlertsScreen

        self.open_one(AlertsScreen(self._watch.formulas() if self._watch else {}))

    def open_one(self, screen: Screen[None]) -> None:
        """Open this screen; if one of its kind is open already, close the screens above that one instead."""
        if any(type(below) is type(screen) for below in self.screen_stack):
            while type(self.screen) is not type(screen):
                self.pop_screen()
        else:
            self.push_screen(screen)

    @on(requests.OpenSession)
    def open_session(self, message: requests.OpenSession) -> None:
        """Open a session's agents; if it is on top already, put the cursor on the guilty ones."""
        from tokentui.ui.screens.session import SessionScreen

        guilty = message.guilty or guilty_agents(self.scene.alerts, message.session_id)
        top = self.screen
        if isinstance(top, SessionScreen) and top.session_id == message.session_id:
            top.point_at(guilty)
        else:
            self.push_screen(SessionScreen(message.session_id, guilty if message.guilty else frozenset()))

    @on(requests.AcknowledgeAlert)
    def acknowledge(self, message: requests.AcknowledgeAlert) -> None:
        """Store that the alert was seen."""
        if self._watch is not None:
            self._do(partial(self._watch.acknowledge, message.alert_id), f"alert {message.alert_id} is marked as seen")

    @on(requests.MuteAlerts)
    def mute(self, message: requests.MuteAlerts) -> None:
        """Mute a rule for an hour, or a session for good."""
        if self._watch is not None:
            length = "for good" if message.session_id else "for an hour"
            said = f"{message.name} is quiet {length}; `tokentui alerts unmute` ends it"
            self._do(partial(self._watch.mute, message.rule, message.session_id), said)

    @on(requests.OfferInterrupt)
    def offer_interrupt(self, message: requests.OfferInterrupt) -> None:
        """Look for the session's process in a thread; `TargetFound` brings the answer."""
        watch = self._watch
        if watch is None:
            return

        def find() -> None:
            try:
                self._post(messages.TargetFound(message.name, watch.find_target(message.session_id)))
            except Exception as error:  # shown, like every failure below the screen
                self._post(messages.ActionDone(f"{type(error).__name__}: {error}", has_failed=True))

        self.run_worker(find, thread=True, group="act", exit_on_error=False)

    @on(messages.TargetFound)
    def ask_to_interrupt(self, message: messages.TargetFound) -> None:
        """Ask whether to interrupt the process that was found, or say why that cannot be done."""
        from tokentui.ui.screens.interrupt import InterruptScreen

        if self._watch is not None and not isinstance(self.screen, InterruptScreen):
            self.push_screen(InterruptScreen(message.name, message.found, self._watch.interrupt, self.scene))

    def _do(self, action: Callable[[], None], said: str) -> None:
        """Do this in a thread, since the database may be busy, and then show `said` or the error."""

        async def act() -> None:
            try:
                await asyncio.to_thread(action)
                self._post(messages.ActionDone(said))
            except Exception as error:  # shown, like every failure below the screen
                self._post(messages.ActionDone(f"{type(error).__name__}: {error}", has_failed=True))

        self.run_worker(act(), group="act", exit_on_error=False)

    @on(messages.ActionDone)
    def show_done(self, message: messages.ActionDone) -> None:
        """Show what became of an action."""
        severity = "error" if message.has_failed else "information"
        self.notify(safe_text(message.said), severity=severity, markup=False)  # type: ignore[arg-type]
        self.ask_again()
