"""The sync thread: fetches Anthropic's reports now and then. The figures from logs do not depend on it."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable
from datetime import datetime
from typing import Literal, NamedTuple

from tokentui.ui.ports import Sync, Synced

EVERY_SECONDS = 600.0
"""Time between two syncs that nobody asked for."""
NO_KEY = (
    "no Admin key: set ANTHROPIC_ADMIN_API_KEY, or key_command under [anthropic] in the configuration, and start again"
)
SyncPhase = Literal["no key", "idle", "syncing", "failed"]


class SyncStatus(NamedTuple):
    """The state of syncing, for the screen."""

    phase: SyncPhase = "no key"
    synced_at: datetime | None = None
    """When the last complete sync ended."""
    error: str = ""
    """What the last sync failed with, empty if it did not."""
    too_soon: str = ""
    """Why a sync that the user asked for was not done."""


class Syncer:
    """`run` is the body of the sync thread; `hurry` and `stop` may be called from any thread."""

    def __init__(
        self,
        sync: Sync,
        clock: Callable[[], datetime],
        post: Callable[[SyncStatus], object],
        on_change: Callable[[], object],
        every_seconds: float = EVERY_SECONDS,
    ) -> None:
        self._sync, self._clock, self._post, self._on_change = sync, clock, post, on_change
        self._every_seconds = every_seconds
        self._stopped = threading.Event()
        self._woken = threading.Event()
        self._status = SyncStatus("idle")

    def start(self) -> None:
        """Start a daemon thread: the program ends without waiting for a slow server, and a sync may be cut off
        anywhere."""
        threading.Thread(target=self.run, name="sync", daemon=True).start()

    def hurry(self) -> None:
        """Sync now, unless a sync is under way."""
        if self._status.phase != "syncing":
            self._woken.set()

    def stop(self) -> None:
        """End the thread soon."""
        self._stopped.set()
        self._woken.set()

    def run(self) -> None:
        """Sync and wait, in turn, until stopped."""
        with contextlib.suppress(Exception):
            self._say(self._status._replace(synced_at=self._sync.last_done_at()))
        self._woken.wait(self._first_pause())
        while not self._stopped.is_set():
            is_wished = self._woken.is_set()
            self._woken.clear()
            if not self._stopped.is_set():
                self._once(is_wished)
                self._woken.wait(self._every_seconds)

    def _first_pause(self) -> float:
        """Seconds until the first sync: 0 if there was none, or none within the last period."""
        last = self._status.synced_at
        return 0.0 if last is None else max(0.0, self._every_seconds - (self._clock() - last).total_seconds())

    def _once(self, is_wished: bool) -> None:
        self._say(self._status._replace(phase="syncing", too_soon=""))
        try:
            result = self._sync.once(self._stopped, is_wished)
        except Exception as error:  # only its type is shown, since its text may hold a key
            result = Synced(error=f"{type(error).__name__} in the sync thread; `tokentui sync` may tell more")
        status = self._status._replace(error=result.error, too_soon=result.too_soon)
        if result.too_soon:
            phase: SyncPhase = "failed" if self._status.error else "idle"
            self._say(status._replace(phase=phase, error=self._status.error))
        elif result.error:
            self._say(status._replace(phase="failed"))
        else:
            self._say(status._replace(phase="idle", synced_at=self._clock()))
        if not self._stopped.is_set():
            self._on_change()

    def _say(self, status: SyncStatus) -> None:
        self._status = status
        if not self._stopped.is_set():
            with contextlib.suppress(RuntimeError):  # the app has closed
                self._post(status)
