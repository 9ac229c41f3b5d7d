"""What all channels for notices share: their protocol, their error, and running a program."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Sequence
from typing import Protocol

from tokentui.text import safe_text
from tokentui.watch.telling.notices import Notice

RUN_SECONDS = 20.0
Wait = Callable[[float], bool]
"""Waits so many seconds; True if it was told to stop instead."""


class ChannelError(Exception):
    """A notice could not be delivered; the message says why in one line, without any secret."""

    def __init__(self, reason: str, attempts: int = 1) -> None:
        super().__init__(reason)
        self.attempts = attempts


class Channel(Protocol):
    """One way to send notices."""

    @property
    def name(self) -> str:
        """Its name in the alert log."""
        ...

    def send(self, notice: Notice, wait: Wait) -> int:
        """Deliver a notice, in the channel's own thread; returns how many attempts it took. Raises ChannelError."""
        ...


def run(arguments: Sequence[str], stdin: str | None = None, seconds: float = RUN_SECONDS) -> None:
    """Run a program to its end, without a shell. Raises ChannelError if it fails or takes too long."""
    try:
        done = subprocess.run(  # noqa: S603 - the user's own command, or a fixed one
            list(arguments),
            input=stdin,
            stdin=subprocess.DEVNULL if stdin is None else None,
            capture_output=True,
            text=True,
            encoding="utf-8",
            errors="replace",
            timeout=seconds,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise ChannelError(f"{arguments[0]} did not end within {seconds:g} s") from None
    except OSError as error:
        raise ChannelError(f"{arguments[0]} cannot be run: {error.strerror or error}") from None
    if done.returncode:
        said = next((line for line in done.stderr.splitlines() if line.strip()), "")
        raise ChannelError(f"{arguments[0]} ended with {done.returncode}{': ' * bool(said)}{safe_text(said, 160)}")
