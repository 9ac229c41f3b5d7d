"""The plan's limits, as Claude Code reports them to its status line: one row for each window and reset time."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from typing import NamedTuple

from tokentui.instants import MINUTE_MS

TABLE = """
CREATE TABLE plan_limit (                             -- as told by Claude Code, not reckoned from logs
    window TEXT NOT NULL,                             -- five_hour, seven_day, ...
    resets_at_ms INTEGER NOT NULL,                    -- to the minute; 0 where it was not told
    used_share REAL NOT NULL,                         -- the greatest told before that reset; may exceed 1
    seen_at_ms INTEGER NOT NULL,                      -- when it was last told
    session_id TEXT NOT NULL,                         -- by which session
    PRIMARY KEY (window, resets_at_ms)
) WITHOUT ROWID;
"""
PLAN_WINDOWS = {
    "five_hour": "5h",
    "seven_day": "7d",
    "seven_day_opus": "7d opus",
    "seven_day_sonnet": "7d sonnet",
    "spend_limit": "spend",
}
"""The known windows, with the word for each; others are not stored."""
_SEEN_AGAIN_MS = MINUTE_MS
"""How old a stored figure must be before the same one is written again."""


class PlanLimit(NamedTuple):
    """How far one window of the plan is used."""

    window: str
    used_share: float
    resets_at_ms: int = 0
    """0 if unknown."""
    seen_at_ms: int = 0
    session_id: str = ""


def unrecorded(connection: sqlite3.Connection, limits: Iterable[PlanLimit]) -> list[PlanLimit]:
    """The limits that differ from the stored ones; only for them is it worth waiting for the lock."""
    kept = "SELECT used_share, seen_at_ms FROM plan_limit WHERE window = ? AND resets_at_ms = ?"
    return [
        limit
        for limit in limits
        if _says_more(limit, connection.execute(kept, (limit.window, limit.resets_at_ms)).fetchone())
    ]


def _says_more(limit: PlanLimit, kept: tuple[float, int] | None) -> bool:
    return kept is None or limit.used_share > kept[0] or limit.seen_at_ms - kept[1] >= _SEEN_AGAIN_MS


def record_plan_limits(connection: sqlite3.Connection, limits: Iterable[PlanLimit]) -> None:
    """Store limits. Use only grows until the reset, so a lower figure, from an idle session, changes nothing."""
    connection.execute("BEGIN IMMEDIATE")
    connection.executemany(
        "INSERT INTO plan_limit (window, resets_at_ms, used_share, seen_at_ms, session_id) VALUES (?, ?, ?, ?, ?)"
        " ON CONFLICT (window, resets_at_ms) DO UPDATE SET session_id = excluded.session_id,"
        " used_share = iif(resets_at_ms = 0, excluded.used_share, max(used_share, excluded.used_share)),"
        " seen_at_ms = max(seen_at_ms, excluded.seen_at_ms)",
        [(one.window, one.resets_at_ms, one.used_share, one.seen_at_ms, one.session_id) for one in limits],
    )
    connection.execute("COMMIT")


def last_plan_limits(connection: sqlite3.Connection) -> tuple[PlanLimit, ...]:
    """The newest limit of each window, in the order of `PLAN_WINDOWS`."""
    rows = connection.execute(
        "SELECT window, used_share, resets_at_ms, max(seen_at_ms), session_id FROM plan_limit GROUP BY window"
    )
    found = {row[0]: PlanLimit(*row) for row in rows}
    return tuple(found[window] for window in PLAN_WINDOWS if window in found)
