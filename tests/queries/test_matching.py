"""Filters tried on a session: each field, each way to compare."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tokentui.filters import parse_filter
from tokentui.instants import EARLIEST_MS
from tokentui.queries.live.choosing import select
from tokentui.queries.live.matching import model_matches
from tokentui.queries.sums.usage import Scope
from tokentui.store.database import open_writer
from tokentui.store.rollups import sum_anew
from tokentui.view import Filter, Term, View

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
NOW_MS = round(NOW.timestamp() * 1000)
_SESSION = (
    "INSERT INTO session (id, session_id, title, project, branch, first_at_ms, last_at_ms) VALUES (?, ?, ?, ?, ?, 1, ?)"
)
_AGENT = """
INSERT INTO agent (id, session_id, agent_id, agent_type, background, first_at_ms, last_at_ms)
VALUES (?, 7, ?, ?, ?, 1, 1)
"""
_USED = """
INSERT INTO usage_quarter VALUES (?, 1, ?, 1, 0, 0, 100000, 200000, 300000, 50000, 100000, 625000000000, 0)
"""
TREES = "3f2a77aa-0000-4000-8000-000000000000"


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[sqlite3.Connection]:
    """One session with three agents, two models, $1.25 and 1.5 million tokens; and one without anything."""
    with closing(open_writer(tmp_path_factory.mktemp("matching") / "state.db")) as connection:
        half_an_hour_ago = NOW_MS - 30 * 60_000
        connection.execute(_SESSION, (7, TREES, "Prune the Trees", "/work/Orchard", "feature/prune", half_an_hour_ago))
        connection.execute(_SESSION, (8, "0a0a", "Übermut tut gut", "/work/K\u212aK", "", NOW_MS))
        crew = [(1, "", "", ""), (2, "a", "Explore", ""), (3, "b", "general-purpose", ""), (4, "c", "", "compaction")]
        connection.executemany(_AGENT, crew)
        connection.executemany("INSERT INTO model VALUES (?, ?)", [(1, "claude-opus-5-5"), (2, "claude-haiku-5-5")])
        connection.execute("INSERT INTO model VALUES (3, 'claude-unused-5')")
        connection.executemany(_USED, [(half_an_hour_ago // 900_000 * 900_000, model) for model in (1, 2)])
        sum_anew(connection)
        yield connection


def matching(store: sqlite3.Connection, text: str) -> set[int]:
    """Rows of the sessions that a filter leaves."""
    found = select(store, View(range="all", filter=parse_filter(text)), Scope(EARLIEST_MS), 0, NOW)
    return {7, 8} if found.kept is None else set(found.kept)


@pytest.mark.parametrize(
    "text",
    ["", "prune", "ORCHARD", "feature", "3f2a", "haiku", '"the trees"', "project:orch", "project=orchard",
     "project=/work/orchard", "session:3f2a", "session:trees", "branch=feature/prune", "model:opus",
     "model=claude-opus-5-5", "agent:expl", "agent=explore", "cost>1", "cost<=1.25", "cost=$1.25", "tokens>=1.5m",
     "tokens<2b", "agents=3", "agents>2", "since:1h", "!cost>2", "!model:sonnet", "!model=opus", "prune cost>1"],
)  # fmt: skip
def test_it_matches(store: sqlite3.Connection, text: str) -> None:
    assert 7 in matching(store, text)


@pytest.mark.parametrize(
    "text",
    ["explore", "quince", "project=orch", "project=work", "session=3f2a", "branch:main", "branch=prune",
     "model=opus-5-5", "agent=general", "cost>1.25", "cost<1", "tokens>1.5m", "agents<3", "since:29m", "!prune",
     "!since:1h", "!model=claude-opus-5-5", "prune cost>2"],
)  # fmt: skip
def test_it_does_not_match(store: sqlite3.Connection, text: str) -> None:
    assert 7 not in matching(store, text)


@pytest.mark.parametrize(
    ("text", "lets_through"),
    [("model:opus", True), ("model=claude-opus-5-5", True), ("model=opus", False), ("!model:opus", False),
     ("cost>99", True)],
)  # fmt: skip
def test_words_about_models_choose_models(text: str, lets_through: bool) -> None:
    assert model_matches("claude-opus-5-5", parse_filter(text)) == lets_through


@pytest.mark.parametrize(
    ("text", "found"),
    [("cost<1 tokens=0 agents<1 !model:opus !agent:explore", {8}), ("cost>0", {7}), ("cost>=0", {7, 8}),
     ("unused", set()), ("!unused", {7, 8}), ("model:unused", set()), ("since:10m", {8})],
)  # fmt: skip
def test_a_session_without_usage_has_figures_of_nothing(store: sqlite3.Connection, text: str, found: set[int]) -> None:
    assert matching(store, text) == found


@pytest.mark.parametrize(
    ("text", "found"),
    [("ÜBERMUT", {8}), ("übermut", {8}), ("!übermut", {7}), ("project:kkk", {8}), ("gut", {8}), ("project=kkk", {8}),
     ("orchard", {7}), ("%", set()), ("_", set()), ("project:ork", {7, 8})],
)  # fmt: skip
def test_letters_beyond_ascii_are_folded_as_in_python(store: sqlite3.Connection, text: str, found: set[int]) -> None:
    assert matching(store, text) == found


letters = st.text(st.sampled_from("kKiIaAs\u212a\u0130\u0307éÉ%_\\"), max_size=6)


@given(st.lists(st.tuples(letters, letters), max_size=8), letters.filter(bool), st.sampled_from(("text", "project")))
def test_any_word_is_found_where_python_finds_it(
    empty: sqlite3.Connection, texts: list[tuple[str, str]], word: str, field: str
) -> None:
    empty.execute("DELETE FROM session")
    rows = [(row, f"s{row}", *text, "", NOW_MS) for row, text in enumerate(texts, 1)]
    empty.executemany(_SESSION, rows)
    wanted = Filter((Term(field, "~", word.lower()),))
    found = select(empty, View(range="all", filter=wanted), Scope(EARLIEST_MS), 0, NOW)
    said = {row for row, session, title, project, *_ in rows
            if word.lower() in project.lower()
            or (field == "text" and (word.lower() in title.lower() or word.lower() in session))}  # fmt: skip
    assert (set(range(1, len(rows) + 1)) if found.kept is None else set(found.kept)) == said


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Iterator[sqlite3.Connection]:
    """A store in which the test writes its own sessions."""
    with closing(open_writer(tmp_path_factory.mktemp("words") / "state.db")) as connection:
        yield connection
