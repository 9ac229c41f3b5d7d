"""What the program returns to whoever started it."""

from __future__ import annotations

DONE, FAILED = 0, 1
AMISS = 3
"""A check found something: a budget is over, something runs away, or a bill does not match."""


def ended_by(signal_number: int) -> int:
    """The code of a program that a signal ended, as shells tell it."""
    return 128 + signal_number


INTERRUPTED = ended_by(2)
"""By Ctrl-C. The module of signals is not loaded for it: most commands have no need of it."""
