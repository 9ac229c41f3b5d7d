"""Tells when a chore of the guard is due, for chores that are too costly, or not needed, at every look."""

from __future__ import annotations


class Turn:
    """A chore that is due at the first look, and then every so many milliseconds."""

    def __init__(self, every_ms: int) -> None:
        self._every_ms = every_ms
        self._due_ms = 0

    def has_come(self, now_ms: int) -> bool:
        """Whether the chore is due; it also is if the clock was set back to before it was last done."""
        return now_ms >= self._due_ms or self._due_ms - now_ms > self._every_ms

    def is_over(self, now_ms: int, pause_ms: int | None = None) -> None:
        """Note that the chore is done: it is due again after its usual pause, or after the shorter one given here."""
        self._due_ms = now_ms + (self._every_ms if pause_ms is None else pause_ms)
