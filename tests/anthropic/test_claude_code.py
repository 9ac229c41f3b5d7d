"""Claude Code's own report as a third voice: what it explains, what it does not, and where it shows."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from tests.anthropic.test_billed_side import questions
from tests.kit.admin_api import NOW, Row, Server, Time, minute_of, run_sync, usage_row
from tests.kit.answer_logs import HAIKU, SONNET, Answer, session_id
from tests.kit.driving import driven
from tests.kit.fakes import CannedQuestions
from tests.kit.worlds import DAYS, FIRST, LOGGED, MORE, USE, World, as_billed, reasons
from tokentui.anthropic_side import bill
from tokentui.cli.reconcile.as_json import reckoning_fields
from tokentui.cli.reconcile.markdown import markdown
from tokentui.cli.reconcile.text import print_reckoning
from tokentui.queries.reckoning.claude_code.report import CodeTokens
from tokentui.queries.reckoning.claude_code.shares import pooled
from tokentui.records import Tokens
from tokentui.store.database import open_reader

OPUS = "claude-opus-4-5-20251101"
DAY = "2026-11-20"
ME = {"type": "user_actor", "email_address": "ada@example.com"}
KEY = {"type": "api_actor", "api_key_name": "laptop"}


@pytest.fixture
def world(tmp_path: Path, server: Server) -> World:
    return World(tmp_path, server)


def use(model: str, tokens: Tokens) -> Row:
    four = pooled(tokens)
    counts = {"input": four.input, "output": four.output, "cache_read": four.cache_read,
              "cache_creation": four.cache_write}  # fmt: skip
    return {"model": model, "tokens": counts, "estimated_cost": {"amount": 150, "currency": "USD"}}


def record(uses: Iterable[Row], customer: str = "api", actor: Row = KEY, terminal: str = "tmux", **more: Any) -> Row:
    core = {"num_sessions": 3, "lines_of_code": {"added": 70, "removed": 20}, "commits_by_claude_code": 2,
            "pull_requests_by_claude_code": 1}  # fmt: skip
    return {"actor": actor, "customer_type": customer, "terminal_type": terminal, "core_metrics": core,
            "tool_actions": {"edit_tool": {"accepted": 8, "rejected": 2}}, "model_breakdown": list(uses),
            **more}  # fmt: skip


def of(answers: Iterable[Answer], **more: Any) -> Row:
    """A record with what these answers used."""
    sums: dict[str, Tokens] = {}
    for answer in answers:
        sums[answer.model] = sums.get(answer.model, Tokens()).plus(answer.tokens)
    return record([use(model, tokens) for model, tokens in sums.items()], **more)


TWICE = [replace(answer, number=answer.number + 500) for answer in LOGGED]
ELSEWHERE = Answer(99, FIRST, OPUS, USE, session_id(2), "/work/b")
OTHERS = usage_row(minute_of(FIRST) + 600, MORE, SONNET)
SAME_MINUTES = usage_row(minute_of(FIRST) + 3, MORE, SONNET)


@pytest.mark.parametrize(
    ("logged", "billed", "code", "expected", "is_off"),
    [
        (LOGGED, as_billed(LOGGED), [of(LOGGED)], {}, False),
        ([*LOGGED, ELSEWHERE], as_billed(LOGGED), [of(LOGGED), of([ELSEWHERE], customer="subscription")],
         {"subscription": -USE.total}, False),
        (LOGGED + TWICE, as_billed(LOGGED), [of(LOGGED), of(TWICE, customer="subscription", actor=ME)],
         {"subscription": -60 * USE.total}, False),
        (LOGGED + TWICE, as_billed(LOGGED), [of(LOGGED), of(TWICE[:10], customer="subscription", actor=ME)],
         {"subscription": -10 * USE.total, "double counting": -50 * USE.total}, True),
        (LOGGED + TWICE, as_billed(LOGGED), [of(LOGGED + TWICE)], {"double counting": -60 * USE.total}, True),
        (LOGGED, [*as_billed(LOGGED), OTHERS], [of(LOGGED)], {"other programs": MORE.total}, False),
        (LOGGED, [*as_billed(LOGGED), SAME_MINUTES], [of(LOGGED)], {"other programs": MORE.total}, False),
        (LOGGED, [*as_billed(LOGGED), OTHERS], [of(LOGGED), record([use(SONNET, MORE)], actor=ME)],
         {"other machines": MORE.total}, False),
        (LOGGED, [*as_billed(LOGGED), OTHERS], [], {"other machines": MORE.total}, False),
        (LOGGED, [*as_billed(LOGGED), usage_row(minute_of(FIRST) + 600, MORE, OPUS)], [],
         {"other machines": MORE.total}, False),
        (LOGGED, [*as_billed(LOGGED), usage_row(minute_of(FIRST) + 600, MORE, OPUS)], [of(LOGGED)],
         {"other programs": MORE.total}, False),
        (LOGGED, [*as_billed(LOGGED), {**OTHERS, "api_key_id": "apikey_9"}], [of(LOGGED)],
         {"other keys": MORE.total}, False),
    ],
    ids=["all-agree", "subscription", "beside-a-key", "partly", "by-key-is-no-excuse", "other-programs",
         "in-our-minutes", "another-machine", "a-report-of-nothing",
         "of-a-model-not-used-here", "and-told", "other-keys"],
)  # fmt: skip
def test_what_it_adds_to_the_classes(
    world: World, logged: list[Answer], billed: list[Row], code: list[Row], expected: dict[str, int], is_off: bool
) -> None:
    world.log(logged)
    world.sync(billed, code={DAY: code})
    found = world.reckon()
    assert reasons(found) == expected
    assert found.is_off is is_off
    for row in found.rows:
        assert sum(tokens.total for _, tokens in row.parts) == (row.api or Tokens()).total - row.logged.total


def test_it_is_heard_beside_logs_and_bill(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    world.log(LOGGED)
    world.sync(as_billed(LOGGED), code={DAY: [of(LOGGED[:40]), of(LOGGED[40:], customer="subscription", actor=ME)]},
               keys=[{"id": "apikey_1", "name": "laptop"}])  # fmt: skip
    found = world.reckon()
    voices = {row.model: row.code for row in found.rows}
    sonnet = CodeTokens(*(40 * count for count in pooled(USE)))
    assert voices["claude-sonnet-4-5"] == (sonnet, CodeTokens(), 15 * 10**11)
    assert voices["claude-haiku-4-5"] is not None
    assert voices["claude-haiku-4-5"].subscription.total == 20 * USE.total
    assert [(key.api_key, key.code) for key in found.keys] == [("laptop", sonnet)]
    fields = reckoning_fields(found)
    assert fields["rows"][0]["claude_code"]["subscription"]["total_tokens"] == 20 * USE.total
    assert [row["estimated_usd"] for row in fields["claude_code"]["use"]] == ["1.500000"] * 2
    assert fields["claude_code"]["work"][0]["accepted_edits"] == 8
    print_reckoning(found)
    plain = capsys.readouterr().out
    for text in (plain, markdown(found)):
        assert "Claude Code's own report: use" in text
        assert "key laptop" in text
        assert "8 of 10" in text
        assert "ada" not in text
    heads, row = next(pair for pair in pairwise(plain.splitlines()) if "commits" in pair[0])
    assert row[: heads.index("sessions") + len("sessions")][-1].isdigit()
    below = dict(pairwise(markdown(found).splitlines()))
    assert below["| who | paid by | terminal | sessions | lines | commits | pull requests | edits accepted |"] == (
        "| --- | --- | --- | ---: | ---: | ---: | ---: | ---: |"
    )


def test_a_day_that_is_not_over_tells_of_no_other_programs(world: World) -> None:
    six = datetime(2026, 11, 22, 6, tzinfo=UTC)
    today = [replace(answer, at=six + timedelta(minutes=n)) for n, answer in enumerate(LOGGED[:20])]
    world.log([replace(LOGGED[0], number=700), *today])
    billed = as_billed([LOGGED[0], *today])
    world.sync([*billed, usage_row(minute_of(six) - 120, MORE, SONNET)], code={"2026-11-22": [of(today)]})
    assert reasons(world.reckon()) == {"other machines": MORE.total}


def test_more_logged_than_it_has_is_a_note_and_more_than_the_api_too(world: World) -> None:
    world.log(LOGGED)
    world.sync(as_billed(LOGGED), code={DAY: [of(LOGGED[:40])]})
    (less,) = world.reckon().findings
    assert (less.is_off, "more was logged than Claude Code" in less.text) == (False, True)
    assert "2026-11-20: " in less.text
    assert f"{20 * USE.total:,} tokens" in less.text
    world.server.tell(code={DAY: [of(LOGGED), of(LOGGED)]})
    assert run_sync(world.server, world.database, Time(NOW + timedelta(minutes=2))).outcome == "done"
    (more,) = world.reckon().findings
    assert (more.is_off, "more paid for by key than the Usage API" in more.text) == (False, True)


def test_bills_by_actor_and_terminal(world: World) -> None:
    world.log(LOGGED)
    mine = of(LOGGED[40:], customer="subscription", actor=ME, terminal="vscode", is_remote=True)
    world.sync(as_billed(LOGGED), code={DAY: [of(LOGGED[:40]), mine]})
    with closing(open_reader(world.database)) as reader:
        found = {by: bill(reader, world.workspace, by, *DAYS) for by in ("actor", "terminal", "day", "model", "key")}
    rows = {by: {row.name: row.code and row.code.tokens.total for row in answer.rows} for by, answer in found.items()}
    sonnet, haiku = 40 * USE.total, 20 * USE.total
    actors = rows["actor"]
    assert actors.pop("key laptop") == sonnet
    assert list(actors.values()) == [haiku]
    assert next(iter(actors)).startswith("person ")
    assert rows["terminal"] == {"tmux": sonnet, "vscode (remote)": haiku}
    assert rows["day"] == {DAY: sonnet + haiku}
    assert rows["model"] == {"claude-sonnet-4-5": sonnet, "claude-haiku-4-5": haiku}
    assert rows["key"] == {"apikey_1": None, "laptop": sonnet}
    for by in ("actor", "terminal"):
        total = found[by].total
        assert total.code is not None
        assert (total.code.pico_usd, total.reported_tokens, total.billed_pico_usd) == (3 * 10**12, None, None)


async def test_the_screen_shows_it_and_groups_by_what_there_is(world: World) -> None:
    world.log(LOGGED)
    world.sync(as_billed(LOGGED), code={DAY: [of(LOGGED)]})
    with questions(world) as asked:
        groupings = asked.billed("day").groupings
        assert groupings == ("day", "model", "project", "key", "workspace", "actor", "terminal")
        sides = {by: asked.billed(by) for by in groupings}
    async with driven(questions=CannedQuestions(make_billed=sides.__getitem__), size=(160, 50)) as driver:
        await driver.press("b")
        assert "Cl.Code est." in driver.pane_text("#bill")
        assert "Cl.Code" in driver.pane_text("#reckoning")
        await driver.press("enter")
        assert "tokens by its own report, 0 by subscription · $1.50" in driver.text()
        await driver.press("escape", "m", "m", "m", "m", "m")
        assert "key laptop" in driver.pane_text("#bill")
        assert "local est." not in driver.pane_text("#bill")


def test_accounts_are_told_apart_in_the_bill(world: World) -> None:
    world.log(LOGGED)
    rows = [{**row, "account_id": "user_1" if row["model"] == HAIKU else None} for row in as_billed(LOGGED)]
    world.sync(rows)
    with closing(open_reader(world.database)) as reader:
        found = bill(reader, world.workspace, "account", *DAYS)
    tokens = {row.name: row.reported_tokens and row.reported_tokens.total for row in found.rows}
    assert tokens == {"": 40 * USE.total, "user_1": 20 * USE.total}
