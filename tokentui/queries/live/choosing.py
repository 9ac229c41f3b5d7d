"""Which sessions a view's range and filter leave."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass, replace
from datetime import datetime
from typing import NamedTuple

from tokentui.instants import ms_of
from tokentui.queries.live.matching import (
    Texts,
    model_matches,
    rows_with_figure,
    rows_with_text,
    says,
    says_in_other_letters,
)
from tokentui.queries.names import model_names
from tokentui.queries.parameters import escaped
from tokentui.queries.sums.kept_sums import SumUp
from tokentui.queries.sums.levels import TOKENS
from tokentui.queries.sums.summing import summed
from tokentui.queries.sums.usage import Scope
from tokentui.records import PICO_PER_USD
from tokentui.view import Term, View

_TEXTS = {
    "text": ("title", "project", "branch", "session_id"),
    "project": ("project",),
    "session": ("session_id", "title"),
    "branch": ("branch",),
}
"""Fields of a filter that are looked up in the session's own row."""


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
    """The range, narrowed to the matching sessions and models."""
    range_start_ms: int
    in_range: int
    kept: frozenset[int] | None = None
    """Row ids of the sessions that match the filter; None if all in the range do."""

    @property
    def matching(self) -> int:
        """How many sessions match."""
        return self.in_range if self.kept is None else len(self.kept)


def select(
    connection: sqlite3.Connection, view: View, scope: Scope, range_start_ms: int, now: datetime, sum_up: SumUp = summed
) -> Selection:
    """Sessions with a line in the range that match the filter."""
    in_range = connection.execute(
        "SELECT count(*) FROM session WHERE last_at_ms >= ?", (max(range_start_ms, 1),)
    ).fetchone()[0]
    whole = Selection(scope, range_start_ms, in_range)
    return _filtered(connection, view, whole, now, sum_up) if view.filter.terms else whole


def _filtered(connection: sqlite3.Connection, view: View, whole: Selection, now: datetime, sum_up: SumUp) -> Selection:
    names, scope, wanted = model_names(connection), whole.scope, view.filter
    if any(term.field == "model" for term in wanted.terms):
        scope = replace(scope, models=frozenset(model for model, name in names.items() if model_matches(name, wanted)))
    is_whole = view.range == "all"
    terms = _Terms(connection, sum_up, whole.scope, scope, names, ms_of(now), whole.range_start_ms, is_whole)
    everyone = kept = terms.rows_since(whole.range_start_ms)
    for term in wanted.terms:
        holds = terms.rows_of(term, everyone)
        kept = kept - holds if term.negated else kept & holds
    if len(kept) == whole.in_range:
        return replace(whole, scope=scope)
    return replace(whole, scope=replace(scope, sessions=kept), kept=kept)


@dataclass(frozen=True, slots=True)
class _Terms:
    """Finds the sessions that a term of a filter matches, each kind of term in the cheapest way."""

    connection: sqlite3.Connection
    sum_up: SumUp
    scope: Scope
    narrowed: Scope
    """The scope, narrowed to the models that the filter leaves."""
    names: Mapping[int, str]
    now_ms: int
    start_ms: int
    """Of the range."""
    is_whole: bool
    """Whether the range is all there is."""

    @property
    def _since(self) -> str:
        """The condition on sessions whose texts are read: of all there is in the order of the table, else by index."""
        return _since(by_last_line=not self.is_whole)

    def rows_since(self, start_ms: float) -> frozenset[int]:
        """Sessions with a line since then."""
        rows = self.connection.execute(_ROWS, (max(start_ms, 1),)).fetchone()[0]
        return frozenset(json.loads(rows))

    def rows_of(self, term: Term, everyone: frozenset[int]) -> Set[int]:
        """Row ids of the sessions that a term matches, its negation left aside."""
        if term.field == "since":
            return self.rows_since(self.now_ms - float(term.value) * 1000)
        if term.field == "agents":
            return rows_with_figure(term, everyone, dict(self.connection.execute(_CREWS).fetchall()))
        if term.field in ("cost", "tokens"):
            return rows_with_figure(term, everyone, self._figures(term.field))
        if term.field == "agent":
            return {row for row, agent_type in self.connection.execute(_TYPES) if says(term, agent_type)}
        if term.field == "model":
            return self._rows_by_model(term)
        own = self._rows_by_text(term)
        return own | self._rows_by_model(term) if term.field == "text" else own

    def _figures(self, field: str) -> dict[int, float]:
        span, only = self.narrowed.span, self.narrowed.only
        if field == "cost":
            sums = self.sum_up(self.connection, ("session_id",), span, only, ("cost_pico_usd",))
            return {row: cost / PICO_PER_USD for (row,), (cost,) in sums.items()}
        return {
            row: sum(kinds)
            for (row,), kinds in self.sum_up(self.connection, ("session_id",), span, only, TOKENS).items()
        }

    def _rows_by_model(self, term: Term) -> Set[int]:
        """Sessions that used a model whose name says the term."""
        said = frozenset(model for model, name in self.names.items() if says(term, name))
        if not said:
            return frozenset()
        only = replace(self.scope, models=said).only
        return {row for (row,) in self.sum_up(self.connection, ("session_id",), self.scope.span, only, ("responses",))}

    def _rows_by_text(self, term: Term) -> Set[int]:
        """Sessions whose own texts say a term; the database alone tells where its lower case agrees with Python's."""
        columns, word = _TEXTS[term.field], str(term.value)
        values: list[object] = [max(self.start_ms, 1), *[f"%{escaped(word)}%"] * len(columns)]
        if term.operator != "=" and word.isascii() and not says_in_other_letters(word):
            condition = " OR ".join(map(_CONTAINS.format, columns))
            statement = f"SELECT id FROM session WHERE {self._since} AND ({condition})"
            found = self.connection.execute(statement, values)
            return {row for (row,) in found}
        return rows_with_text(term, map(Texts._make, self._texts(columns, values if word.isascii() else values[:1])))

    def _texts(self, columns: tuple[str, ...], values: list[object]) -> sqlite3.Cursor:
        """Texts of the sessions that may say a term: only for A to Z does SQLite's lower case agree with Python's."""
        may = f"({' OR '.join(map(_MAY_CONTAIN.format, columns))})" if len(values) > 1 else "true"
        statement = f"SELECT id, title, project, branch, session_id FROM session WHERE {self._since} AND {may}"
        return self.connection.execute(statement, values)


_ROWS = "SELECT json_group_array(id) FROM session WHERE last_at_ms >= ?"
"""All ids as one text, which takes a third as long as row by row."""
_CONTAINS = "{0} LIKE ? ESCAPE '\\'"
_MAY_CONTAIN = _CONTAINS + " OR length({0}) <> length(CAST({0} AS BLOB))"
_CREWS = "SELECT session_id, sum(background = '') FROM agent GROUP BY session_id"
_TYPES = """
SELECT session_id, agent_type FROM agent GROUP BY session_id, agent_type
UNION SELECT agent.session_id, max(link.agent_type) FROM agent_link AS link CROSS JOIN agent
ON agent.session_id = link.session_id AND agent.agent_id = link.agent_id
WHERE agent.agent_type = '' GROUP BY agent.id
"""


def lines_of(
    connection: sqlite3.Connection,
    start_ms: int,
    conditions: str = "true",
    values: Iterable[object] = (),
    *,
    by_last_line: bool = True,
) -> list[SessionLine]:
    """Sessions with a line since then, under more conditions; not by the index of last lines where another serves."""
    rows = connection.execute(
        "SELECT id, session_id, title, project, branch, version, first_at_ms, last_at_ms FROM session "
        f"WHERE {_since(by_last_line=by_last_line)} AND {conditions}",
        (max(start_ms, 1), *values),
    )
    return [SessionLine(*row) for row in rows]


def _since(*, by_last_line: bool) -> str:
    """The condition that a session has a line since some moment; by an index, or not by it."""
    return "last_at_ms >= ?" if by_last_line else "+last_at_ms >= ?"


def line_of(connection: sqlite3.Connection, session_id: str) -> SessionLine | None:
    """One session, whatever the range; None if it is unknown."""
    return next(iter(lines_of(connection, 1, "session_id = ?", (session_id,))), None)
