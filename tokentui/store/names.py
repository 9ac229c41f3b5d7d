"""Row ids of the names that records carry: logs, sessions, agents, models, price bases."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from typing import Any

from msgspec import json

from tokentui.batch import AgentFacts, FirstPrompt, LastLine, Project, SessionFacts, Setting, Title
from tokentui.records import LogPlace
from tokentui.store.bulk import insert_rows
from tokentui.store.title_keys import title_key


class Names:
    """Finds or makes the row of a name, and remembers its id for as long as the store is open.

    After a rollback `forget` has to be called, since ids given out in that transaction are void.
    """

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._ids: dict[tuple[str, str], int] = {}
        self._sessions: dict[str, int] = {}
        self._agents: dict[tuple[str, str], int] = {}

    def forget(self) -> None:
        """Forget all ids, after a rollback."""
        self._ids.clear()
        self._sessions.clear()
        self._agents.clear()

    def model(self, name: str) -> int:
        """Row id of a model, by its name in the logs."""
        return self._named("model", "name", name)

    def price_basis(self, name: str) -> int:
        """Row id of the source of a price."""
        return self._named("price_basis", "name", name)

    def source(self, path: str) -> int:
        """Row id of a directory that is read."""
        return self._named("source", "path", path)

    def log(self, place: LogPlace) -> int:
        """Row id of a log."""
        known = self._ids.get(("log", place.path))
        if known is None:
            insert = "INSERT INTO log (source_id, path) VALUES (?, ?) ON CONFLICT (path) DO NOTHING RETURNING id"
            row = self._connection.execute(insert, (self.source(place.source), place.path)).fetchone()
            if row is None:
                return self._named("log", "path", place.path)
            known = self._ids["log", place.path] = int(row[0])
        return known

    def log_at(self, path: str) -> int:
        """Row id of a log by its path alone, which must be known already."""
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

    def sessions(self, found: Mapping[str, SessionFacts]) -> None:
        """Store sessions, with what is newly known about them."""
        known = self._known_sessions(list(found))
        rows = []
        for session_id, facts in found.items():
            joined = known[session_id].joined(facts) if session_id in known else facts
            if joined != known.get(session_id):
                rows.append((session_id, *_of_session(joined)))
        insert_rows(self._connection, _INTO_SESSION, rows, _UPDATE_SESSION)
        self._known_sessions([session_id for session_id in found if session_id not in known])

    def _known_sessions(self, wanted: list[str]) -> dict[str, SessionFacts]:
        """The stored facts of these sessions; their ids are remembered."""
        rows = self._connection.execute(_SELECT_SESSIONS, (json.encode(wanted).decode(),)).fetchall()
        self._sessions.update((row[1], row[0]) for row in rows)
        return {row[1]: _session_facts(row[2:]) for row in rows}

    def agents(self, found: Mapping[tuple[str, str], AgentFacts]) -> None:
        """Store agents of known sessions, with what is newly known about them."""
        keys = {(self.session_row(session_id), agent_id): (session_id, agent_id) for session_id, agent_id in found}
        known = self._known_agents(keys)
        rows = []
        for key, name in keys.items():
            joined = known[key].joined(found[name]) if key in known else found[name]
            if joined != known.get(key):
                rows.append((*key, *_of_agent(joined)))
        insert_rows(self._connection, _INTO_AGENT, rows, _UPDATE_AGENT)
        self._known_agents({key: name for key, name in keys.items() if key not in known})

    def _known_agents(self, wanted: Mapping[tuple[int, str], tuple[str, str]]) -> dict[tuple[int, str], AgentFacts]:
        """The stored facts of these agents, by row id of the session and name; their ids are remembered."""
        rows = self._connection.execute(_SELECT_AGENTS, (json.encode(list(wanted)).decode(),)).fetchall()
        self._agents.update((wanted[row[1:3]], row[0]) for row in rows)
        return {row[1:3]: _agent_facts(row[3:]) for row in rows}

    def session_row(self, session_id: str) -> int:
        """Row id of a session; one that no line described yet gets a bare row."""
        known = self._sessions.get(session_id)
        if known is None:
            row = self._connection.execute("SELECT id FROM session WHERE session_id = ?", (session_id,)).fetchone()
            if row is None:
                self.sessions({session_id: SessionFacts()})
                return self._sessions[session_id]
            known = self._sessions[session_id] = int(row[0])
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
            if row is None:
                self.agents({(session_id, agent_id): AgentFacts(at_ms, at_ms)})
                return self._agents[session_id, agent_id]
            known = self._agents[session_id, agent_id] = int(row[0])
        return known


_SESSION_COLUMNS = (
    "first_at_ms", "last_at_ms", "project_at_ms", "project", "setting_at_ms", "branch", "version", "entrypoint",
    "title_rank", "title_at_ms", "title_offset", "title", "title_key",
)  # fmt: skip
_AGENT_COLUMNS = (
    "first_at_ms", "last_at_ms", "last_line_at_ms", "last_line_offset", "last_line", "prompt_at_ms", "prompt_offset",
    "prompt_digest", "task", "agent_type", "background",
)  # fmt: skip


def _statements(table: str, keys: tuple[str, ...], columns: tuple[str, ...], match: str) -> tuple[str, str, str]:
    """Three statements: select the rows that a JSON list names, insert rows, and update rows."""
    names = ", ".join(f"{table}.{name}" for name in ("id", *keys, *columns))
    return (
        f"SELECT {names} FROM json_each(?) AS wanted JOIN {table} ON {match}",
        f"INSERT INTO {table} ({', '.join(keys + columns)})",
        f"ON CONFLICT ({', '.join(keys)}) DO UPDATE SET {', '.join(f'{name} = excluded.{name}' for name in columns)}",
    )


_SELECT_SESSIONS, _INTO_SESSION, _UPDATE_SESSION = _statements(
    "session", ("session_id",), _SESSION_COLUMNS, "session.session_id = wanted.value"
)
_SELECT_AGENTS, _INTO_AGENT, _UPDATE_AGENT = _statements(
    "agent", ("session_id", "agent_id"), _AGENT_COLUMNS,
    "agent.session_id = json_extract(wanted.value, '$[0]') AND agent.agent_id = json_extract(wanted.value, '$[1]')",
)  # fmt: skip


def _of_session(facts: SessionFacts) -> tuple[object, ...]:
    title = facts.title or Title(0, 0, 0, "")
    return (
        facts.first_at_ms,
        facts.last_at_ms,
        *(facts.project or Project(0, "")),
        *(facts.setting or Setting(0, "", "", "")),
        *title,
        title_key(title.text),
    )


def _session_facts(row: tuple[Any, ...]) -> SessionFacts:
    project, setting, title = Project(*row[2:4]), Setting(*row[4:8]), Title(*row[8:12])
    return SessionFacts(
        row[0],
        row[1],
        project if project.at_ms else None,
        setting if setting.order_ms else None,
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
