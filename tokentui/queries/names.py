"""Finds names by row id, and ids by how they begin."""

from __future__ import annotations

import sqlite3


def model_names(connection: sqlite3.Connection) -> dict[int, str]:
    """Every model by row id, as logged; there are never many."""
    return dict(connection.execute("SELECT id, name FROM model"))


def sessions_like(connection: sqlite3.Connection, beginning: str) -> list[str]:
    """At most two ids of sessions that begin with a text; only the exact one if there is one."""
    statement = "SELECT session_id FROM session WHERE instr(session_id, ?) = 1 ORDER BY session_id LIMIT 2"
    return _told_apart(connection.execute(statement, (beginning,)), beginning)


def agents_like(connection: sqlite3.Connection, session_id: str, beginning: str) -> list[str]:
    """At most two ids of a session's sub-agents that begin with a text; only the exact one if there is one."""
    rows = connection.execute(
        "SELECT agent_id FROM agent JOIN session ON session.id = agent.session_id "
        "WHERE session.session_id = ? AND agent_id <> '' AND instr(agent_id, ?) = 1 ORDER BY agent_id LIMIT 2",
        (session_id, beginning),
    )
    return _told_apart(rows, beginning)


def _told_apart(rows: sqlite3.Cursor, beginning: str) -> list[str]:
    found = [str(row[0]) for row in rows]
    return found[:1] if found and found[0] == beginning else found
