"""Which sessions a view's range and filter leave."""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import NamedTuple

from tokentui.queries.kept_sums import SumUp
from tokentui.queries.levels import TOKENS, Row, summed
from tokentui.queries.matching import Candidate, Figures, holds_of, model_matches, says
from tokentui.queries.names import model_names
from tokentui.queries.row_ids import as_json
from tokentui.queries.sums import Scope
from tokentui.view import Filter, Term, View

_TEXTS = {
    "text": ("title", "project", "branch", "session_id"),
    "project": ("project",),
    "session": ("session_id", "title"),
    "branch": ("branch",),
}
"""Fields of a filter that are looked for in a session's own row."""


class SessionLine(NamedTuple):
    """A row of table `session`."""

    row_id: int
    session_id: str
    title: str
    project: str
    branch: str
    version: str
    first_at_ms: int
    last_at_ms: int


@dataclass(frozen=True, slots=True)
class Selection:
    """The sessions that a view's range and filter leave, and the scope that they make."""

    scope: Scope
    """Of the range, narrowed to the matching sessions and models."""
    range_start_ms: int
    in_range: int
    kept: frozenset[int] | None = None
    """Rows of those that match the filter; None where all in range do."""

    @property
    def matching(self) -> int:
        """How many match."""
        return self.in_range if self.kept is None else len(self.kept)


def select(
    connection: sqlite3.Connection, view: View, scope: Scope, range_start_ms: int, now: datetime, sum_up: SumUp = summed
) -> Selection:
    """Sessions with a line in the range that match the filter."""
    in_range = connection.execute(
        "SELECT count(*) FROM session WHERE last_at_ms >= ?", (max(range_start_ms, 1),)
    ).fetchone()[0]
    whole = Selection(scope, range_start_ms, in_range)
    return _filtered(connection, view.filter, whole, now, sum_up) if view.filter.terms else whole


def _filtered(
    connection: sqlite3.Connection, wanted: Filter, whole: Selection, now: datetime, sum_up: SumUp
) -> Selection:
    names, scope = model_names(connection), whole.scope
    if _asks(wanted, "model"):
        scope = replace(scope, models=frozenset(model for model, name in names.items() if model_matches(name, wanted)))
    figures = _figures(connection, wanted, (whole.scope, scope), names, sum_up)
    conditions, values = _prefilter(wanted, names)
    texts = "title, project, session_id, branch" if _asks(wanted, *_TEXTS) else "'', '', '', ''"
    rows = connection.execute(
        f"SELECT id, {texts}, last_at_ms FROM session WHERE last_at_ms >= ? AND {conditions}",
        (max(whole.range_start_ms, 1), *values),
    )
    found = list(map(Candidate._make, rows))
    for term in wanted.terms:
        found = list(filter(holds_of(term, figures, round(now.timestamp() * 1000)), found))
    if len(found) == whole.in_range:
        return replace(whole, scope=scope)
    kept = frozenset(session.row_id for session in found)
    return replace(whole, scope=replace(scope, sessions=kept), kept=kept)


def _asks(wanted: Filter, *fields: str) -> bool:
    return any(term.field in fields for term in wanted.terms)


def lines_of(
    connection: sqlite3.Connection, start_ms: int, conditions: str = "true", values: Iterable[object] = ()
) -> list[SessionLine]:
    """Sessions with a line since then, under more conditions."""
    rows = connection.execute(
        "SELECT id, session_id, title, project, branch, version, first_at_ms, last_at_ms FROM session "
        f"WHERE last_at_ms >= ? AND {conditions}",
        (max(start_ms, 1), *values),
    )
    return [SessionLine(*row) for row in rows]


def line_of(connection: sqlite3.Connection, session_id: str) -> SessionLine | None:
    """One session, whatever the range; None where it is not known."""
    return next(iter(lines_of(connection, 1, "session_id = ?", (session_id,))), None)


def _prefilter(wanted: Filter, names: Mapping[int, str]) -> tuple[str, list[object]]:
    """What is cheap to rule out in the database: sessions whose plain texts lack a plain word."""
    conditions, values = ["true"], list[object]()
    for term in wanted.terms:
        columns = _TEXTS.get(term.field, ())
        word = str(term.value)
        is_model = term.field == "text" and any(says(term, name) for name in names.values())
        if columns and word.isascii() and not term.negated and not is_model:
            conditions.append(f"({' OR '.join(_MAY_CONTAIN.format(column) for column in columns)})")
            values += [word] * len(columns)
    return " AND ".join(conditions), values


_MAY_CONTAIN = "instr(lower({0}), ?) OR length({0}) <> length(CAST({0} AS BLOB))"
"""Only A to Z are the same in SQLite's lower case as in Python's: other texts are let through."""


def _figures(
    connection: sqlite3.Connection,
    wanted: Filter,
    scopes: tuple[Scope, Scope],
    names: Mapping[int, str],
    sum_up: SumUp,
) -> Figures:
    """What the terms ask about, and nothing else; sums are those of the models that they leave."""
    scope, narrowed = scopes
    columns = ("cost_pico_usd", *TOKENS) if _asks(wanted, "tokens") else ("cost_pico_usd",)
    sums: Mapping[Row, Row] = {}
    if _asks(wanted, "cost", "tokens"):
        sums = sum_up(connection, ("session_id",), narrowed.span, narrowed.only, columns)
    said = frozenset(model for model, name in names.items() if any(_says_model(t, name) for t in wanted.terms))
    models: dict[int, set[str]] = defaultdict(set)
    if said:
        used = sum_up(connection, ("session_id", "model_id"), scope.span, replace(scope, models=said).only, _LEAST)
        for row, model in used:
            models[row].add(names[model])
    agents, types = _crews(connection) if _asks(wanted, "agent", "agents") else ({}, {})
    return Figures(
        {row: cost / 1e12 for (row,), (cost, *_) in sums.items()},
        {row: sum(tokens) for (row,), (_, *tokens) in sums.items()},
        agents,
        {row: frozenset(found) for row, found in models.items()},
        types,
    )


_LEAST = ("responses",)


def _says_model(term: Term, name: str) -> bool:
    return term.field in ("model", "text") and says(term, name)


def _crews(connection: sqlite3.Connection) -> tuple[dict[int, int], dict[int, frozenset[str]]]:
    """Session row → how many agents it has, background ones left out; and of which types all of them are."""
    counts = dict(
        connection.execute("SELECT session_id, sum(background = '') FROM agent GROUP BY session_id").fetchall()
    )
    types: dict[int, set[str]] = defaultdict(set)
    for session, agent_type in connection.execute(_TYPES):
        types[session].add(agent_type)
    return counts, {session: frozenset(found) for session, found in types.items()}


_TYPES = """
SELECT session_id, agent_type FROM agent GROUP BY session_id, agent_type
UNION SELECT agent.session_id, max(link.agent_type) FROM agent_link AS link CROSS JOIN agent
ON agent.session_id = link.session_id AND agent.agent_id = link.agent_id
WHERE agent.agent_type = '' GROUP BY agent.id
"""


_Agents = dict[int, list[tuple[int, str, str]]]
"""Session row → its agents as (row id, type, kind of background)."""


def agents_by_session(connection: sqlite3.Connection, sessions: Iterable[int]) -> _Agents:
    """The agents of some sessions."""
    found: _Agents = defaultdict(list)
    for session_id, *agent in connection.execute(
        "SELECT agent.session_id, agent.id, coalesce(nullif(agent.agent_type, ''), (SELECT max(link.agent_type) "
        "FROM agent_link AS link WHERE link.session_id = agent.session_id AND link.agent_id = agent.agent_id), ''), "
        "agent.background FROM json_each(?) AS wanted CROSS JOIN agent ON agent.session_id = wanted.value",
        (as_json(sessions),),
    ):
        found[session_id].append((agent[0], agent[1], agent[2]))
    return found
