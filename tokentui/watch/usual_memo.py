"""Keeps the usual figures in the store, so that a check need not read a whole week again."""

from __future__ import annotations

import sqlite3
from dataclasses import asdict
from datetime import datetime

from tokentui.instants import HOUR_MS, ms_of
from tokentui.store.memo import read_memo, write_memo
from tokentui.watch.usual import AverageDay, Usual, Usuals

USUAL_KEPT_MS = HOUR_MS
"""How long a check may use the figures that were kept."""
_USUAL = "usual"


def keep_usual(connection: sqlite3.Connection, usual: Usuals, now: datetime) -> None:
    """Keep the usual figures for the next check."""
    write_memo(connection, _USUAL, {"at_ms": ms_of(now), "figures": asdict(usual)})


def kept_usual(connection: sqlite3.Connection, now: datetime) -> Usuals | None:
    """The figures that were kept within the last hour; None if there are none or they cannot be read."""
    memo = read_memo(connection, _USUAL)
    try:
        if memo is None or not 0 <= now.timestamp() * 1000 - memo["at_ms"] < USUAL_KEPT_MS:
            return None
        figures = {name: None if value is None else Usual(**value) for name, value in memo["figures"].items()
                   if name != "day"}  # fmt: skip
        day = memo["figures"]["day"]
        return Usuals(**figures, day=None if day is None else AverageDay(**day))
    except (KeyError, TypeError, AttributeError):
        return None
