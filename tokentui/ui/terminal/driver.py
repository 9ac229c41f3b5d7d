"""The driver: reads keys from the terminal and writes pictures to it.

Textual's own driver wakes ten times a second to see whether it is to end; this one sleeps until it is told. It also
survives a terminal that is gone, until the app has ended in order, and a SIGSTOP, which cannot be caught; and it ends
when told to, even if the terminal no longer reads.
"""

from __future__ import annotations

import os
import selectors
import signal
import sys
import termios
import threading
import time
from codecs import getincrementaldecoder
from collections.abc import Callable, Iterable
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Any, TextIO, cast

from textual import constants
from textual._xterm_parser import XTermParser
from textual.drivers.linux_driver import LinuxDriver
from textual.message import Message

from tokentui.exit_codes import ended_by
from tokentui.ui.terminal.pastes import Pastes
from tokentui.ui.terminal.shown import Shown

if TYPE_CHECKING:
    from textual.app import App

UNDECIDED_SECONDS = 3 * constants.ESCAPE_DELAY
"""How long the parser may wait for the next byte, to tell Esc from the beginning of another key."""
UNREAD_SECONDS = 1.0
"""How long a terminal may leave the first picture unread after the program was told to end."""
STILL_UNREAD_SECONDS = 0.02
"""How long it may then leave each further picture unread."""
HANG_UP_CODE = ended_by(signal.SIGHUP)
"""The app's return code when its terminal is gone, with or without a signal."""


class PatientDriver(LinuxDriver):
    """Textual's driver for Linux, which here sleeps until a key is pressed and never blocks on a stalled terminal."""

    def __init__(self, app: App[Any], **options: Any) -> None:
        super().__init__(app, **options)
        self.exit_event = self._ending = _Ending()
        usual, other = cast("TextIO", sys.__stderr__), cast("TextIO", sys.__stdout__)
        self._file: Any = TerminalFile(usual if usual.isatty() else other, self._on_all_read)
        self._is_drawing = False

    def hurry(self, patience_seconds: float = UNREAD_SECONDS) -> None:
        """Throw away what a stalled terminal leaves unread for this long, so that the program can end."""
        threading.Thread(target=self._file.throw_away, args=(patience_seconds,), name="throw away", daemon=True).start()

    def start_application_mode(self) -> None:
        """Take the terminal for drawing."""
        super().start_application_mode()  # type: ignore[no-untyped-call]
        self._is_drawing = True

    def stop_application_mode(self) -> None:
        """Give the terminal back whole; nothing of this is left out, however long it takes to write."""
        self._is_drawing = False
        super().stop_application_mode()

    def write(self, data: str) -> None:
        """Write a picture, or leave it out if many are waiting: the app would block, and take no keys."""
        if self._is_drawing and self._writer_thread is not None and self._writer_thread._queue.full():
            self._file.has_left_out = True
        else:
            super().write(data)

    def _on_all_read(self) -> None:
        """Draw everything once the terminal reads again, since pictures were left out."""
        self._loop.call_soon_threadsafe(self._show_again)

    def redraw(self) -> None:
        """Clear the screen and draw all of it, after another program has written on it."""
        self.write("\x1b[2J")
        self._show_again()

    def _sigcont_application(self, *_: object) -> None:
        """Go on after a stop; a hang-up comes with this signal, too.

        Textual would begin anew on top of what is there after any but its own stop: two threads for the keys, and the
        settings of the running program taken for those to leave behind.
        """
        if self._must_signal_resume:
            super()._sigcont_application()
            self._loop.call_soon_threadsafe(self._show_again)
        else:
            self._loop.call_soon_threadsafe(self._take_terminal_again)

    def _take_terminal_again(self) -> None:
        """Set the terminal up and draw anew: another program may have changed its settings and its screen."""
        if self._app.is_running and os.isatty(self.fileno):
            self.suspend_application_mode()
            self.resume_application_mode()
            self._show_again()

    def _show_again(self) -> None:
        """Draw everything, whatever the terminal shows now."""
        self._app.refresh(layout=True)

    def run_input_thread(self) -> None:
        """Feed what comes from the terminal to the parser, and its events to the app, until told to end."""
        parser, decode, pastes = XTermParser(self._debug), getincrementaldecoder("utf-8")().decode, Pastes()
        undecided_until = 0.0
        with selectors.DefaultSelector() as selector:
            selector.register(self._ending.told, selectors.EVENT_READ)
            keys = selector.register(self.fileno, selectors.EVENT_READ)
            while not self._ending.is_set():
                is_undecided = time.monotonic() < undecided_until
                if (keys, selectors.EVENT_READ) in selector.select(constants.ESCAPE_DELAY if is_undecided else None):
                    undecided_until = time.monotonic() + UNDECIDED_SECONDS
                    if not (typed := self._typed()):
                        self._app.call_later(self._app.exit, return_code=HANG_UP_CODE)
                        return
                    self._process(parser.feed(text) if (text := pastes.tame(decode(typed))) else ())
                self._process(parser.tick())

    def _typed(self) -> bytes:
        """Bytes that were typed; none if the terminal is gone, which also ends the app."""
        try:
            return os.read(self.fileno, 4096)
        except OSError:
            return b""

    def _process(self, events: Iterable[Message]) -> None:
        for event in events:
            self.process_message(event)


class TerminalFile:
    """The terminal as the file that pictures are written to.

    Once the terminal is gone, they are written to nothing: an error would end the thread that writes, and the app would
    wait for ever for room in that thread's queue.
    """

    def __init__(self, file: TextIO, on_all_read: Callable[[], object]) -> None:
        self._file, self._on_all_read = file, on_all_read
        self._busy_since: float | None = None
        self._shown = Shown()
        self.has_left_out = False
        """Whether a picture was left out for want of room."""
        self.fileno = file.fileno

    def write(self, text: str) -> None:
        """Write only the cells that change, waiting until the terminal has room for them."""
        if changes := self._shown.changes(text, self._size()):
            self._until_done(partial(self._file.write, changes))

    def flush(self) -> None:
        """Wait until all is written; if pictures were left out, say that the terminal reads again."""
        self._until_done(self._file.flush)
        if self.has_left_out:
            self.has_left_out = False
            self._on_all_read()

    def throw_away(self, patience_seconds: float) -> None:
        """Throw away what the terminal leaves unread for too long, until the process ends; the body of a thread."""
        while True:
            time.sleep(STILL_UNREAD_SECONDS)
            since = self._busy_since
            if since is not None and time.monotonic() - since > patience_seconds:
                patience_seconds = STILL_UNREAD_SECONDS
                with suppress(termios.error, OSError):
                    termios.tcflush(self.fileno(), termios.TCOFLUSH)
                    for action in (termios.TCOOFF, termios.TCOON):  # wakes who waits for room on Linux
                        termios.tcflow(self.fileno(), action)

    def _size(self) -> tuple[int, int]:
        """Columns and rows of the terminal; 0 and 0 if it is gone."""
        try:
            return os.get_terminal_size(self.fileno())
        except OSError:
            return 0, 0

    def _until_done(self, act: Callable[[], object]) -> None:
        self._busy_since = time.monotonic()
        try:
            act()
        except OSError:
            self._forget()
        self._busy_since = None

    def _forget(self) -> None:
        """Point the file at nothing, so that unwritten text cannot fail at exit and change the exit code."""
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, self.fileno())
        os.close(nowhere)


class _Ending(threading.Event):
    """A `threading.Event` that a selector can wait for as well."""

    def __init__(self) -> None:
        super().__init__()
        self.told, self._tell = os.pipe()
        os.set_blocking(self.told, False)

    def set(self) -> None:
        super().set()
        os.write(self._tell, b"\0")

    def clear(self) -> None:
        super().clear()
        with suppress(BlockingIOError):
            os.read(self.told, 4096)
