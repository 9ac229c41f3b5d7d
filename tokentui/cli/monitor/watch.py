"""The watch as the monitor uses it: the guard, with settings that follow their file, and the user's requests."""

from __future__ import annotations

import os
import threading
from collections.abc import Mapping
from datetime import timedelta
from typing import TYPE_CHECKING, Literal

from tokentui.config.watch import WatchedSettings
from tokentui.workspace import Workspace

if TYPE_CHECKING:
    from tokentui.guard.guard import Look
    from tokentui.ui.ports import Listener
    from tokentui.watch.interrupt import Refusal, Target
    from tokentui.watch.telling.telling import Telling

MUTED_FOR = timedelta(hours=1)
"""How long a rule is muted; a session is muted for good."""
FIRST_LOOK_SECONDS = 1.0
"""Delay before the rules are first applied, so that they do not slow the first picture."""
LAST_WORDS_SECONDS = 2.0
"""How long notices may still take to be sent once the monitor is left."""


class MonitorWatch:
    """Imports what it needs in the thread that runs it, so that the first picture does not wait."""

    def __init__(self, workspace: Workspace, settings: WatchedSettings) -> None:
        self._workspace, self._settings = workspace, settings
        self._database = workspace.home.database

    def run(self, stop: threading.Event, woken: threading.Event, listener: Listener) -> None:
        """Apply the rules until told to stop, then finish sending."""
        stop.wait(FIRST_LOOK_SECONDS)
        from tokentui.cli.watch.surroundings import surroundings_of
        from tokentui.guard.guard import open_guard
        from tokentui.guard.keep_looking import keep_looking
        from tokentui.watch.telling.telling import Telling

        telling = Telling(self._settings.current, write_terminal=listener.write_terminal)
        surroundings = surroundings_of(self._workspace, self._settings)
        try:
            keep_looking(
                lambda: open_guard(self._database, surroundings, telling),
                stop,
                woken,
                lambda look: self._on_look(look, listener),
                lambda trouble: listener.on_trouble("watch", trouble),
                listener.is_caught_up,
            )
        finally:
            self._finish(telling)

    def _on_look(self, look: Look, listener: Listener) -> None:
        trouble = self._settings.trouble.removeprefix(f"{self._workspace.home.config_dir}{os.sep}")
        listener.on_trouble("configuration", trouble)  # short enough for a small screen
        for sent in look.deliveries:
            if sent.attempts or sent.error:
                listener.on_trouble(sent.channel, f"alert {sent.alert_id}: {sent.error}" if sent.error else "")
        changed = any("alarm" in (change.before, change.after) for change in look.changes)
        if changed or look.deliveries:
            listener.on_change()

    def _finish(self, telling: Telling) -> None:
        from tokentui.courier import keep_deliveries

        if sent := telling.finish(LAST_WORDS_SECONDS):
            keep_deliveries(self._database, sent)

    def acknowledge(self, alert_id: int) -> None:
        """Store that an alert was seen. Raises StoreError."""
        from tokentui.guard import marks

        marks.acknowledge(self._database, alert_id, self._workspace.clock())

    def mute(self, rule: str, session_id: str) -> None:
        """Mute a rule for an hour, or a session for good. Raises StoreError."""
        from tokentui.guard import marks

        now = self._workspace.clock()
        marks.mute(self._database, now, rule, session_id, None if session_id else now + MUTED_FOR)

    def formulas(self) -> Mapping[str, str]:
        """Rule → its formula with the present settings."""
        from tokentui.watch.alarm import limits_in_words

        return limits_in_words(self._settings.current())

    def find_target(self, session_id: str) -> Target | Refusal:
        """The process of a session, looked up in the live registry, or why it cannot be interrupted."""
        from tokentui.transcripts.registry import read_registry
        from tokentui.watch.interrupt import find_target

        return find_target(session_id, read_registry(source.config_dir for source in self._workspace.sources))

    def interrupt(self, target: Target, how: Literal["interrupt", "end"]) -> Refusal | None:
        """Send SIGINT, or SIGTERM to end the process; None if it was sent, else why not."""
        from tokentui.watch.interrupt import interrupt

        return interrupt(target, how)
