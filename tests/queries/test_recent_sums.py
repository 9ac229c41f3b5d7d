"""What is kept of the last minutes against what would be found anew, whatever comes, changes or goes meanwhile."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.queries.test_levels import AGENTS, MODELS, START_MS, Said, add_names, change, fill, keys, onlys
from tokentui.instants import LATEST_MS, MINUTE_MS, QUARTER_MS
from tokentui.queries.live.recent import RecentQuestion
from tokentui.queries.runaway.facts import FactGatherer
from tokentui.queries.sums.kept_sums import KeptSums
from tokentui.queries.sums.levels import EVERYBODY, Key, Only, Step
from tokentui.queries.sums.recent import RecentSums
from tokentui.queries.sums.summing import summed
from tokentui.store.database import open_reader, open_writer
from tokentui.store.rollups import sum_anew
from tokentui.watch.budget_facts import SPENDING_MS
from tokentui.watch.facts import RECENT_MS

lately = st.tuples(
    st.integers(-20 * MINUTE_MS, 20_000),
    st.integers(1, AGENTS),
    st.integers(1, MODELS),
    st.integers(0, 2**40),
    st.booleans(),
    st.booleans(),
)
"""When, from the moment on that is asked about; agent, model, output tokens, whether priced, whether a lower bound."""
passing = st.one_of(
    st.integers(0, 2_000), st.integers(0, 3 * MINUTE_MS), st.integers(-QUARTER_MS, 3 * QUARTER_MS), st.just(0)
)
Asked = tuple[list[Key], int, int, Only]
BACK_MS = (MINUTE_MS, SPENDING_MS, 40 * MINUTE_MS, 1)
batches = st.lists(
    st.tuples(
        passing,
        st.lists(lately, max_size=12),
        st.lists(st.integers(0, 60), max_size=6),
        st.integers(0, 9),
        st.tuples(keys, st.sampled_from(BACK_MS), st.sampled_from((LATEST_MS, 10_001, 0)), st.just(EVERYBODY) | onlys),
    ),
    min_size=1,
    max_size=6,
)
"""Time passed, what came, what went, chance, and a question: by what, since when, until when, of whom."""
NOBODY_KNOWS = 0
"""One batch in ten is followed by sums worked out anew, which tells no one where anything changed."""


@dataclass
class Store:
    """One writes and asks; one has looked before, and one looks for the first time."""

    connection: sqlite3.Connection
    watching: sqlite3.Connection
    anew: sqlite3.Connection


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    path = tmp_path_factory.mktemp("recent") / "state.db"
    with closing(open_writer(path)) as connection, closing(open_reader(path)) as watching:
        add_names(connection)
        with closing(open_reader(path)) as anew:
            yield Store(connection, watching, anew)


@settings(max_examples=60)
@given(batches)
def test_what_is_kept_is_what_would_be_found_anew(
    store: Store, batches: list[tuple[int, list[Said], list[int], int, Asked]]
) -> None:
    connection = store.connection
    fill(connection, [])
    recent = RecentSums()
    kept, minutes = KeptSums(recent), RecentQuestion(recent)
    gatherer = FactGatherer(store.watching, UTC)
    stored: dict[int, Said] = {}
    now_ms = START_MS + 40 * QUARTER_MS
    for passed_ms, added, removed, chance, asked in batches:
        now_ms += passed_ms
        gone = {number: stored.pop(number) for number in removed if number in stored}
        first = max([*stored, *gone], default=-1) + 1
        come = {number: (now_ms + at, *rest) for number, (at, *rest) in enumerate(added, first)}
        stored |= come  # type: ignore[arg-type]
        change(connection, gone, come)  # type: ignore[arg-type]
        if chance == NOBODY_KNOWS:
            sum_anew(connection)
        with one_state(connection), recent.brought_up(connection, now_ms):
            kept.begin(now_ms)
            check_sums(connection, recent, kept, now_ms, asked)
            check_minutes(connection, minutes, now_ms)
        speak(connection, now_ms)
        gatherer.gather(datetime.fromtimestamp(now_ms / 1000, UTC), ())
    check_facts(store, gatherer, now_ms)


@contextmanager
def one_state(connection: sqlite3.Connection) -> Iterator[None]:
    connection.execute("BEGIN")
    try:
        yield
    finally:
        connection.execute("COMMIT")


def check_sums(connection: sqlite3.Connection, recent: RecentSums, kept: KeptSums, now_ms: int, asked: Asked) -> None:
    by, back_ms, until_ms, only = asked
    span = now_ms - back_ms, min(now_ms + until_ms, LATEST_MS)
    for step in (Step(5_000), Step(30_000, 10_000), Step(QUARTER_MS)):
        anew = summed(connection, by, span, only, step=step)
        assert recent(connection, by, span, only, step=step) == anew
        assert kept(connection, by, span, only, step=step) == anew


def check_minutes(connection: sqlite3.Connection, minutes: RecentQuestion, now_ms: int) -> None:
    asked = connection, now_ms, now_ms // QUARTER_MS * QUARTER_MS
    assert minutes.ask(*asked) == RecentQuestion().ask(*asked)


def speak(connection: sqlite3.Connection, now_ms: int) -> None:
    """Everybody has just begun: nobody is left out, and nobody unattended, which is looked at every 5 s alone."""
    connection.execute("UPDATE agent SET first_at_ms = ?1, last_at_ms = ?1", (now_ms - 1,))
    connection.execute("UPDATE session SET first_at_ms = ?1, last_at_ms = ?1", (now_ms - 1,))


def check_facts(store: Store, gatherer: FactGatherer, now_ms: int) -> None:
    """By one who has looked before, and by one who looks for the first time; and against the responses themselves."""
    connection = store.connection
    now = datetime.fromtimestamp(now_ms / 1000, UTC)
    facts = gatherer.gather(now, ())
    assert facts == FactGatherer(store.anew, UTC).gather(now, ())
    span = now_ms - RECENT_MS, now_ms + 10_000
    found = connection.execute(_PROMPTS, span).fetchone()
    assert (sum(s.cache.prompt for s in facts.sessions), sum(s.cache.written for s in facts.sessions)) == found
    last_minute = connection.execute(_LAST_MINUTE, (now_ms - MINUTE_MS, now_ms + 10_000)).fetchone()
    assert facts.last_minute == last_minute


_FRESH = "input_tokens + cache_write_5m_tokens + cache_write_1h_tokens"
_PROMPTS = f"""
SELECT ifnull(sum({_FRESH} + cache_read_tokens), 0), ifnull(sum(cache_write_5m_tokens + cache_write_1h_tokens), 0)
FROM response WHERE at_ms >= ? AND at_ms <= ? AND part = 0
"""
_LAST_MINUTE = f"""
SELECT ifnull(sum(part = 0), 0), ifnull(sum({_FRESH} + output_tokens), 0), ifnull(sum(cost_pico_usd), 0),
       ifnull(sum(cost_pico_usd IS NULL), 0)
FROM response WHERE at_ms >= ? AND at_ms <= ?
"""
