"""Which sessions a view's range and filter leave."""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import NamedTuple

from tokentui.queries.levels import summed
from tokentui.queries.matching import Candidate, matches, model_matches, says
from tokentui.queries.moments import moment
from tokentui.queries.names import model_names
from tokentui.queries.row_ids import as_json
from tokentui.queries.sums import NOTHING, Scope, Sums, grouped
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
    kept: tuple[SessionLine, ...] | None = None
    """Those that match the filter; None without a filter, when all in range do."""

    @property
    def matching(self) -> int:
        """How many match."""
        return self.in_range if self.kept is None else len(self.kept)


def select(connection: sqlite3.Connection, view: View, scope: Scope, range_start_ms: int, now: datetime) -> Selection:
    """Sessions with a line in the range that match the filter."""
    in_range = connection.execute(
        "SELECT count(*) FROM session WHERE last_at_ms >= ?", (max(range_start_ms, 1),)
    ).fetchone()[0]
    whole = Selection(scope, range_start_ms, in_range)
    return _filtered(connection, view.filter, whole, now) if view.filter.terms else whole


def _filtered(connection: sqlite3.Connection, wanted: Filter, whole: Selection, now: datetime) -> Selection:
    names, scope = model_names(connection), whole.scope
    models = None
    if any(term.field == "model" for term in wanted.terms):
        models = frozenset(model for model, name in names.items() if model_matches(name, wanted))
    narrowed = replace(scope, models=models)
    lines = lines_of(connection, whole.range_start_ms, *_prefilter(wanted, names))
    figures = _figures(connection, wanted, scope, narrowed, names)
    agents = agents_by_session(connection, [line.row_id for line in lines]) if _asks(wanted, "agent", "agents") else {}
    kept = tuple(line for line in lines if matches(_candidate(line, figures, agents), wanted, now))
    narrowed = replace(narrowed, sessions=frozenset(line.row_id for line in kept))
    return replace(whole, scope=narrowed, kept=kept)


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


class _Figures(NamedTuple):
    """By session row, where the filter asks for it."""

    sums: Mapping[int, Sums]
    models: Mapping[int, frozenset[str]]
    """Those of the models used that any term says."""


def _figures(
    connection: sqlite3.Connection, wanted: Filter, scope: Scope, narrowed: Scope, names: Mapping[int, str]
) -> _Figures:
    sums: dict[int, Sums] = {}
    if _asks(wanted, "cost", "tokens"):
        sums = {row: found for (row,), found in grouped(connection, ("session_id",), narrowed).items()}
    said = frozenset(model for model, name in names.items() if any(_says_model(t, name) for t in wanted.terms))
    models: dict[int, set[str]] = defaultdict(set)
    if said:
        used = summed(connection, ("session_id", "model_id"), scope.span, replace(scope, models=said).only, _LEAST)
        for row, model in used:
            models[row].add(names[model])
    return _Figures(sums, {row: frozenset(found) for row, found in models.items()})


_LEAST = ("responses",)


def _says_model(term: Term, name: str) -> bool:
    return term.field in ("model", "text") and says(term, name)


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


def _candidate(line: SessionLine, figures: _Figures, agents: _Agents) -> Candidate:
    own = agents.get(line.row_id, [])
    sums = figures.sums.get(line.row_id, NOTHING)
    return Candidate(
        line.title,
        line.project,
        line.session_id,
        line.branch,
        figures.models.get(line.row_id, frozenset()),
        frozenset(agent_type for _, agent_type, _ in own),
        sums.cost_pico_usd / 1e12,
        sums.tokens.total,
        sum(1 for _, _, background in own if not background),
        moment(line.last_at_ms),
    )
