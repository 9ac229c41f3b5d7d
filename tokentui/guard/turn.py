"""When the chores of a watch are due: those that are too costly, or not needed, at every look."""

from __future__ import annotations


class Turn:
    """A chore that is done once in so many milliseconds; the first time at once."""

    def __init__(self, every_ms: int) -> None:
        self._every_ms = every_ms
        self._due_ms = 0

    def has_come(self, now_ms: int) -> bool:
        """Whether the chore is due. It also is where the clock was set back to before the last time."""
        return now_ms >= self._due_ms or self._due_ms - now_ms > self._every_ms

    def is_over(self, now_ms: int, pause_ms: int | None = None) -> None:
        """The chore is done; it is due again after the usual pause, or after a shorter one."""
        self._due_ms = now_ms + (self._every_ms if pause_ms is None else pause_ms)
