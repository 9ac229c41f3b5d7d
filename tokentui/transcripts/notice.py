"""Word that a log has changed. Events are hints: stored offsets stay the truth, a re-stat catches what is missed."""

from __future__ import annotations

import threading
from collections.abc import Iterable
from pathlib import Path

from watchfiles import Change, watch

from tokentui.transcripts.places import is_log_name

STEP_MS = 20
"""How long changes must pause before they are told; also how soon a single one is."""
LONGEST_WAIT_MS = 80
"""Under steady change, word comes at least this often."""


class Notice:
    """Watches directories in a thread of its own and keeps the changed paths until they are taken."""

    def __init__(self, roots: Iterable[Path]) -> None:
        self._stop = threading.Event()
        self._something = threading.Event()
        self._lock = threading.Lock()
        self._paths: set[str] = set()
        self.failure = ""
        """Why watching ended, if it did: from then on only the re-stat notices anything."""
        existing = [root for root in roots if root.is_dir()]
        self._thread = threading.Thread(target=self._watch, args=(existing,), name="notice", daemon=True)
        if existing:
            self._thread.start()

    def take(self, timeout_seconds: float) -> set[str]:
        """Paths that changed since the last call; waits up to the timeout for a first one."""
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
            for changes in watch(
                *roots,
                watch_filter=_concerns_logs,
                debounce=LONGEST_WAIT_MS,
                step=STEP_MS,
                stop_event=self._stop,
                rust_timeout=2_000,
                raise_interrupt=False,
                ignore_permission_denied=True,
            ):
                with self._lock:
                    self._paths.update(path for change, path in changes if change is not Change.deleted)
                    self._something.set()
        except (OSError, RuntimeError) as error:
            self.failure = str(error) or type(error).__name__


def _concerns_logs(change: Change, path: str) -> bool:
    """Logs, the notes beside agents' logs, and new directories (which have no suffix in this layout)."""
    name = path.rpartition("/")[2]
    return is_log_name(name) or name.endswith(".meta.json") or "." not in name
