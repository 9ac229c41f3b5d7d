"""What can go wrong on the way to Anthropic; every message is one line: what happened, and how to mend it."""

from __future__ import annotations


class AnthropicError(Exception):
    """A report could not be had."""


class KeyMissingError(AnthropicError):
    """There is no usable Admin key."""


class RefusedError(AnthropicError):
    """The server said no, and would say it again."""

    def __init__(self, message: str, status: int) -> None:
        super().__init__(message)
        self.status = status


class UnreachableError(AnthropicError):
    """No usable answer after several tries."""


class BadAnswerError(AnthropicError):
    """An answer that is not what the documents promise."""


class OutOfTimeError(AnthropicError):
    """The time for one run is used up."""


class StoppedError(AnthropicError):
    """Whoever started it wants it to stop."""
