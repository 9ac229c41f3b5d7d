"""One session's row, whatever range and filter the screen is on: its figures are over its whole life."""

from __future__ import annotations

import sqlite3

from tokentui.queries.results import SessionRow
from tokentui.queries.sessions import Recent, Selection, SessionLine, session_rows
from tokentui.queries.sums import Scope, grouped
from tokentui.queries.working import Working


def one_session(connection: sqlite3.Connection, session_id: str, working: Working, latest: Recent) -> SessionRow | None:
    """The row of a session; None where it is not stored. Reads the sums of its own agents alone."""
    found = connection.execute(
        "SELECT id, session_id, title, project, branch, version, first_at_ms, last_at_ms FROM session "
        "WHERE session_id = ?",
        (session_id,),
    ).fetchone()
    if found is None:
        return None
    line = SessionLine(*found)
    agents = connection.execute("SELECT id FROM agent WHERE session_id = ?", (line.row_id,)).fetchall()
    scope = Scope(0, None, frozenset(agent for (agent,) in agents), None, is_fine=False)
    sums = dict(grouped(connection, "agent.session_id", scope))
    return session_rows(connection, (line,), Selection((line,), 1, scope, sums), working, latest)[0]
