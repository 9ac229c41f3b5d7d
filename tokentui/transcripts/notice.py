"""Watches directories for changed logs. Events are hints: the stored offsets are right, a re-stat finds the rest."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterable
from pathlib import Path

from watchfiles import Change
from watchfiles._rust_notify import RustNotify  # `watch` cannot change its pace

from tokentui.transcripts.log_names import is_log_name, is_note_name
from tokentui.transcripts.sources import is_directory

STEP_MS = 10
"""Changes are reported twice this long after the first of them, whether or not more come; the reader sets the pace."""
QUIET_AFTER_MS = 5_000
"""After this long without a change the watch wakes less often, since waking is all that it costs when idle."""
QUIET_STEP_MS = 100
"""Time until the first change is reported then; it brings back the quick pace."""


class Notice:
    """Watches directories in its own thread and collects the changed paths until they are taken."""

    def __init__(self, roots: Iterable[Path]) -> None:
        self._stop = threading.Event()
        self._something = threading.Event()
        self._lock = threading.Lock()
        self._paths: set[str] = set()
        self.failure = ""
        """Why watching ended, if it did: from then on only the re-stat notices anything."""
        self.has_lost_root = False
        """Whether a watched directory was deleted or moved: nothing is told of what stands there since."""
        existing = [root for root in roots if is_directory(root)]
        self._thread = threading.Thread(target=self._watch, args=(existing,), name="notice", daemon=True)
        if existing:
            self._thread.start()

    def take(self, timeout_seconds: float) -> set[str]:
        """Take the paths that have changed since the last call; waits up to the timeout for a first one."""
        if timeout_seconds > 0:
            self._something.wait(timeout_seconds)
        with self._lock:
            paths, self._paths = self._paths, set()
            self._something.clear()
        return paths

    def close(self) -> None:
        """Stop watching; returns at once, the thread ends within a moment."""
        self._stop.set()
        self._something.set()

    def _watch(self, roots: list[Path]) -> None:
        try:
            with RustNotify([str(root) for root in roots], False, False, 0, True, True) as watcher:
                self._listen(watcher, frozenset(map(str, roots)))
        except (OSError, RuntimeError) as error:
            self.has_lost_root = not all(map(is_directory, roots))
            self.failure = "" if self.has_lost_root else str(error) or type(error).__name__

    def _listen(self, watcher: RustNotify, roots: frozenset[str]) -> None:
        pace = _QUICK
        while not self._stop.is_set():
            found = watcher.watch(*pace, QUIET_AFTER_MS, self._stop)
            if isinstance(found, str):  # timed out, or told to stop; signals go to the main thread
                pace = _QUIET
                continue
            pace = _QUICK
            if any(change == Change.deleted and path in roots for change, path in found):
                self.has_lost_root = True
                self._something.set()
            paths = {path for change, path in found if change != Change.deleted and _concerns_logs(path)}
            if paths:
                with self._lock:
                    self._paths |= paths
                    self._something.set()


_QUICK = (1, STEP_MS)
_QUIET = (1, QUIET_STEP_MS)
"""(longest wait, step) in milliseconds: a change is reported one step after it was seen."""


def _concerns_logs(path: str) -> bool:
    """Whether a path is a log, an agent's note, or a new directory (which has no suffix in this layout)."""
    name = path.rpartition(os.sep)[2]
    return is_log_name(name) or is_note_name(name) or "." not in name
