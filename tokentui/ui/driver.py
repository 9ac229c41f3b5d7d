"""Waiting for keys: Textual's own driver wakes ten times a second to see whether it is to end, this one is told."""

from __future__ import annotations

import os
import selectors
import threading
import time
from codecs import getincrementaldecoder
from collections.abc import Iterable
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from textual import constants
from textual._xterm_parser import XTermParser
from textual.drivers.linux_driver import LinuxDriver
from textual.message import Message

if TYPE_CHECKING:
    from textual.app import App

UNDECIDED_SECONDS = 3 * constants.ESCAPE_DELAY
"""How long after a byte the parser may still wait for the next one, to tell Esc from the beginning of another key."""


class PatientDriver(LinuxDriver):
    """Sleeps until a key is pressed."""

    def __init__(self, app: App[Any], **options: Any) -> None:
        super().__init__(app, **options)
        self.exit_event = self._ending = _Ending()

    def run_input_thread(self) -> None:
        """Feed what comes from the terminal to the parser, and its events to the app, until told to end."""
        parser, decode = XTermParser(self._debug), getincrementaldecoder("utf-8")().decode
        undecided_until = 0.0
        with selectors.DefaultSelector() as selector:
            selector.register(self._ending.told, selectors.EVENT_READ)
            keys = selector.register(self.fileno, selectors.EVENT_READ)
            while not self._ending.is_set():
                is_undecided = time.monotonic() < undecided_until
                if (keys, selectors.EVENT_READ) in selector.select(constants.ESCAPE_DELAY if is_undecided else None):
                    undecided_until = time.monotonic() + UNDECIDED_SECONDS
                    if not (typed := self._typed()):
                        return
                    self._process(parser.feed(text) if (text := decode(typed)) else ())
                self._process(parser.tick())

    def _typed(self) -> bytes:
        """What was typed; nothing where the terminal is gone, and nobody might tell this thread any more to end."""
        try:
            return os.read(self.fileno, 4096)
        except OSError:
            return b""

    def _process(self, events: Iterable[Message]) -> None:
        for event in events:
            self.process_message(event)


class _Ending(threading.Event):
    """An event that a selector can wait for too."""

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
