"""Finds the sessions that come first in the view's order, without loading all others."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from heapq import nlargest, nsmallest

from tokentui.queries.live.choosing import Selection, SessionLine, lines_of
from tokentui.queries.live.working import Working
from tokentui.queries.parameters import as_json
from tokentui.queries.sums.kept_sums import SumUp
from tokentui.queries.sums.summing import summed
from tokentui.queries.sums.usage import NOTHING, Scope, Sums
from tokentui.view import View

_Weight = float | tuple[int, int]


def leading(
    connection: sqlite3.Connection,
    selection: Selection,
    view: View,
    working: Working,
    last_minute: Mapping[int, Sums],
    sum_up: SumUp = summed,
) -> list[SessionLine]:
    """The first sessions in the view's order, ties by newest line, then by id so that rows never shuffle."""
    if view.sort == "title":
        return _by_title(connection, selection, view)
    if view.sort == "age":
        return _first(connection, selection, "last_at_ms" if view.reverse else "last_at_ms DESC", view.row_limit)
    if view.sort in ("cost", "hit"):
        weights = _summed_weights(connection, selection.scope, view, sum_up)
    else:
        weights = _weights_now(view, working, last_minute)
    kept = selection.kept
    if kept is not None:
        weights = {row: weight for row, weight in weights.items() if row in kept}
    newest = sorted(_front(connection, selection, weights, view), key=lambda line: line.session_id)
    newest.sort(key=lambda line: line.last_at_ms, reverse=True)
    first = nsmallest if view.reverse else nlargest
    return first(view.row_limit, newest, lambda line: (line.row_id in weights, weights.get(line.row_id, 0)))


def _by_title(connection: sqlite3.Connection, selection: Selection, view: View) -> list[SessionLine]:
    """The first sessions by title: by the index of titles if the range is everything, else by that of last lines."""
    is_whole = view.range == "all"
    order = f"{'title_key' if is_whole else '+title_key'}{' DESC' if view.reverse else ''}, last_at_ms DESC"
    return _first(connection, selection, order, view.row_limit, by_last_line=not is_whole)


def _summed_weights(connection: sqlite3.Connection, scope: Scope, view: View, sum_up: SumUp) -> dict[int, _Weight]:
    """Cost or hit rate of the sessions that have one, by row id."""
    if view.sort == "cost":
        found = sum_up(connection, ("session_id",), scope.span, scope.only, ("cost_pico_usd",))
        return {row: cost for (row,), (cost,) in found.items() if cost}
    found = sum_up(connection, ("session_id",), scope.span, scope.only, _PROMPT)
    return {row: read / (read + rest + w5 + w1) for (row,), (read, rest, w5, w1) in found.items() if read}


def _weights_now(view: View, working: Working, last_minute: Mapping[int, Sums]) -> dict[int, _Weight]:
    """Rate or working agents of the sessions that have any, by row id."""
    at_work = {row: len(agents) for row, agents in working.agents.items() if agents}
    if view.sort == "agents":
        return dict(at_work)
    rates = {row: (last_minute.get(row, NOTHING).tokens.total, at_work.get(row, 0)) for row in {*last_minute, *at_work}}
    return {row: rate for row, rate in rates.items() if any(rate)}


def _front(
    connection: sqlite3.Connection, selection: Selection, weights: Mapping[int, _Weight], view: View
) -> list[SessionLine]:
    """Enough of the heaviest sessions, or of the lightest, to find the first ones; all of those that tie."""
    limit, start_ms = view.row_limit, selection.range_start_ms
    if view.reverse:
        lines = _weightless(connection, selection, weights, limit)
        return lines if len(lines) >= limit else lines + lines_of(connection, start_ms, _AMONG, (as_json(weights),))
    least = min(nlargest(limit, weights.values()), default=0)
    heavy = [row for row, weight in weights.items() if weight >= least]  # type: ignore[operator]
    lines = lines_of(connection, start_ms, _AMONG, (as_json(heavy),))
    return lines if len(lines) >= limit else lines + _weightless(connection, selection, weights, limit)


def _weightless(
    connection: sqlite3.Connection, selection: Selection, weights: Mapping[int, _Weight], limit: int
) -> list[SessionLine]:
    """The newest of the sessions without a weight."""
    return _first(connection, selection, "last_at_ms DESC", limit, frozenset(weights))


def _first(
    connection: sqlite3.Connection,
    selection: Selection,
    order: str,
    limit: int,
    without: frozenset[int] = frozenset(),
    *,
    by_last_line: bool = True,
) -> list[SessionLine]:
    """The first sessions in an order that SQLite can sort by."""
    among, rows = f"NOT {_AMONG}", without
    if selection.kept is not None:
        rows = selection.kept - without
        are_many = len(rows) * _MANY > selection.in_range
        among = f"+{_AMONG}" if are_many else _AMONG  # of many, the first are soon met in order: none is looked up
    conditions = f"{among} ORDER BY {order}, session_id LIMIT ?"
    values = (as_json(rows), limit)
    return lines_of(connection, selection.range_start_ms, conditions, values, by_last_line=by_last_line)


_AMONG = "id IN (SELECT value FROM json_each(?))"
_MANY = 8
"""A selection counts as large if it has at least one in this many of the sessions in the range."""
_PROMPT = ("cache_read_tokens", "input_tokens", "cache_write_5m_tokens", "cache_write_1h_tokens")
