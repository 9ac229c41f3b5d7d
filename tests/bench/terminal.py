"""The real program in a pseudo-terminal, with a screen that can be read."""

from __future__ import annotations

import fcntl
import os
import pty
import select
import struct
import termios
import time
from collections.abc import Mapping, Sequence

import pyte


class Terminal:
    """Runs a command in a terminal of its own and keeps its screen up to date while it is waited for."""

    def __init__(
        self, command: Sequence[str], environment: Mapping[str, str], columns: int = 120, rows: int = 36
    ) -> None:
        self._screen = pyte.Screen(columns, rows)
        self._stream = pyte.ByteStream(self._screen)
        self.began = time.perf_counter()
        self.process_id, self._terminal = pty.fork()
        if self.process_id == 0:
            os.execvpe(command[0], list(command), {**environment, "TERM": "xterm-256color"})  # noqa: S606
        size = struct.pack("HHHH", rows, columns, 0, 0)
        fcntl.ioctl(self._terminal, termios.TIOCSWINSZ, size)
        os.set_blocking(self._terminal, False)

    @property
    def text(self) -> str:
        """What the screen shows."""
        return "\n".join(self._screen.display)

    def send(self, keys: str) -> None:
        """Press keys."""
        os.write(self._terminal, keys.encode())

    def wait_for(self, text: str, timeout_seconds: float = 30.0, *, gone: bool = False) -> float:
        """Wait until the screen shows a text (or no longer does); returns when it was seen (`perf_counter`)."""
        deadline = time.perf_counter() + timeout_seconds
        while (text in self.text) == gone:
            left = deadline - time.perf_counter()
            if left <= 0:
                raise TimeoutError(f"{text!r} is {'still' if gone else 'not'} on the screen:\n{self.text}")
            self.follow(min(left, 0.5))
        return time.perf_counter()

    def follow(self, seconds: float) -> None:
        """Take up what the program writes within this time, at least once."""
        ready, _, _ = select.select([self._terminal], [], [], seconds)
        if not ready:
            return
        try:
            self._stream.feed(os.read(self._terminal, 1 << 20))
        except (BlockingIOError, OSError):
            return

    def follow_for(self, seconds: float) -> None:
        """Keep the screen up to date for this long."""
        end = time.perf_counter() + seconds
        while (left := end - time.perf_counter()) > 0:
            self.follow(left)

    def close(self) -> int:
        """Quit and return the exit code."""
        self.send("q")
        deadline = time.perf_counter() + 10
        while time.perf_counter() < deadline:
            self.follow(0.05)
            done, status = os.waitpid(self.process_id, os.WNOHANG)
            if done:
                os.close(self._terminal)
                return os.waitstatus_to_exitcode(status)
        os.kill(self.process_id, 9)
        os.waitpid(self.process_id, 0)
        raise TimeoutError("the program did not quit")
