"""The program's exit codes."""

from __future__ import annotations

DONE, FAILED = 0, 1
AMISS = 3
"""A check found something: a budget is over, something runs away, or a bill does not match."""


def ended_by(signal_number: int) -> int:
    """The code for a program that a signal ended, by the convention of shells."""
    return 128 + signal_number


INTERRUPTED = ended_by(2)
"""Ended by Ctrl-C, signal 2. The number stands here so that commands need not load the module `signal` for it."""
