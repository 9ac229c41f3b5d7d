"""The first sessions in every order, against sorting all of them."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from random import Random

import pytest

from tokentui.filters import parse_filter
from tokentui.instants import DAY_MS, EARLIEST_MS, QUARTER_MS
from tokentui.queries.live.choosing import SessionLine, lines_of, select
from tokentui.queries.live.ranking import leading
from tokentui.queries.live.working import Working
from tokentui.queries.sums.kept_sums import KeptSums
from tokentui.queries.sums.usage import NOTHING, Scope, Sums, by
from tokentui.records import cache_hit_rate
from tokentui.store.database import open_writer
from tokentui.store.rollups import sum_anew
from tokentui.store.title_keys import title_key
from tokentui.view import SORTS, SortName, View

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
NOW_MS = round(NOW.timestamp() * 1000)
SESSIONS = 60
WORKING = Working({3: frozenset({3}), 5: frozenset({5, 77}), 40: frozenset({40})}, frozenset({3, 5, 77, 40}), {})


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[sqlite3.Connection]:
    """Sixty sessions over forty days, with many ties; a third of them have used nothing."""
    dice = Random(3)
    with closing(open_writer(tmp_path_factory.mktemp("ranking") / "state.db")) as connection:
        connection.executemany("INSERT INTO model VALUES (?, ?)", [(1, "claude-opus-5-5"), (2, "claude-haiku-5-5")])
        for row in range(1, SESSIONS + 1):
            last_ms = NOW_MS - dice.randrange(8) * 5 * DAY_MS - DAY_MS
            title = dice.choice(("Prune", "prune", "Ärger", "Zoo", ""))
            connection.execute(
                "INSERT INTO session (id, session_id, title, title_key, first_at_ms, last_at_ms)"
                " VALUES (?, ?, ?, ?, ?, ?)",
                (row, f"{dice.getrandbits(32):08x}", title, title_key(title), last_ms - DAY_MS, last_ms),
            )
            connection.execute("INSERT INTO agent (id, session_id, agent_id, first_at_ms, last_at_ms)"
                               " VALUES (?, ?, '', 1, 1)", (row, row))  # fmt: skip
            if row % 3:
                used = (1, 0, 0, 10 * (row % 2), 5, 0, 0, 10 * (row % 4), (row % 5) * 10**12, 0)
                quarter_ms = last_ms // QUARTER_MS * QUARTER_MS
                places = ", ".join("?" * 13)
                connection.execute(
                    f"INSERT INTO usage_quarter VALUES ({places})", (quarter_ms, row, row % 2 + 1, *used)
                )
        sum_anew(connection)
        yield connection


def last_minute(rows: range) -> dict[int, Sums]:
    return {row: NOTHING._replace(tokens=NOTHING.tokens._replace(output=row % 3)) for row in rows}


def all_sorted(store: sqlite3.Connection, view: View, scope: Scope, lines: list[SessionLine]) -> list[int]:
    """Rows of all these sessions in the view's order."""
    sums, rates = by(store, "session_id", scope), last_minute(range(1, 9))
    keys = {
        "rate": lambda line: (rates.get(line.row_id, NOTHING).tokens.total, len(WORKING.agents.get(line.row_id, ()))),
        "cost": lambda line: sums.get(line.row_id, NOTHING).cost_pico_usd,
        "agents": lambda line: len(WORKING.agents.get(line.row_id, ())),
        "hit": lambda line: cache_hit_rate(sums.get(line.row_id, NOTHING).tokens) or 0.0,
        "age": lambda line: line.last_at_ms,
        "title": lambda line: line.title.lower(),
    }
    ordered = sorted(lines, key=lambda line: (-line.last_at_ms, line.session_id))
    is_falling = view.reverse if view.sort == "title" else not view.reverse
    ordered.sort(key=keys.get(view.sort, keys["rate"]), reverse=is_falling)
    return [line.row_id for line in ordered]


@pytest.mark.parametrize("limit", [1, 7, 30, 200])
@pytest.mark.parametrize("text", ["", "prune", "cost>1", "model:haiku", "!prune"])
@pytest.mark.parametrize("sort", SORTS)
def test_the_first_of_any_order_are_those_of_all(
    store: sqlite3.Connection, sort: SortName, text: str, limit: int
) -> None:
    kept = KeptSums()
    kept.begin(NOW_MS)
    for reverse in (False, True):
        for start_ms in (0, NOW_MS - 20 * DAY_MS):
            view = View(sort=sort, reverse=reverse, filter=parse_filter(text), row_limit=limit)
            scope = Scope(start_ms or EARLIEST_MS)
            selection = select(store, view, scope, start_ms, NOW, kept)
            lines = [
                line for line in lines_of(store, start_ms) if selection.kept is None or line.row_id in selection.kept
            ]
            assert len(lines) == selection.matching
            narrowed = replace(selection.scope, sessions=None)
            found = leading(store, selection, view, WORKING, last_minute(range(1, 9)), kept)
            assert [line.row_id for line in found] == all_sorted(store, view, narrowed, lines)[:limit]
