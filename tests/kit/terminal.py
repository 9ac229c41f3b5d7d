"""The real program in a pseudo-terminal, with a screen that can be read."""

from __future__ import annotations

import fcntl
import os
import re
import select
import signal
import struct
import subprocess
import termios
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence

import pyte

ON_AT_FIRST = frozenset({"7", "25"})
"""Private modes that a terminal starts with: wrapped lines and a visible cursor."""
ENTERED = b"\x1b[?1049h"
"""With this a program takes the whole screen."""
_PRIVATE_MODES = re.compile(rb"\x1b\[\?([\d;]+)([hl])")


class Terminal:
    """Runs a command in a terminal of its own and keeps its screen up to date while it is waited for."""

    def __init__(
        self,
        command: Sequence[str],
        environment: Mapping[str, str],
        columns: int = 120,
        rows: int = 36,
        *,
        is_controlling: bool = True,
    ) -> None:
        self._screen = pyte.Screen(columns, rows)
        self._stream = pyte.ByteStream(self._screen)
        self.written = bytearray()
        """Every byte that the program wrote."""
        self._terminal, self._inside = os.openpty()
        self._set_size(columns, rows)
        self.settings_at_first = termios.tcgetattr(self._inside)
        os.set_blocking(self._terminal, False)
        self._is_gone = False
        self.began = self.written_at = time.perf_counter()
        self._process = subprocess.Popen(
            list(command),
            env={**environment, "TERM": "xterm-256color", "COLORTERM": "truecolor"},
            stdin=self._inside,
            stdout=self._inside,
            stderr=self._inside,
            start_new_session=True,
            preexec_fn=_take_terminal if is_controlling else None,  # noqa: PLW1509 - one system call, which takes no lock
        )
        self.process_id = self._process.pid

    @property
    def text(self) -> str:
        """What the screen shows."""
        return "\n".join(self._screen.display)

    def send(self, keys: str) -> None:
        """Press keys."""
        os.write(self._terminal, keys.encode())

    def scribble(self, text: str) -> None:
        """Write on the screen as another program would, which the one in it does not know of."""
        self._stream.feed(text.encode())

    def resize(self, columns: int, rows: int) -> None:
        """Make the terminal larger or smaller; the program is told by a signal."""
        self._screen.resize(rows, columns)
        self._set_size(columns, rows)

    def _set_size(self, columns: int, rows: int) -> None:
        fcntl.ioctl(self._terminal, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def wait_for(self, text: str, timeout_seconds: float = 30.0, *, gone: bool = False) -> float:
        """Wait until the screen shows a text (or no longer does); returns when that reached it (`perf_counter`)."""
        return self.wait_until(lambda: (text in self.text) != gone, f"{text!r}{' to go' * gone}", timeout_seconds)

    def wait_until(self, is_so: Callable[[], bool], what: str, timeout_seconds: float = 30.0) -> float:
        """Follow the screen until something is so; returns when the program wrote last (`perf_counter`)."""
        deadline = time.perf_counter() + timeout_seconds
        while not is_so():
            left = deadline - time.perf_counter()
            if left <= 0 or self._process.poll() is not None:
                raise TimeoutError(f"waited for {what}; the screen shows:\n{self.text}")
            self.follow(min(left, 0.5))
        return self.written_at

    def follow(self, seconds: float) -> None:
        """Take up what the program writes within this time, at least once."""
        ready, _, _ = select.select([self._terminal], [], [], seconds)
        if not ready:
            return
        written = b"".join(iter(self._read, b""))
        if written:
            self.written_at = time.perf_counter()  # understanding it takes longer than drawing it did
        self.written += written
        self._stream.feed(written)

    def _read(self) -> bytes:
        """A piece of what was written; empty where there is no more for now."""
        try:
            return os.read(self._terminal, 1 << 20)
        except OSError:
            return b""

    def follow_for(self, seconds: float) -> None:
        """Keep the screen up to date for this long."""
        end = time.perf_counter() + seconds
        while (left := end - time.perf_counter()) > 0:
            self.follow(left)

    def quit(self, keys: str = "q") -> int:
        """Press the keys that end the program and return its exit code."""
        self.send(keys)
        return self.wait_for_end()

    def wait_for_end(self, timeout_seconds: float = 10.0) -> int:
        """Wait until the program has ended, take up its last words, and return its exit code."""
        deadline = time.perf_counter() + timeout_seconds
        while self._process.poll() is None:
            if time.perf_counter() > deadline:
                raise TimeoutError(f"the program did not end; the screen shows:\n{self.text}")
            self.follow(0.02)
        before = -1
        while before != len(self.written):
            before = len(self.written)
            self.follow(0)
        return self._process.returncode

    def stop_and_go_on(self) -> None:
        """Stop the program as nobody can prepare for, let it go on, and wait until it has taken the terminal again."""
        entered = self.written.count(ENTERED)
        os.kill(self.process_id, signal.SIGSTOP)
        os.waitpid(self.process_id, os.WUNTRACED)
        os.kill(self.process_id, signal.SIGCONT)
        self.wait_until(lambda: self.written.count(ENTERED) > entered, "the program to take the terminal again")

    def stop_reading(self) -> None:
        """Press keys and read nothing of what they show, until the program has no room left to write."""
        unread, since = -1, time.perf_counter()
        while time.perf_counter() - since < 1.0:
            self.send("z")
            select.select([], [], [], 0.05)
            before, unread = unread, struct.unpack("i", fcntl.ioctl(self._terminal, termios.FIONREAD, bytes(4)))[0]
            if unread != before:
                since = time.perf_counter()

    def hold_output(self) -> None:
        """Take nothing more, as after Ctrl+S."""
        termios.tcflow(self._inside, termios.TCOOFF)

    def wait_for_end_unread(self, timeout_seconds: float = 10.0) -> int:
        """Wait until the program has ended, reading nothing, and return its exit code."""
        return self._process.wait(timeout_seconds)

    def hang_up(self, timeout_seconds: float = 10.0) -> int:
        """Take the terminal away, wait until the program has ended, and return its exit code."""
        self._is_gone = True
        os.close(self._terminal)
        return self._process.wait(timeout_seconds)

    def changes_left(self) -> list[str]:
        """What the program changed about the terminal and did not put back."""
        left = [f"mode {mode} is {'on' if is_on else 'off'}" for mode, is_on in self._modes_left().items()]
        pushed = Counter(re.findall(rb"\x1b\[([><])\d*u", bytes(self.written)))
        if pushed[b">"] > pushed[b"<"]:
            left.append("the keyboard protocol is on")
        if termios.tcgetattr(self._inside) != self.settings_at_first:
            left.append("the terminal's settings differ")
        return left

    def _modes_left(self) -> dict[str, bool]:
        """Private modes that are not as a terminal starts with them."""
        modes = {
            mode: set_or_reset == b"h"
            for numbers, set_or_reset in _PRIVATE_MODES.findall(bytes(self.written))
            for mode in numbers.decode().split(";")
        }
        return {mode: is_on for mode, is_on in modes.items() if is_on != (mode in ON_AT_FIRST)}

    def close(self) -> None:
        """End the program, if it still runs, and give the terminal back."""
        if self._process.poll() is None:
            self._process.kill()
        self._process.wait()
        for end in (self._inside,) if self._is_gone else (self._terminal, self._inside):
            os.close(end)


def _take_terminal() -> None:
    """Make standard input the controlling terminal, so that it tells of a change of its size."""
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)
