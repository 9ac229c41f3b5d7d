"""What the cache should have held: rebuilds with their causes and premiums, the clock, lifetimes, hit rates."""

from __future__ import annotations

import sqlite3
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from tests.kit.answer_logs import HAIKU, UNKNOWN
from tests.kit.insight import BOOK, OPUS_READ, OPUS_WRITE_1H, OPUS_WRITE_5M, agent_steps, said, store_of, used
from tests.kit.log_lines import ONE, START_AT, TWO, Json, line, of_agent, parse
from tests.kit.stores import NewDatabase
from tokentui.queries.cache.forensics import LiveCache, session_cache
from tokentui.queries.cache.results import CacheStep, Rebuilds, SessionCache
from tokentui.queries.cache.sums import gap_of
from tokentui.records import Tokens

NOW = START_AT + timedelta(hours=3)


def missed(number: int, at: float, usage: Json, reason: str) -> Json:
    one = said(number, at, usage)
    one["message"]["diagnostics"] = {"cache_miss_reason": {"type": reason, "cache_missed_input_tokens": 9000}}
    return one


def steps(tmp_path: Path, database: Path, *lines: Json) -> tuple[CacheStep, ...]:
    with store_of(tmp_path, database, {ONE: list(lines)}) as reader:
        return agent_steps(reader, ONE, "", BOOK)


def cache(tmp_path: Path, database: Path, *lines: Json, now: datetime = NOW) -> SessionCache:
    with store_of(tmp_path, database, {ONE: list(lines)}) as reader:
        return session_cache(reader, ONE, BOOK, now)


FIRST = said(1, 0, used(0, 0, 20_000))


def compaction(at: float) -> Json:
    return line("system", at, subtype="compact_boundary", uuid=f"c-{at}", compactMetadata={"trigger": "auto"})


@pytest.mark.parametrize(
    ("then", "cause"),
    [
        ([compaction(50), said(2, 60, used(0, 0, 20_100), model=HAIKU)], "compaction"),
        ([said(2, 7200, used(0, 0, 20_100), model=HAIKU)], "model switch"),
        ([missed(2, 60, used(0, 0, 20_100), "model_changed")], "model switch"),
        ([missed(2, 3600, used(0, 0, 20_100), "tools_changed")], "expired"),
        ([missed(2, 3599, used(0, 0, 20_100), "tools_changed")], "tools or system changed"),
        ([missed(2, 60, used(0, 0, 20_100), "system_changed")], "tools or system changed"),
        ([missed(2, 60, used(0, 0, 20_100), "messages_changed")], "prefix changed"),
        ([said(2, 60, used(0, 0, 20_100))], "prefix changed"),
    ],
)
def test_causes_are_tried_in_their_order(
    tmp_path: Path, new_database: NewDatabase, then: list[Json], cause: str
) -> None:
    assert [step.cause for step in steps(tmp_path, new_database(), FIRST, *then)] == [None, cause]


def test_a_rebuild_is_what_was_expected_but_not_read_and_then_written(
    tmp_path: Path, new_database: NewDatabase
) -> None:
    found = steps(
        tmp_path,
        new_database(),
        FIRST,
        said(2, 60, used(20_003, 0, 500)),  # all was read
        said(3, 120, used(15_000, 0, 9_000)),  # 5,506 were expected and not read
        said(4, 180, used(0, 0, 2_000)),  # the prompt shrank: no more was rewritten than written
        said(5, 240, used(90_000, 0, 100)),  # more was read than expected
    )
    assert [step.expected_tokens for step in found] == [0, 20_003, 20_506, 24_003, 2_003]
    assert [step.rewritten_tokens for step in found] == [0, 0, 5_506, 2_000, 0]
    assert [step.premium_pico_usd for step in found] == [
        0, 0, 5_506 * (OPUS_WRITE_1H - OPUS_READ), 2_000 * (OPUS_WRITE_1H - OPUS_READ), 0,
    ]  # fmt: skip


def test_a_few_tokens_at_the_edge_are_no_rebuild(tmp_path: Path, new_database: NewDatabase) -> None:
    found = steps(tmp_path, new_database(), FIRST, said(2, 60, used(20_000 - 1_020, 0, 5_000)))
    assert (found[1].rewritten_tokens, found[1].cause, found[1].premium_pico_usd) == (1_023, None, 0)


def test_the_lifetime_is_that_of_the_latest_write(tmp_path: Path, new_database: NewDatabase) -> None:
    found = steps(
        tmp_path,
        new_database(),
        FIRST,
        said(2, 60, used(20_000, 1_000, 0)),
        said(3, 120, used(21_000)),  # writes nothing
        said(4, 420, used(0, 21_003, 0)),  # five minutes later
    )
    assert [step.ttl_ms for step in found] == [300_000, 3_600_000, 300_000, 300_000]
    assert found[3].cause == "expired"
    assert found[3].premium_pico_usd == 21_003 * (OPUS_WRITE_5M - OPUS_READ)


def test_a_model_without_a_price_has_no_premium(tmp_path: Path, new_database: NewDatabase) -> None:
    lines = [said(number, 60 * number, used(0, 0, 20_000), model=UNKNOWN) for number in (1, 2)]
    found = cache(tmp_path, new_database(), *lines)
    assert found.report.hits.rebuilds == Rebuilds(1, 20_000, 0, 1)
    assert found.clocks[0].going_cold_pico_usd is None


def test_an_advisors_turn_says_nothing_about_the_next_prefix(tmp_path: Path, new_database: NewDatabase) -> None:
    advised = used(40_000, 0, 500)
    advised["iterations"] = [{"type": "advisor_message", "model": HAIKU, "input_tokens": 5, "output_tokens": 7}]
    found = steps(tmp_path, new_database(), FIRST, said(2, 60, advised), said(3, 90, used(20_500, 0, 2_000)))
    assert [step.cause for step in found] == [None, None, None]
    assert len(found) == 3


def test_a_clock_that_went_back_is_no_idle_time(tmp_path: Path, new_database: NewDatabase) -> None:
    late = said(2, 50, used(20_000, 0, 100))
    late["timestamp"] = "2026-11-20T11:00:00.000Z"
    found = steps(tmp_path, new_database(), FIRST, late)
    assert [step.gap_ms for step in found] == [None, 3_600_000]
    assert sum(step.tokens.total for step in found) == 20_013 + 20_113


def test_the_clock_says_until_when_the_cache_is_warm(tmp_path: Path, new_database: NewDatabase) -> None:
    lines = [FIRST, said(2, 60, used(20_000, 0, 1_000))]
    used_at = START_AT + timedelta(seconds=60)
    clock = cache(tmp_path, new_database(), *lines, now=used_at + timedelta(minutes=59)).clocks[0]
    assert (clock.last_used_at, clock.cold_at, clock.ttl_seconds) == (used_at, used_at + timedelta(hours=1), 3600)
    assert clock.is_warm
    assert clock.going_cold_pico_usd == 21_000 * (OPUS_WRITE_1H - OPUS_READ)
    cold = cache(tmp_path, new_database(), *lines, now=used_at + timedelta(hours=1)).clocks[0]
    assert not cold.is_warm


def test_lifetimes_are_weighed_against_each_other(tmp_path: Path, new_database: NewDatabase) -> None:
    mix = cache(
        tmp_path,
        new_database(),
        said(1, 0, used(0, 30_000, 0)),
        said(2, 600, used(0, 30_003, 0)),  # expired after 5 minutes: an hour would have kept it
    ).report.mix
    assert mix.written_5m_tokens == 60_003
    kept, dearer = 30_003 * (OPUS_WRITE_5M - OPUS_READ), 30_000 * (OPUS_WRITE_1H - OPUS_WRITE_5M)
    assert mix.hour_instead_saves_pico_usd == kept - dearer
    assert mix.break_even_share == pytest.approx(3.75 / 9.5)


def test_every_write_is_weighed_at_its_own_rate(tmp_path: Path, new_database: NewDatabase) -> None:
    tiered = "claude-haiku-5-5"  # above 100,000 prompt tokens the whole request costs five times as much
    lines = [said(1, 0, used(0, 10_000, 0), model=tiered), said(2, 60, used(99_000, 2_000, 0), model=tiered)]
    fast = said(3, 120, used(0, 1_000, 0) | {"speed": "fast"}, model="claude-opus-4-8")
    mix = cache(tmp_path, new_database(), *lines, fast).report.mix
    longer = 10_000 * 75_000 + 2_000 * 375_000 + 1_000 * 2 * (OPUS_WRITE_1H - OPUS_WRITE_5M)
    assert mix.hour_instead_saves_pico_usd == -longer


def test_going_cold_costs_what_the_last_request_cost(tmp_path: Path, new_database: NewDatabase) -> None:
    last = said(1, 0, used(0, 1_000, 0) | {"speed": "fast"}, model="claude-opus-4-8")
    (clock,) = cache(tmp_path, new_database(), last, now=START_AT).clocks
    assert clock.going_cold_pico_usd == 1_000 * 2 * (OPUS_WRITE_5M - OPUS_READ)


def test_an_hour_that_was_used_has_saved(tmp_path: Path, new_database: NewDatabase) -> None:
    mix = cache(tmp_path, new_database(), FIRST, said(2, 1800, used(20_000, 0, 100))).report.mix
    kept, dearer = 20_000 * (OPUS_WRITE_5M - OPUS_READ), 20_100 * (OPUS_WRITE_1H - OPUS_WRITE_5M)
    assert mix.hour_has_saved_pico_usd == kept - dearer


def test_hit_rates_by_gap_and_kind_add_up(tmp_path: Path, new_database: NewDatabase) -> None:
    main = [FIRST, said(2, 30, used(20_000, 0, 100)), said(3, 9_000, used(0, 0, 20_200))]
    agent = [of_agent("a1", said(4, 40, used(0, 9_000, 0))), of_agent("a1", said(5, 50, used(9_000, 50, 0)))]
    hidden = [of_agent("acompact-1f", said(6, 45, used(20_000, 0, 0)))]
    logs = {"a1": agent, "acompact-1f": hidden}
    with store_of(tmp_path, new_database(), {ONE: main, TWO: []}, logs) as reader:
        found = session_cache(reader, ONE, BOOK, NOW)
        assert session_cache(reader, "unheard of", BOOK, NOW).report.hits.responses == 0
    report = found.report
    assert [(rate.name, rate.responses) for rate in report.by_gap] == [
        ("first", 3), ("under 1m", 2), ("1h and more", 1),
    ]  # fmt: skip
    assert [(rate.name, rate.responses) for rate in report.by_kind] == [
        ("main", 3), ("sub-agent", 2), ("background", 1),
    ]  # fmt: skip
    for groups in (report.by_gap, report.by_kind):
        summed = Tokens()
        for rate in groups:
            summed = summed.plus(rate.tokens)
        assert summed == report.hits.tokens
    assert [(step.agent_id, step.cause) for step in found.rebuilds] == [("", "expired")]
    assert dict(report.by_cause) == {"expired": report.hits.rebuilds}


def test_gaps_lie_in_one_bucket_each() -> None:
    names = [gap_of(gap) for gap in (None, 0, 59_999, 60_000, 299_999, 300_000, 3_599_999, 3_600_000)]
    assert names == ["first", *["under 1m"] * 2, *["1m to 5m"] * 2, *["5m to 1h"] * 2, "1h and more"]


@pytest.mark.parametrize("diagnostics", [None, 3, [], {"cache_miss_reason": None}, {"cache_miss_reason": {"type": 4}}])
def test_odd_diagnostics_are_no_reason(diagnostics: object) -> None:
    one = said(1, 0, used())
    one["message"]["diagnostics"] = diagnostics
    assert parse(one).responses[0].usage.cache_miss_reason == ""


def test_asking_again_costs_little_and_says_the_same(tmp_path: Path, new_database: NewDatabase) -> None:
    database, live = new_database(), LiveCache(BOOK)
    main = [FIRST, said(2, 30, used(20_000, 0, 100))]
    agents = {
        f"a{number}": [of_agent(f"a{number}", said(10 + number, number, used(0, 5_000, 0)))] for number in (1, 2, 3)
    }
    with store_of(tmp_path, database, {ONE: main, TWO: []}, agents) as reader:
        for _ in range(2):
            assert answer_of(live, reader) == answer_of(LiveCache(BOOK), reader)
    main += [said(2, 31, used(20_000, 0, 900, output=500)), compaction(40), said(3, 60, used(0, 0, 9_000))]
    agents["a2"] += [of_agent("a2", said(40, 400, used(0, 5_500, 0)))]
    with store_of(tmp_path, database, {ONE: main}, agents) as reader:
        found = answer_of(live, reader)
        assert found == answer_of(LiveCache(BOOK), reader)
        assert [step.cause for step in found[1]] == ["expired", "compaction"]
        assert live.ask(reader, TWO, NOW).rebuilds == ()


def answer_of(live: LiveCache, reader: sqlite3.Connection) -> tuple[object, tuple[CacheStep, ...], object]:
    found = live.ask(reader, ONE, NOW)
    return found.report, found.rebuilds, found.clocks
