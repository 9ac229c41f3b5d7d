"""Which of a selection's sessions come first in the view's order, without loading all the others."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from heapq import nlargest, nsmallest

from tokentui.queries.choosing import Selection, SessionLine, lines_of
from tokentui.queries.levels import summed
from tokentui.queries.row_ids import as_json
from tokentui.queries.sums import NOTHING, Sums
from tokentui.queries.working import Working
from tokentui.view import View

_Weight = float | tuple[int, int]


def leading(
    connection: sqlite3.Connection, selection: Selection, view: View, working: Working, last_minute: Mapping[int, Sums]
) -> list[SessionLine]:
    """The first sessions in the view's order, ties by newest line, then by id so that rows never shuffle."""
    if view.sort == "title":
        return _by_title(connection, selection, view)
    weights = _weights(connection, selection, view, working, last_minute)
    lines = _front(connection, selection, weights, view) if selection.kept is None else selection.kept
    newest = sorted(lines, key=lambda line: line.session_id)
    newest.sort(key=lambda line: line.last_at_ms, reverse=True)
    first = nsmallest if view.reverse else nlargest
    return first(view.row_limit, newest, lambda line: (line.row_id in weights, weights.get(line.row_id, 0)))


def _by_title(connection: sqlite3.Connection, selection: Selection, view: View) -> list[SessionLine]:
    if selection.kept is None:
        titles = connection.execute(
            "SELECT id, title FROM session WHERE last_at_ms >= ? ORDER BY last_at_ms DESC, session_id",
            (max(selection.range_start_ms, 1),),
        )
        by_title = list(titles)
    else:
        kept = sorted(selection.kept, key=lambda line: (-line.last_at_ms, line.session_id))
        by_title = [(line.row_id, line.title) for line in kept]
    first = nlargest if view.reverse else nsmallest
    found = first(view.row_limit, by_title, lambda row: row[1].lower()[:40])
    lines = {line.row_id: line for line in lines_of(connection, 1, _AMONG, (as_json(row for row, _ in found),))}
    return [lines[row] for row, _ in found]


def _weights(
    connection: sqlite3.Connection, selection: Selection, view: View, working: Working, last_minute: Mapping[int, Sums]
) -> dict[int, _Weight]:
    """What sessions are ordered by, of those that have any of it."""
    if view.sort == "age":
        return {}
    if view.sort == "agents":
        return {row: len(agents) for row, agents in working.agents.items() if agents}
    if view.sort in ("cost", "hit"):
        scope = selection.scope
        columns = ("cost_pico_usd",) if view.sort == "cost" else _PROMPT
        found = summed(connection, ("session_id",), scope.span, scope.only, columns)
        if view.sort == "cost":
            return {row: cost for (row,), (cost,) in found.items() if cost}
        return {row: read / prompt for (row,), (read, *rest) in found.items() if (prompt := read + sum(rest)) and read}
    active = {*last_minute, *(row for row, agents in working.agents.items() if agents)}
    rates = {row: (last_minute.get(row, NOTHING).tokens.total, len(working.agents.get(row, ()))) for row in active}
    return {row: rate for row, rate in rates.items() if any(rate)}


def _front(
    connection: sqlite3.Connection, selection: Selection, weights: Mapping[int, _Weight], view: View
) -> list[SessionLine]:
    """Lines enough to find the first ones among all in range: the heaviest, or the lightest; ties all of them."""
    limit, start_ms = view.row_limit, selection.range_start_ms
    if view.reverse:
        lines = _weightless(connection, start_ms, weights, limit)
        return lines if len(lines) >= limit else lines + lines_of(connection, start_ms, _AMONG, (as_json(weights),))
    least = min(nlargest(limit, weights.values()), default=0) if weights else 0
    heavy = [row for row, weight in weights.items() if weight >= least]  # type: ignore[operator]
    lines = lines_of(connection, start_ms, _AMONG, (as_json(heavy),))
    return lines if len(lines) >= limit else lines + _weightless(connection, start_ms, weights, limit)


def _weightless(
    connection: sqlite3.Connection, start_ms: int, weights: Mapping[int, _Weight], limit: int
) -> list[SessionLine]:
    """The newest of the others."""
    newest = f"NOT {_AMONG} ORDER BY last_at_ms DESC, session_id LIMIT ?"
    return lines_of(connection, start_ms, newest, (as_json(weights), limit))


_AMONG = "id IN (SELECT value FROM json_each(?))"
_PROMPT = ("cache_read_tokens", "input_tokens", "cache_write_5m_tokens", "cache_write_1h_tokens")
