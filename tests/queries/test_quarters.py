"""What is kept of the last minutes is what would be found anew, whatever comes, changes or goes."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.queries.test_levels import AGENTS, MODELS, START_MS, Said, add_names, change, quarter_of
from tokentui.instants import LATEST_MS, MINUTE_MS
from tokentui.queries.live.recent import MINUTES, RecentQuestion
from tokentui.queries.sums.kept_sums import KeptSums
from tokentui.queries.sums.levels import EVERYBODY, Only
from tokentui.queries.sums.quarters import ByQuarter
from tokentui.queries.sums.summing import summed
from tokentui.store.database import open_reader, open_writer

DENSE_MS = 40 * MINUTE_MS
dense = st.tuples(
    st.integers(0, DENSE_MS).map(lambda at: START_MS + at), st.integers(1, AGENTS), st.integers(1, MODELS),
    st.integers(0, 3), st.booleans(), st.booleans(),
)  # fmt: skip
batches = st.lists(
    st.tuples(st.lists(dense, max_size=12), st.lists(st.integers(0, 60)), st.integers(0, 45 * MINUTE_MS)), max_size=8
)


@pytest.fixture
def database(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    with closing(open_writer(tmp_path / "state.db")) as connection:
        add_names(connection)
        yield connection


@settings(max_examples=50)
@given(batches)
def test_minutes_follow_every_change(
    tmp_path_factory: pytest.TempPathFactory, batches: list[tuple[list[Said], list[int], int]]
) -> None:
    """Responses come, change and go all over half an hour; what is kept is what would be found anew."""
    path = tmp_path_factory.mktemp("minutes") / "state.db"
    with closing(open_writer(path)) as writer, closing(open_reader(path)) as connection:
        add_names(writer)
        stored: dict[int, Said] = {}
        kept, quarters, recent = KeptSums(), ByQuarter(quarter_of), RecentQuestion()
        for added, removed, now_ms in batches:
            gone = {number: stored.pop(number) for number in removed if number in stored}
            come = dict(enumerate(added, max(stored, default=-1) + 1 + len(gone)))
            stored |= come
            change(writer, gone, come)
            now = START_MS + now_ms
            kept.begin(now)
            for span in ((START_MS + 61_003, LATEST_MS), (now - 15 * MINUTE_MS, now + 60_000)):
                for only in (EVERYBODY, Only(sessions=frozenset(range(9)))):
                    assert kept(connection, ("model_id",), span, only) == summed(connection, ("model_id",), span, only)
            parts = quarters.between(connection, now - 29 * MINUTE_MS + 17, now)
            assert [row for part in parts for row in part] == quarter_of(connection, now - 29 * MINUTE_MS + 17, now)
            assert recent.ask(connection, now, START_MS) == RecentQuestion().ask(connection, now, START_MS)


def test_the_trend_counts_an_agent_once_a_minute(database: sqlite3.Connection) -> None:
    change(database, {}, {number: response(minute) for number, minute in enumerate((3, 3, 4))})
    recent = RecentQuestion().ask(database, START_MS + 6 * MINUTE_MS, START_MS)
    assert recent.minutes.agents[MINUTES - 3 :] == [1, 1, 0]


def response(minute: int) -> Said:
    return START_MS + minute * MINUTE_MS + 30_000, 1, 1, 5, True, False
