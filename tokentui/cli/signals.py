"""The signals that end a command: SIGINT (Ctrl-C), SIGTERM, and SIGHUP when its terminal is closed."""

from __future__ import annotations

import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from tokentui.exit_codes import DONE, ended_by

ASKING_TO_STOP = (signal.SIGINT, signal.SIGTERM)
ASKING_TO_END = (*ASKING_TO_STOP, *([signal.SIGHUP] if sys.platform != "win32" else []))


class Stop:
    """Whether a command was asked to stop, and what it then returns."""

    def __init__(self) -> None:
        self.is_asked = threading.Event()
        self.exit_code = DONE

    def ask(self, number: int) -> None:
        """Note that this signal asked the command to stop."""
        self.exit_code = ended_by(number)
        self.is_asked.set()


@contextmanager
def stoppable() -> Iterator[Stop]:
    """Have SIGINT and SIGTERM end work between two steps, instead of in the middle of one."""
    stop = Stop()
    with answering(stop.ask, ASKING_TO_STOP):
        yield stop


@contextmanager
def answering(act: Callable[[int], object], numbers: tuple[int, ...] = ASKING_TO_END) -> Iterator[None]:
    """Call a function at these signals instead of being ended by them; a SIGHUP that `nohup` ignores stays ignored."""
    before = {number: signal.getsignal(number) for number in numbers if not _is_barred(number)}
    for number in before:
        signal.signal(number, lambda got, _: act(got))
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _is_barred(number: int) -> bool:
    return number not in ASKING_TO_STOP and signal.getsignal(number) is signal.SIG_IGN


def leave(number: int) -> None:
    """End the process after the cleanup of all open contexts. Raises SystemExit."""
    raise SystemExit(ended_by(number))
