"""Decides how often what is usual is worked out anew for the screen: in small steps, never for the first answer."""

from __future__ import annotations

import sqlite3
import time
from datetime import datetime, tzinfo
from math import inf

from tokentui.queries.live.usual import UsualFigures, UsualQuestion

USUAL_SECONDS = 60.0
"""How often what is usual is worked out anew."""
USUAL_AT_FIRST_SECONDS = 5.0
"""How often while old logs are still being read."""
MINUTES_MEANWHILE = 2
"""Most active minutes between two times that it is worked out."""
USUAL_STEP = 8_000
"""Most responses that one answer may look at for it; the next answer goes on from there."""


class PacedUsual:
    """What is usual, as last worked out by one connection."""

    def __init__(self, *, is_live: bool) -> None:
        """With `is_live`, the first answer leaves it out, each later one does a step; else the first does all."""
        self._question = UsualQuestion()
        self._figures, self._due = UsualFigures(), 0.0
        self._waits = is_live
        self._most_responses: float = USUAL_STEP if is_live else inf

    def figures(self, connection: sqlite3.Connection, now: datetime, time_zone: tzinfo) -> UsualFigures:
        """The figures, worked out anew if that is due."""
        waited, self._waits = self._waits, False
        if not waited and time.monotonic() >= self._due:
            found = self._question.ask(connection, now, time_zone, self._most_responses)
            if found is not None:
                self._due = time.monotonic() + usual_pause(self._figures, found)
                self._figures = found
        return self._figures


def usual_pause(before: UsualFigures, found: UsualFigures) -> float:
    """Seconds until what is usual is worked out again; few if more minutes were added than have passed."""
    if before.fresh is None or found.fresh is None:
        return USUAL_AT_FIRST_SECONDS
    has_grown = found.fresh.active_minutes > before.fresh.active_minutes + MINUTES_MEANWHILE
    return USUAL_AT_FIRST_SECONDS if has_grown else USUAL_SECONDS
