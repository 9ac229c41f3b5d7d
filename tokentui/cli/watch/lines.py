"""Lines for standard output, written in a thread of their own: a reader that stalls holds up no look and no notice."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from queue import SimpleQueue


class Lines:
    """Takes lines and returns at once; they are written in their order, past Python's own buffer."""

    def __init__(self, descriptor: int, encoding: str, on_unwritable: Callable[[OSError], None]) -> None:
        """`on_unwritable` is called, in the writing thread, once no line can be written any more."""
        self._descriptor, self._encoding, self._on_unwritable = descriptor, encoding, on_unwritable
        self._waiting: SimpleQueue[str | None] = SimpleQueue()
        self._thread = threading.Thread(target=self._write, name="write lines", daemon=True)
        self._thread.start()

    def add(self, line: str) -> None:
        """Have a line written after those before it."""
        self._waiting.put(line)

    def finish(self, timeout_seconds: float) -> None:
        """Wait that long for the lines that are left; what a stalled reader has not taken by then is lost."""
        self._waiting.put(None)
        self._thread.join(timeout_seconds)

    def _write(self) -> None:
        try:
            for line in iter(self._waiting.get, None):
                left = f"{line}\n".encode(self._encoding, "replace")
                while left:
                    left = left[os.write(self._descriptor, left) :]
        except OSError as error:
            self._on_unwritable(error)
