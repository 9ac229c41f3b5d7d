"""Sums from several levels against direct ones: any two moments, any names, any bucket, and after any change."""

from __future__ import annotations

import sqlite3
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from contextlib import closing
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.kit.stores import quarters_are_sums
from tokentui.instants import DAY_MS, EARLIEST_MS, HOUR_MS, LATEST_MS, QUARTER_MS
from tokentui.queries.reports.agent_ranks import count_agents, ranked_agents
from tokentui.queries.sums.kept_sums import KeptSums
from tokentui.queries.sums.levels import EVERYBODY, Key, Only, Step
from tokentui.queries.sums.local_times import finest_offset_seconds, local_stretches
from tokentui.queries.sums.quarters import ByQuarter
from tokentui.queries.sums.stretches import sums_by_step
from tokentui.queries.sums.summing import summed
from tokentui.store.database import CURRENT_VERSION, open_writer
from tokentui.store.rollups import USED, add_to_rollups, sum_anew
from tokentui.store.schema.views import VIEWS

START = datetime(2026, 10, 23, 21, tzinfo=UTC)
"""Two days before clocks change in Europe."""
START_MS = round(START.timestamp() * 1000)
LENGTH_MS = 5 * DAY_MS
ZONES = ("UTC", "Europe/Berlin", "Asia/Kathmandu", "Australia/Lord_Howe", "America/St_Johns", "Pacific/Chatham")
SESSIONS, AGENTS, MODELS = 70, 140, 3
_ADD = (
    "INSERT INTO response VALUES (?, ?, '', 0, ?, '', ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 1, ?, "
    "'', '', '', '', 0, 1, 0, 0, 0, NULL, '')"
)

Said = tuple[int, int, int, int, bool, bool]
"""When, agent, model, output tokens, whether priced, whether a lower bound."""

moments = st.one_of(
    st.integers(0, LENGTH_MS),
    st.builds(lambda quarter, off: quarter * QUARTER_MS + off, st.integers(0, 480), st.integers(-1, 1)),
).map(lambda at: START_MS + at)
spans = st.tuples(moments, moments).map(sorted) | st.just([EARLIEST_MS, LATEST_MS])
said = st.tuples(
    moments, st.integers(1, AGENTS), st.integers(1, MODELS), st.integers(0, 2**40), st.booleans(), st.booleans()
)
ids = st.none() | st.frozensets(st.integers(1, SESSIONS))
onlys = st.builds(
    Only,
    ids | st.just(frozenset(range(1, SESSIONS))),
    st.none() | st.frozensets(st.integers(1, AGENTS), max_size=30),
    st.none() | st.frozensets(st.integers(1, MODELS)),
    st.sampled_from((None, None, "main", "explore")),
)
widths = st.sampled_from((QUARTER_MS, HOUR_MS, DAY_MS, 60_000))
keys = st.lists(st.sampled_from(("at_ms", "session_id", "agent_id", "model_id")), unique=True)


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[sqlite3.Connection]:
    """A database of names, without any usage yet."""
    with closing(open_writer(tmp_path_factory.mktemp("levels") / "state.db")) as connection:
        add_names(connection)
        yield connection


def add_names(connection: sqlite3.Connection) -> None:
    connection.execute("INSERT INTO source (id, path) VALUES (1, '/')")
    connection.execute("INSERT INTO log (id, source_id, path) VALUES (1, 1, '/1')")
    connection.execute("INSERT INTO price_basis (id, name) VALUES (1, 'test')")
    connection.executemany("INSERT INTO model (id, name) VALUES (?, ?)", [(n, f"m{n}") for n in range(1, MODELS + 1)])
    connection.executemany(
        "INSERT INTO session (id, session_id, first_at_ms, last_at_ms) VALUES (?, ?, 0, 0)",
        [(n, f"s{n}") for n in range(1, SESSIONS + 1)],
    )
    connection.executemany(
        "INSERT INTO agent (id, session_id, agent_id, agent_type, first_at_ms, last_at_ms) VALUES (?, ?, ?, ?, ?, ?)",
        [
            (
                n,
                session_of(n),
                "" if n <= SESSIONS else f"a{n}",
                "Explore" if n % 3 == 0 else "",
                START_MS - 1,
                START_MS + LENGTH_MS + 1,
            )
            for n in agents()
        ],
    )


def agents() -> range:
    return range(1, AGENTS + 1)


def session_of(agent: int) -> int:
    return (agent - 1) % SESSIONS + 1


def fill(connection: sqlite3.Connection, responses: Sequence[Said]) -> None:
    """Put these responses and their sums in place of those before."""
    connection.execute("DELETE FROM response")
    connection.execute("DELETE FROM usage_quarter")
    connection.executemany(_ADD, [row(number, response) for number, response in enumerate(responses)])
    connection.execute(
        f"INSERT INTO usage_quarter (quarter_ms, agent_id, model_id, {', '.join(USED)}) SELECT "
        f"at_ms / {QUARTER_MS} * {QUARTER_MS}, agent_id, model_id, {DIRECT} FROM response GROUP BY 1, 2, 3"
    )
    sum_anew(connection)


DIRECT = (
    "sum(part = 0), sum(part = 0 AND is_lower_bound), sum(cost_pico_usd IS NULL), sum(input_tokens), "
    "sum(output_tokens), sum(cache_write_5m_tokens), sum(cache_write_1h_tokens), sum(cache_read_tokens), "
    "sum(ifnull(cost_pico_usd, 0)), sum(ifnull(uncached_pico_usd, 0))"
)


def row(number: int, response: Said) -> tuple[object, ...]:
    at_ms, agent, model, output, is_priced, is_open = response
    cost = output * 5 if is_priced else None
    return (number + 1, f"msg_{number}", number % 2, at_ms, at_ms, agent, model, 3, output, *cached(output), cost, cost,
            is_open)  # fmt: skip


def cached(output: int) -> tuple[int, int, int]:
    """Written for five minutes and for an hour, and read: small and large prompts, kept and lost ones."""
    return 7 + output % 3 * 9_000, 11, 13 + output % 5 * 6_000


def used(responses: Sequence[Said], number: int) -> tuple[int, ...]:
    """What the columns of one response come to."""
    _, _, _, output, is_priced, is_open = responses[number]
    cost = output * 5 if is_priced else 0
    answer = number % 2 == 0
    return (int(answer), int(answer and is_open), int(not is_priced), 3, output, *cached(output), cost, cost)


def matches(response: Said, only: Only) -> bool:
    _, agent, model, *_ = response
    is_main, is_explorer = agent <= SESSIONS, agent % 3 == 0
    return (
        (only.sessions is None or session_of(agent) in only.sessions)
        and (only.agents is None or agent in only.agents)
        and (only.models is None or model in only.models)
        and (only.agent_type is None or (is_main if only.agent_type == "main" else is_explorer))
    )


def by_hand(
    responses: Sequence[Said], by: Sequence[Key], span: Sequence[int], only: Only, widest_ms: int
) -> dict[tuple[int, ...], tuple[int, ...]]:
    found: dict[tuple[int, ...], list[int]] = defaultdict(lambda: [0] * len(USED))
    for number, response in enumerate(responses):
        at_ms, agent, model, *_ = response
        if span[0] <= at_ms < span[1] and matches(response, only):
            values = {"at_ms": at_ms // widest_ms * widest_ms, "session_id": session_of(agent), "agent_id": agent,
                      "model_id": model}  # fmt: skip
            sums = found[tuple(values[key] for key in by)]
            for place, value in enumerate(used(responses, number)):
                sums[place] += value
    return {key: tuple(sums) for key, sums in found.items()}


@settings(max_examples=150)
@given(st.lists(said, max_size=60), st.lists(st.tuples(keys, spans, onlys, widths), min_size=1))
def test_any_sum_is_that_of_its_responses(
    store: sqlite3.Connection,
    responses: list[Said],
    questions: list[tuple[list[Key], tuple[int, int], Only, int]],
) -> None:
    fill(store, responses)
    for by, (start, end), only, widest_ms in questions:
        found = summed(store, by, (start, end), only, USED, Step(widest_ms))
        assert found == by_hand(responses, by, (start, end), only, widest_ms)


@settings(max_examples=60)
@given(
    st.lists(said, max_size=60), onlys, moments, st.sampled_from((5_000, 900_000, 2_700_000, 21_600_000, 7 * DAY_MS))
)
def test_buckets_of_any_length_share_out_their_responses(
    store: sqlite3.Connection, responses: list[Said], only: Only, first: int, length_ms: int
) -> None:
    fill(store, responses)
    for start in (first, first // length_ms * length_ms, first // HOUR_MS * HOUR_MS):
        found = sums_by_step(store, ("model_id",), Step(length_ms, start), 6, only)
        for number, sums in enumerate(found):
            span = (start + number * length_ms, start + (number + 1) * length_ms)
            assert sums == by_hand(responses, ("model_id",), span, only, DAY_MS)


@given(st.lists(said, max_size=60), st.sampled_from(ZONES), st.sampled_from(("day", "week", "month")))
def test_local_days_share_out_their_responses(
    store: sqlite3.Connection, responses: list[Said], zone: str, by: str
) -> None:
    fill(store, responses)
    by_day = Counter(name_of(at_ms, by, zone) for at_ms, *_ in responses)
    days = [datetime.fromtimestamp(at / 1000, UTC) for at in {at_ms // DAY_MS * DAY_MS for at_ms, *_ in responses}]
    stretches = local_stretches(days, by, ZoneInfo(zone), 6)  # type: ignore[arg-type]
    found = {
        name: len([at for at, *_ in responses if round(start.timestamp() * 1000) <= at < round(end.timestamp() * 1000)])
        for name, (start, end) in stretches
    }
    assert {name: count for name, count in found.items() if count} == by_day
    assert finest_offset_seconds(days, ZoneInfo(zone)) in (900, 3600)


def name_of(at_ms: int, by: str, zone: str) -> str:
    day = datetime.fromtimestamp(at_ms / 1000, ZoneInfo(zone)).date()
    if by == "month":
        return day.strftime("%Y-%m")
    return (day if by == "day" else sunday_before(day)).isoformat()


def sunday_before(day: date) -> date:
    return day - timedelta(days=(day.weekday() + 1) % 7)


@settings(max_examples=60)
@given(st.lists(st.tuples(st.lists(said, max_size=20), st.lists(st.integers(0, 400))), max_size=8))
def test_longer_sums_follow_every_change(
    tmp_path_factory: pytest.TempPathFactory, batches: list[tuple[list[Said], list[int]]]
) -> None:
    """Responses come, change and go in any order; sums are added to, never worked out anew."""
    path = tmp_path_factory.mktemp("changes") / "state.db"
    with closing(open_writer(path)) as connection:
        add_names(connection)
        stored: dict[int, Said] = {}
        kept, quarters = KeptSums(), ByQuarter(quarter_of)
        for added, removed in batches:
            gone = {number: stored.pop(number) for number in removed if number in stored}
            come = dict(enumerate(added, max(stored, default=-1) + 1 + len(gone)))
            stored |= come
            change(connection, gone, come)
            check_what_is_kept(connection, kept, quarters, sum(at_ms for at_ms, *_ in added) % LENGTH_MS + START_MS)
        assert quarters_are_sums(path)


def quarter_of(connection: sqlite3.Connection, start_ms: int, end_ms: int) -> list[tuple[object, ...]]:
    statement = "SELECT at_ms, agent_id, model_id, output_tokens FROM response WHERE at_ms >= ? AND at_ms < ?"
    return sorted(connection.execute(statement, (start_ms, end_ms)))


def check_what_is_kept(
    connection: sqlite3.Connection, kept: KeptSums, quarters: ByQuarter[list[tuple[object, ...]]], now_ms: int
) -> None:
    """Asked at any moment, what is kept is what would be found anew."""
    kept.begin(now_ms)
    everything: tuple[int, int] = (EARLIEST_MS, LATEST_MS)
    for by in ((), ("session_id",), ("agent_id", "model_id")):
        for only in (EVERYBODY, Only(sessions=frozenset(range(5))), Only(agent_type="main")):
            for span in (everything, (START_MS, now_ms), (START_MS + 1, LATEST_MS)):
                assert kept(connection, by, span, only) == summed(connection, by, span, only)
    found = quarters.between(connection, START_MS - 7, now_ms)
    assert sorted(row for part in found for row in part) == quarter_of(connection, START_MS - 7, now_ms)


def change(connection: sqlite3.Connection, gone: dict[int, Said], come: dict[int, Said]) -> None:
    """As the store does it: rows out and in, then the differences into all sums."""
    connection.execute("BEGIN")
    connection.executemany("DELETE FROM response WHERE id = ?", [(number + 1,) for number in gone])
    connection.executemany(_ADD, [row(number, response) for number, response in come.items()])
    sums: dict[tuple[int, int, int], list[int]] = defaultdict(lambda: [0] * len(USED))
    for responses, sign in ((gone, -1), (come, 1)):
        for number, (at_ms, agent, model, output, is_priced, is_open) in responses.items():
            answer, cost = number % 2 == 0, output * 5 if is_priced else 0
            values = (answer, answer and is_open, not is_priced, 3, output, *cached(output), cost, cost)
            key = (at_ms // QUARTER_MS * QUARTER_MS, agent, model)
            sums[key] = [known + sign * value for known, value in zip(sums[key], values, strict=True)]
    for key, found in sums.items():
        add_to_quarter(connection, key, found)
    moments = [at_ms for at_ms, *_ in (*gone.values(), *come.values())]
    if moments:
        add_to_rollups(connection, sums, (min(moments), max(moments)))
    connection.execute("COMMIT")


def add_to_quarter(connection: sqlite3.Connection, key: tuple[int, int, int], sums: list[int]) -> None:
    connection.execute(
        f"INSERT INTO usage_quarter (quarter_ms, agent_id, model_id, {', '.join(USED)}) VALUES "
        f"({', '.join('?' * (3 + len(USED)))}) ON CONFLICT DO UPDATE SET "
        + ", ".join(f"{name} = {name} + excluded.{name}" for name in USED),
        (*key, *sums),
    )
    nothing = " AND ".join(f"{name} = 0" for name in USED)
    connection.execute(f"DELETE FROM usage_quarter WHERE {nothing}")


def fill_with_agents(connection: sqlite3.Connection) -> None:
    """One response for each agent, spread over all of the time."""
    add_names(connection)
    fill(
        connection,
        [(START_MS + number * (LENGTH_MS // AGENTS), number, 1, number, True, False) for number in agents()],
    )


def test_an_older_database_gets_its_longer_sums(tmp_path: Path) -> None:
    path = tmp_path / "state.db"
    with closing(open_writer(path)) as connection:
        fill_with_agents(connection)
        for name in ("usage_hour", "usage_day", "usage_total", "usage_change"):
            connection.execute(f"DROP TABLE {name}")
        connection.execute("DROP INDEX log_that_skipped")
        connection.execute("DELETE FROM _sqlite_migrations WHERE name = 'm040_rollups'")
        before = CURRENT_VERSION - 1
        connection.execute(f"PRAGMA user_version = {before}")
    assert before < CURRENT_VERSION
    with closing(open_writer(path)) as connection:
        assert connection.execute("SELECT count(*) FROM usage_day").fetchone()[0] > 0
    assert quarters_are_sums(path)


def test_an_older_database_gets_its_quarters_by_agent_and_its_hours(tmp_path: Path) -> None:
    path = tmp_path / "state.db"
    with closing(open_writer(path)) as connection:
        fill_with_agents(connection)
        connection.execute("DELETE FROM usage_total WHERE span_ms = ?", (HOUR_MS,))
        make_quarters_old(connection)
        connection.execute(
            "DELETE FROM _sqlite_migrations WHERE name IN ('m070_quarters_by_agent', 'm080_totals_by_hour')"
        )
        connection.execute(f"PRAGMA user_version = {CURRENT_VERSION - 1}")
    with closing(open_writer(path)) as connection:
        plan = connection.execute("EXPLAIN QUERY PLAN SELECT agent_id FROM usage_quarter GROUP BY 1").fetchall()
        assert not any("TEMP B-TREE" in step[-1] for step in plan)
        assert connection.execute("SELECT count(*) FROM daily_spend").fetchone()[0] > 0
    assert quarters_are_sums(path)


def make_quarters_old(connection: sqlite3.Connection) -> None:
    """The table as it was, in the order of time."""
    connection.execute("ALTER TABLE usage_quarter RENAME TO newer")
    columns = ", ".join(f"{name} INTEGER NOT NULL" for name in ("quarter_ms", "agent_id", "model_id", *USED))
    connection.execute(
        f"CREATE TABLE usage_quarter ({columns}, PRIMARY KEY (quarter_ms, agent_id, model_id)) WITHOUT ROWID"
    )
    connection.execute("INSERT INTO usage_quarter SELECT * FROM newer")
    connection.execute("CREATE INDEX usage_quarter_by_agent ON usage_quarter (agent_id, quarter_ms)")
    for name in VIEWS_OF_QUARTERS:
        connection.execute(f"DROP VIEW {name}")
    connection.execute("DROP TABLE newer")
    for view in VIEWS[1:]:
        connection.execute(view)


VIEWS_OF_QUARTERS = ("agent_matrix", "cache_efficiency", "model_usage", "daily_spend", "quarter_usage")


@given(st.lists(said, max_size=60), spans, onlys, st.none() | st.integers(1, 20))
def test_agents_rank_by_cost_and_tokens(
    store: sqlite3.Connection, responses: list[Said], span: tuple[int, int], only: Only, most: int | None
) -> None:
    fill(store, responses)
    found = by_hand(responses, ["agent_id"], span, only, DAY_MS)
    ranked = sorted(found, key=lambda agent: (-found[agent][8], -sum(found[agent][3:8]), agent))
    assert list(ranked_agents(store, span, only, most)) == [agent for (agent,) in ranked][:most]
    assert count_agents(store, span, only) == len(found)
