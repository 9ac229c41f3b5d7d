"""The row of one session, whatever range and filter the screen has: its figures are over its whole life."""

from __future__ import annotations

import sqlite3

from tokentui.instants import EARLIEST_MS
from tokentui.queries.live.choosing import line_of
from tokentui.queries.live.recent import Recent
from tokentui.queries.live.sessions import session_rows
from tokentui.queries.live.working import Working
from tokentui.queries.results import SessionRow
from tokentui.queries.sums.usage import Scope


def one_session(connection: sqlite3.Connection, session_id: str, working: Working, latest: Recent) -> SessionRow | None:
    """The row of a session; None if it is not stored. Only the sums of its own agents are read."""
    line = line_of(connection, session_id)
    return None if line is None else session_rows(connection, [line], Scope(EARLIEST_MS), working, latest)[0]
