"""Logs, API and exports side by side, from real logs, a real server and real files."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import closing
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from tests.anthropic.test_imports import put
from tests.kit.admin_api import NOW, Row, Server, minute_of, usage_row
from tests.kit.answer_logs import HAIKU, SONNET, Answer, session_id
from tests.kit.console_files import COSTS, TOKENS_14, export
from tests.kit.worlds import DAYS, FIRST, LOGGED, MORE, USE, World, as_billed, costs, list_price, reasons
from tokentui.anthropic_side import bill, reckon
from tokentui.queries.reckoning.local_minutes import ConsoleMinute, console_minutes
from tokentui.records import Tokens
from tokentui.store.database import open_reader
from tokentui.store.schema.anthropic import MINUTES_OF_RANGE
from tokentui.ui.panes.billed.bill import estimate


@pytest.fixture
def world(tmp_path: Path, server: Server) -> World:
    return World(tmp_path, server)


def test_what_was_logged_and_billed_alike_comes_out_to_the_token_and_the_cent(world: World) -> None:
    world.log(LOGGED)
    sonnet, haiku = (list_price(world, [a for a in LOGGED if a.model == model]) for model in (SONNET, HAIKU))
    world.sync(as_billed(LOGGED), costs({SONNET: sonnet, HAIKU: haiku}))
    found = world.reckon()
    assert (found.is_off, found.is_empty, found.findings, reasons(found)) == (False, False, (), {})
    assert [(row.model, row.logged, row.api, row.csv) for row in found.rows] == [
        (row.model, row.logged, row.logged, None) for row in found.rows
    ]
    assert len(found.rows) == 2
    for row in found.rows:
        assert row.logged_estimate == row.billed_estimate
        assert row.api_billed_pico_usd == row.billed_estimate.pico_usd
        assert row.grain_s == 60


@pytest.mark.parametrize(
    ("billed", "logged", "expected", "is_off"),
    [
        (usage_row(minute_of(FIRST) + 31, MORE, HAIKU), None, {"unlogged requests": MORE.total}, False),
        (usage_row(minute_of(FIRST) + 600, MORE, SONNET), None, {"other machines": MORE.total}, False),
        (usage_row(minute_of(FIRST) + 600, MORE, SONNET, "apikey_9"), None, {"other keys": MORE.total}, False),
        (usage_row(minute_of(FIRST) - 60, MORE, SONNET), None, {"before the logs": MORE.total}, False),
        (None, Answer(99, FIRST, "claude-opus-4-5-20251101", USE, session_id(2), "/work/b"),
         {"billed elsewhere": -USE.total}, False),
        (None, Answer(99, NOW - timedelta(minutes=5), SONNET, USE, session_id(2), "/work/b"),
         {"late data": -USE.total}, False),
        (None, Answer(99, FIRST, SONNET, Tokens(output=90), session_id(2), "/work/b"),
         {"within tolerance": -90}, False),
        (None, Answer(99, FIRST, SONNET, USE, session_id(2), "/work/b"), {"double counting": -USE.total}, True),
        (usage_row(minute_of(FIRST), Tokens(output=500), SONNET),
         Answer(99, FIRST, SONNET, Tokens(output=0), session_id(2), "/work/b", is_final=False),
         {"lower bounds": 500}, False),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else "",
)  # fmt: skip
def test_each_class_from_end_to_end(
    world: World, billed: Row | None, logged: Answer | None, expected: dict[str, int], is_off: bool
) -> None:
    world.log([*LOGGED, logged] if logged else LOGGED)
    world.sync([*as_billed(LOGGED), billed] if billed else as_billed(LOGGED))
    found = world.reckon()
    assert reasons(found) == expected
    assert found.is_off is is_off
    assert found.differences[0].tokens.total == next(iter(expected.values()))


def test_everything_logged_twice_is_told_loudly(world: World) -> None:
    world.log([*LOGGED, *(replace(answer, number=answer.number + 500) for answer in LOGGED)])
    world.sync(as_billed(LOGGED))
    found = world.reckon()
    assert found.is_off
    assert reasons(found) == {"double counting": -60 * USE.total}
    assert [finding.kind for finding in found.findings] == ["double counting"] * 2


def test_days_outside_what_was_asked_for_are_not_compared(world: World) -> None:
    early = replace(LOGGED[0], number=700, at=FIRST - timedelta(days=1))
    world.log([*LOGGED, early])
    world.sync(as_billed(LOGGED))
    with closing(open_reader(world.database)) as reader:
        found = reckon(reader, world.workspace, date(2026, 11, 19), date(2026, 11, 21))
    assert [(row.day.day, row.against, row.parts) for row in found.rows if row.day.day == 19] == [(19, "", ())]
    assert not found.is_off


def write_export(folder: Path, name: str, rows: Iterable[Row], form: str) -> Path:
    """A token export of the server's usage, by whatever the form of its time makes it."""
    sums: dict[tuple[str, str], Tokens] = {}
    for row in rows:
        time = (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(minutes=row["minute"])).strftime(form)
        key = (time, row["model"])
        sums[key] = sums.get(key, Tokens()).plus(Tokens(*row["counts"][:5]))
    lines = [
        {"usage_date_utc": time, "model_version": model, "api_key": "laptop", "web_search_count": "0",
         "usage_input_tokens_no_cache": str(tokens.input), "usage_output_tokens": str(tokens.output),
         "usage_input_tokens_cache_write_5m": str(tokens.cache_write_5m),
         "usage_input_tokens_cache_write_1h": str(tokens.cache_write_1h),
         "usage_input_tokens_cache_read": str(tokens.cache_read)}
        for (time, model), tokens in sorted(sums.items())
    ]  # fmt: skip
    return export(folder, name, TOKENS_14, lines)


@pytest.mark.parametrize(("form", "grain"), [("%Y-%m-%d", 86_400), ("%Y-%m-%d %H:00", 3600), ("%Y-%m-%d %H:%M", 60)])
def test_exports_of_any_grain_are_compared_with(world: World, tmp_path: Path, form: str, grain: int) -> None:
    world.log(LOGGED)
    put(world.database, write_export(tmp_path, "tokens.csv", as_billed(LOGGED), form))
    found = world.reckon()
    assert {(row.against, row.grain_s) for row in found.rows} == {("csv", grain)}
    assert (reasons(found), found.is_off) == ({}, False)
    assert (found.keys[0].api_key, found.keys[0].is_foreign) == ("laptop", False)


def test_logs_outside_the_hour_of_an_export_are_not_compared_with_it(world: World, tmp_path: Path) -> None:
    world.log(LOGGED)
    hour = [row for row in as_billed(LOGGED) if minute_of(FIRST) + 60 <= row["minute"] < minute_of(FIRST) + 120]
    put(world.database, write_export(tmp_path, "claude_api_tokens_2026_11_20_10h_UTC.csv", hour, "%Y-%m-%d %H:%M"))
    found = world.reckon()
    assert set(reasons(found)) == {"not covered", "late data"}
    assert sum(reasons(found).values()) == -(60 - len(hour)) * USE.total
    assert not found.is_off


def test_api_and_export_agree_or_it_is_said(world: World, tmp_path: Path) -> None:
    world.log(LOGGED)
    world.sync(as_billed(LOGGED), keys=[{"id": "apikey_1", "name": "laptop"}])
    usage = as_billed(LOGGED)
    put(world.database, write_export(tmp_path, "right.csv", usage, "%Y-%m-%d"))
    assert not world.reckon().is_off
    keys = world.reckon().keys
    assert [(row.api_key, row.api, row.csv) for row in keys] == [("laptop", keys[0].csv, keys[0].api)]
    more = [*usage, usage_row(minute_of(FIRST), USE, SONNET)]
    put(world.database, write_export(tmp_path, "wrong.csv", more, "%Y-%m-%d"))
    (finding,) = world.reckon().findings
    assert (finding.kind, finding.is_off) == ("reports differ", True)


@pytest.mark.parametrize(
    ("factor", "kind", "is_off"), [(1.0, "", False), (0.8, "note", False), (1.2, "price differs", True)]
)
def test_a_bill_that_is_not_the_list_price_is_explained(world: World, factor: float, kind: str, is_off: bool) -> None:
    world.log(LOGGED[:40])
    world.sync(as_billed(LOGGED[:40]), costs({SONNET: round(list_price(world, LOGGED[:40]) * factor)}))
    found = world.reckon()
    assert [finding.kind for finding in found.findings] == ([kind] if kind else [])
    assert found.is_off is is_off


def test_a_model_that_is_not_on_the_bill_is_spoken_of(world: World) -> None:
    world.log(LOGGED)
    world.sync(as_billed(LOGGED), costs({SONNET: list_price(world, LOGGED[:40])}))
    (finding,) = world.reckon().findings
    assert ("haiku" in finding.text, "billed $0.0000" in finding.text, finding.is_off) == (True, True, False)


def test_a_discount_in_the_export_is_told_apart_from_a_wrong_price(world: World, tmp_path: Path) -> None:
    world.log(LOGGED[:40])
    usd = list_price(world, LOGGED[:40]) / 1e12
    money = {"usage_date_utc": "2026-11-20", "list_price_usd": f"{usd:.2f}", "cost_usd": f"{usd / 2:.2f}"}
    put(world.database, write_export(tmp_path, "tokens.csv", as_billed(LOGGED[:40]), "%Y-%m-%d"),
        export(tmp_path, "cost.csv", COSTS["2026-03"], [money]))  # fmt: skip
    (finding,) = world.reckon().findings
    assert "discount" in finding.text
    assert not finding.is_off


def test_a_local_estimate_is_marked_where_a_final_count_is_missing(world: World) -> None:
    world.log([*LOGGED[:-1], replace(LOGGED[-1], is_final=False)])
    with closing(open_reader(world.database)) as reader:
        found = bill(reader, world.workspace, "day", *DAYS)
    assert found.total.logged is not None
    assert found.total.logged.inexact_responses == 1
    assert found.month.logged_is_lower_bound
    assert estimate(found.total.logged).startswith("≥$")


def test_bills_by_everything(world: World) -> None:
    world.log(LOGGED)
    pico = {SONNET: 3 * 10**12, HAIKU: 10**12}
    world.sync(as_billed(LOGGED), costs(pico), workspaces=[{"id": "wrkspc_1", "name": "Research"}])
    total = list_price(world, LOGGED)
    with closing(open_reader(world.database)) as reader:
        found = {by: bill(reader, world.workspace, by, *DAYS) for by in
                 ("day", "month", "model", "project", "key", "workspace")}  # fmt: skip
    for by, answer in found.items():
        assert answer.total.billed_pico_usd == (None if by == "key" else 4 * 10**12)
    names = {by: [row.name for row in answer.rows] for by, answer in found.items()}
    assert names == {
        "day": ["2026-11-20"], "month": ["2026-11"], "model": ["claude-sonnet-4-5", "claude-haiku-4-5"],
        "project": ["/work/project"], "key": ["apikey_1"], "workspace": ["Research", ""],
    }  # fmt: skip
    assert found["project"].rows[0].logged is not None
    assert found["project"].rows[0].logged.pico_usd == total
    day = found["day"].rows[0]
    assert (day.logged, day.reported) == (found["project"].rows[0].logged, day.logged)
    month = found["day"].month
    assert (month.billed_pico_usd, month.billed_until, month.logged_pico_usd) == (4 * 10**12, NOW.date(), total)
    assert month.billed_projected_pico_usd == 4 * 10**12 + round(4 * 10**12 / 7 * 9)
    assert month.logged_projected_pico_usd > total


def test_our_minutes_in_the_consoles_columns(world: World) -> None:
    world.log(LOGGED)
    with closing(open_reader(world.database)) as reader:
        rows = list(console_minutes(reader, FIRST, FIRST + timedelta(minutes=5)))
        everything = list(console_minutes(reader))
    assert rows[1] == (
        "2026-11-20 09:03",
        SONNET,
        "",
        "",
        "standard",
        "≤ 200k",
        100,
        3_000,
        400,
        50_000,
        2_000,
        0,
        "",
        "",
    )
    assert ",".join(rows[0]._fields) == TOKENS_14
    assert sum(row.usage_output_tokens for row in everything) == sum(answer.tokens.output for answer in LOGGED)


def test_a_range_of_our_minutes_is_the_views_and_reads_the_range_alone(world: World) -> None:
    world.log(LOGGED)
    first, end = FIRST + timedelta(minutes=10), FIRST + timedelta(minutes=70)
    with closing(open_reader(world.database)) as reader:
        rows = list(console_minutes(reader, first, end))
        view = reader.execute(
            f"SELECT {', '.join(ConsoleMinute._fields)} FROM local_minutes WHERE usage_date_utc >= '2026-11-20 09:10' "
            "AND usage_date_utc < '2026-11-20 10:10' ORDER BY 1, 2"
        ).fetchall()
        plan = reader.execute(f"EXPLAIN QUERY PLAN {MINUTES_OF_RANGE}", {"since_ms": 0, "until_ms": 1}).fetchall()
    assert rows == view
    assert len(rows) == 20
    assert "USING INDEX response_by_time (at_ms>? AND at_ms<?)" in plan[0][3]
