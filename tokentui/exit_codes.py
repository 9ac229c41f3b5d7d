"""What the program returns to whoever started it."""

from __future__ import annotations

DONE, FAILED = 0, 1
AMISS = 3
"""What was checked is not as it should be: a budget is over, something runs away, a bill does not come out."""


def ended_by(signal_number: int) -> int:
    """The code of a program that a signal ended, as shells tell it."""
    return 128 + signal_number


INTERRUPTED = ended_by(2)
"""By Ctrl-C. The module of signals is not loaded for it: most commands have no need of it."""
