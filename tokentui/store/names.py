"""Row ids of the names that records carry: logs, sessions, agents, models, price bases."""

from __future__ import annotations

import sqlite3
from typing import Any

from tokentui.batch import AgentFacts, FirstPrompt, LastLine, LogPlace, Project, SessionFacts, Setting, Title


class Names:
    """Finds or makes the row of a name, and remembers its id for as long as the store is open.

    Forget all of it when a transaction is rolled back: ids given out in it are void.
    """

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._ids: dict[tuple[str, str], int] = {}
        self._sessions: dict[str, int] = {}
        self._agents: dict[tuple[str, str], int] = {}

    def forget(self) -> None:
        """After a rollback."""
        self._ids.clear()
        self._sessions.clear()
        self._agents.clear()

    def model(self, name: str) -> int:
        """A model, as logged."""
        return self._named("model", "name", name)

    def price_basis(self, name: str) -> int:
        """What a price was taken from."""
        return self._named("price_basis", "name", name)

    def source(self, path: str) -> int:
        """A directory that is read."""
        return self._named("source", "path", path)

    def log(self, place: LogPlace) -> int:
        """A log file."""
        known = self._ids.get(("log", place.path))
        if known is None:
            insert = "INSERT INTO log (source_id, path) VALUES (?, ?) ON CONFLICT (path) DO NOTHING RETURNING id"
            row = self._connection.execute(insert, (self.source(place.source), place.path)).fetchone()
            if row is None:
                return self._named("log", "path", place.path)
            known = self._ids["log", place.path] = int(row[0])
        return known

    def log_at(self, path: str) -> int:
        """A log file that is known already."""
        return self._named("log", "path", path)

    def _named(self, table: str, column: str, name: str) -> int:
        known = self._ids.get((table, name))
        if known is None:
            select = f"SELECT id FROM {table} WHERE {column} = ?"
            row = self._connection.execute(select, (name,)).fetchone()
            if row is None:
                insert = f"INSERT INTO {table} ({column}) VALUES (?) RETURNING id"
                row = self._connection.execute(insert, (name,)).fetchone()
            known = self._ids[table, name] = int(row[0])
        return known

    def session(self, session_id: str, facts: SessionFacts) -> int:
        """A session, with what is newly known about it."""
        row = self._connection.execute(_SELECT_SESSION, (session_id,)).fetchone()
        if row is None:
            row_id = int(self._connection.execute(_INSERT_SESSION, (session_id, *_of_session(facts))).fetchone()[0])
        else:
            row_id, known = int(row[0]), _session_facts(row[1:])
            joined = known.joined(facts)
            if joined != known:
                self._connection.execute(_UPDATE_SESSION, (*_of_session(joined), row_id))
        self._sessions[session_id] = row_id
        return row_id

    def agent(self, session_id: str, agent_id: str, facts: AgentFacts) -> int:
        """An agent of a known session, with what is newly known about it."""
        key = (self.session_row(session_id), agent_id)
        row = self._connection.execute(_SELECT_AGENT, key).fetchone()
        if row is None:
            row_id = int(self._connection.execute(_INSERT_AGENT, (*key, *_of_agent(facts))).fetchone()[0])
        else:
            row_id, known = int(row[0]), _agent_facts(row[1:])
            joined = known.joined(facts)
            if joined != known:
                self._connection.execute(_UPDATE_AGENT, (*_of_agent(joined), row_id))
        self._agents[session_id, agent_id] = row_id
        return row_id

    def session_row(self, session_id: str) -> int:
        """Row id of a session; one that no line described yet gets a bare row."""
        known = self._sessions.get(session_id)
        if known is None:
            row = self._connection.execute("SELECT id FROM session WHERE session_id = ?", (session_id,)).fetchone()
            known = int(row[0]) if row else self.session(session_id, SessionFacts())
            self._sessions[session_id] = known
        return known

    def agent_row(self, session_id: str, agent_id: str, at_ms: int) -> int:
        """Row id of an agent; one that no line described yet gets a bare row with this time."""
        known = self._agents.get((session_id, agent_id))
        if known is None:
            row = self._connection.execute(
                "SELECT agent.id FROM agent JOIN session ON session.id = agent.session_id"
                " WHERE session.session_id = ? AND agent.agent_id = ?",
                (session_id, agent_id),
            ).fetchone()
            known = int(row[0]) if row else self.agent(session_id, agent_id, AgentFacts(at_ms, at_ms))
            self._agents[session_id, agent_id] = known
        return known


_SESSION_COLUMNS = (
    "first_at_ms", "last_at_ms", "project_at_ms", "project", "setting_at_ms", "branch", "version", "entrypoint",
    "title_rank", "title_at_ms", "title_offset", "title",
)  # fmt: skip
_AGENT_COLUMNS = (
    "first_at_ms", "last_at_ms", "last_line_at_ms", "last_line_offset", "last_line", "prompt_at_ms", "prompt_offset",
    "prompt_digest", "task", "agent_type", "background",
)  # fmt: skip


def _statements(table: str, keys: tuple[str, ...], columns: tuple[str, ...]) -> tuple[str, str, str]:
    """To select, insert and update a row; all names are ours."""
    given = " AND ".join(f"{key} = ?" for key in keys)
    places = ", ".join("?" * len(keys + columns))
    return (
        f"SELECT id, {', '.join(columns)} FROM {table} WHERE {given}",
        f"INSERT INTO {table} ({', '.join(keys + columns)}) VALUES ({places}) RETURNING id",
        f"UPDATE {table} SET {', '.join(f'{column} = ?' for column in columns)} WHERE id = ?",
    )


_SELECT_SESSION, _INSERT_SESSION, _UPDATE_SESSION = _statements("session", ("session_id",), _SESSION_COLUMNS)
_SELECT_AGENT, _INSERT_AGENT, _UPDATE_AGENT = _statements("agent", ("session_id", "agent_id"), _AGENT_COLUMNS)


def _of_session(facts: SessionFacts) -> tuple[object, ...]:
    return (
        facts.first_at_ms,
        facts.last_at_ms,
        *(facts.project or Project(0, "")),
        *(facts.setting or Setting(0, "", "", "")),
        *(facts.title or Title(0, 0, 0, "")),
    )


def _session_facts(row: tuple[Any, ...]) -> SessionFacts:
    project, setting, title = Project(*row[2:4]), Setting(*row[4:8]), Title(*row[8:12])
    return SessionFacts(
        row[0],
        row[1],
        project if project.at_ms else None,
        setting if setting.at_ms else None,
        title if title.rank else None,
    )


def _of_agent(facts: AgentFacts) -> tuple[object, ...]:
    return (
        facts.first_at_ms,
        facts.last_at_ms,
        *(facts.last_line or (0, 0, "")),
        *(facts.prompt or FirstPrompt(0, 0, "", "")),
        facts.agent_type,
        facts.background,
    )


def _agent_facts(row: tuple[Any, ...]) -> AgentFacts:
    last_line, prompt = LastLine(*row[2:5]), FirstPrompt(*row[5:9])
    return AgentFacts(
        row[0], row[1], last_line if last_line.kind else None, prompt if prompt.digest else None, row[9], row[10]
    )
