"""What agents' latest responses tell, kept between questions, against what is found by one who asks first."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.queries.test_levels import START_MS, Said, add_names, change, fill
from tokentui.instants import MINUTE_MS, QUARTER_MS
from tokentui.queries.runaway.latest import LatestAnswers, Warm
from tokentui.queries.sums.recent import RecentSums
from tokentui.store.database import open_writer
from tokentui.store.rollups import sum_anew
from tokentui.watch.facts import RECENT_MS, WARM_RESPONSES

AGENTS = (1, 2)
AHEAD_MS = 10_000
said = st.tuples(
    st.integers(-6 * MINUTE_MS, 30_000) | st.integers(-20_000, 20_000),
    st.sampled_from(AGENTS),
    st.just(1),
    st.integers(0, 14),
    st.just(True),
    st.just(False),
)
"""When, from the moment on that is asked about; agent, model, output tokens, which decide on the prompt."""
batches = st.lists(
    st.tuples(
        st.sampled_from((0, 1, 900, 1_000, 5_000, MINUTE_MS, 4 * MINUTE_MS, QUARTER_MS, -5_000, -20_000)),
        st.lists(said, max_size=20),
        st.lists(st.integers(0, 60), max_size=4),
        st.integers(0, 9),
    ),
    min_size=1,
    max_size=8,
)
"""Time passed, what came, what went, and chance: one batch in ten tells no one where anything changed."""


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[sqlite3.Connection]:
    with closing(open_writer(tmp_path_factory.mktemp("latest") / "state.db")) as connection:
        add_names(connection)
        yield connection


@settings(max_examples=150)
@given(batches)
def test_what_is_kept_is_what_would_be_found_anew(
    store: sqlite3.Connection, batches: list[tuple[int, list[Said], list[int], int]]
) -> None:
    fill(store, [])
    recent, answers = RecentSums(RECENT_MS, MINUTE_MS), LatestAnswers()
    stored: dict[int, Said] = {}
    now_ms = START_MS + 40 * QUARTER_MS
    for passed_ms, added, removed, chance in batches:
        now_ms += passed_ms
        gone = {number: stored.pop(number) for number in removed if number in stored}
        come = {
            number: (now_ms + at, *rest)
            for number, (at, *rest) in enumerate(added, max([*stored, *gone], default=-1) + 1)
        }
        stored |= come  # type: ignore[arg-type]
        change(store, gone, come)  # type: ignore[arg-type]
        if chance == 0:
            sum_anew(store)
        store.execute("BEGIN")
        with recent.brought_up(store, now_ms) as changed:
            answers.forget(changed)
            span = now_ms - RECENT_MS, now_ms + AHEAD_MS
            found = answers.of(store, AGENTS, *span)
            anew = LatestAnswers().of(store, AGENTS, *span)
        store.execute("COMMIT")
        assert {agent: one[:2] for agent, one in found.items()} == {agent: one[:2] for agent, one in anew.items()}


def test_the_latest_warm_responses_are_added_up(store: sqlite3.Connection) -> None:
    fill(store, [])
    now_ms = START_MS + 40 * QUARTER_MS
    outputs = (2, 2, 2, 1, 2, 2, 2, 2, 4)  # prompts of 30,034, 15,034 and 33,034 tokens, of which the last reads most
    come = {number * 2: (now_ms - 60_000 + number, 1, 1, output, True, False) for number, output in enumerate(outputs)}
    change(store, {}, come)
    recent = RecentSums(RECENT_MS, MINUTE_MS)
    store.execute("BEGIN")
    with recent.brought_up(store, now_ms):
        found = LatestAnswers().of(store, (1, 2), now_ms - RECENT_MS, now_ms)
    store.execute("COMMIT")
    assert found[2][:2] == (0, Warm())
    assert found[1].newest_prompt == 33_034
    assert found[1].warm == Warm(
        lost=4,
        written=9_018 + 4 * 18_018 + 9_018,
        prompt=33_034 + 4 * 30_034 + 15_034,
        read=24_013 + 4 * 12_013 + 6_013,
        responses=WARM_RESPONSES,
    )
