"""Advice: each finding with its range, its evidence and a stable key; nothing where nothing could be saved."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path
from random import Random

import pytest

from tests.kit.command_line import Output, terminal_of
from tests.kit.insight import (
    BOOK,
    OPUS_READ,
    OPUS_WRITE_1H,
    OPUS_WRITE_5M,
    said,
    store_of,
    used,
)
from tests.kit.log_lines import ONE, START_AT, TWO, Json, call, main_log, of_agent, prompt, result, write
from tests.kit.stores import NewDatabase
from tokentui.cli.run import run
from tokentui.queries.advice.advise import advise
from tokentui.queries.advice.findings import Finding, FindingKind
from tokentui.queries.advice.idle_gaps import paused_agents
from tokentui.queries.advice.large_results import LARGE_RESULTS
from tokentui.store.database import open_writer
from tokentui.store.dismissals import dismiss, restore
from tokentui.widths import cell_width

NOW = START_AT + timedelta(days=2)
HAIKU = "claude-haiku-4-5"


def findings(reader: sqlite3.Connection, kind: FindingKind, since: datetime = START_AT) -> list[Finding]:
    found = advise(reader, BOOK, NOW, since, least_pico_usd=1).findings
    assert all(0 <= finding.low_pico_usd <= finding.high_pico_usd for finding in found)
    return [finding for finding in found if finding.kind == kind]


IDLE = [said(1, 0, used(0, 100_000, 0)), said(2, 900, used(0, 100_000, 0))]


def test_idle_gaps_that_an_hour_would_have_saved(tmp_path: Path, new_database: NewDatabase) -> None:
    busy = [said(8, 0, used(0, 1_000_000, 0)) | {"sessionId": TWO}]
    with store_of(tmp_path, new_database(), {ONE: IDLE, TWO: busy}) as reader:
        finding = findings(reader, "idle rebuilds")[0]
    kept, longer = OPUS_WRITE_5M - OPUS_READ, OPUS_WRITE_1H - OPUS_WRITE_5M
    assert finding.high_pico_usd == 100_000 * kept - 100_000 * longer
    assert finding.low_pico_usd == 0  # the other session would have paid more than that
    assert (finding.project, finding.count) == ("/home/sam/work", 1)
    assert [(one.session_id, one.pico_usd) for one in finding.evidence] == [(ONE, 100_000 * kept)]


def test_where_nobody_paused_nothing_is_worked_out_step_by_step(tmp_path: Path, new_database: NewDatabase) -> None:
    busy = [said(8, 0, used(0, 100_000, 0)), said(9, 299, used(0, 100_000, 0)), said(10, 3900, used(0, 9_000, 0))]
    with store_of(tmp_path, new_database(), {TWO: busy}) as reader:
        assert findings(reader, "idle rebuilds") == []


PAUSES_SECONDS = (0, 1, 200, 299, 300, 301, 600, 3_599, 3_600, 4_000)


def random_answers(dice: Random) -> list[tuple[int, int, str]]:
    """(first line, last line, kind of part), in milliseconds; each part beside its answer."""
    found, at_ms = [], 1_000_000
    for _ in range(dice.randrange(1, 6)):
        first_ms = at_ms + dice.choice(PAUSES_SECONDS) * 1_000
        at_ms = first_ms + dice.choice((0, 0, 1, 200, 400)) * 1_000
        found += [(first_ms, at_ms, kind) for kind in ("", *dice.choice(((), (), ("compaction",))))]
    return found


def has_such_a_gap(answers: list[tuple[int, int, str]], since_ms: int) -> bool:
    own = [(first_ms, at_ms) for first_ms, at_ms, kind in answers if not kind and at_ms >= since_ms]
    return any(300_000 <= later[0] - one[1] < 3_600_000 for one, later in pairwise(own))


@pytest.mark.parametrize("since_ms", [0, 1_300_000])
def test_agents_that_paused_are_those_with_such_a_gap(new_database: NewDatabase, since_ms: int) -> None:
    dice = Random(5)
    agents = {row: random_answers(dice) for row in range(1, 301)}
    with closing(open_writer(new_database())) as writer:
        for row, answers in agents.items():
            writer.execute(
                "INSERT INTO agent (id, session_id, agent_id, first_at_ms, last_at_ms) VALUES (?, 1, ?, ?, ?)",
                (row, f"a{row}", answers[0][0], answers[-1][1]),
            )
            writer.executemany(
                "INSERT INTO response (message_id, request_id, part_kind, at_ms, first_at_ms, agent_id, model_id,"
                " input_tokens, output_tokens, cache_write_5m_tokens, cache_write_1h_tokens, cache_read_tokens,"
                " is_lower_bound, stop_reason, service_tier, speed, inference_geo, web_searches, log_id, owner_rank,"
                " usage_at_ms, usage_offset)"
                " VALUES (?, '', ?, ?, ?, ?, 1, 0, 0, 0, 0, 0, 0, '', '', '', '', 0, 1, 0, 0, 0)",
                [(f"{row}-{place}", kind, at, first, row) for place, (first, at, kind) in enumerate(answers)],
            )
        found = paused_agents(writer, since_ms)
    assert found == {row for row, answers in agents.items() if has_such_a_gap(answers, since_ms)}
    assert 20 < len(found) < 280


def test_no_advice_where_the_hour_would_cost_more(tmp_path: Path, new_database: NewDatabase) -> None:
    lines = [said(1, 0, used(0, 100_000, 0)), said(2, 900, used(90_000, 20_000, 0)), said(3, 4_600, used(0, 9_000, 0))]
    with store_of(tmp_path, new_database(), {ONE: lines}) as reader:
        assert findings(reader, "idle rebuilds") == []


def explorers(model: str, first: int, count: int, output: int = 100_000) -> dict[str, list[Json]]:
    return {
        f"a{number}": [
            of_agent(f"a{number}", said(number, number, used(output=output, uncached=0), model=model))
            | {"attributionAgent": "Explore"}
        ]
        for number in range(first, first + count)
    }


def test_a_model_that_a_cheaper_one_stands_in_for(tmp_path: Path, new_database: NewDatabase) -> None:
    agents = explorers("claude-opus-4-8", 1, 2) | explorers(HAIKU, 10, 3, output=200_000)
    with store_of(tmp_path, new_database(), {ONE: []}, agents) as reader:
        (finding,) = findings(reader, "model choice")
    dear, cheap = 2 * 100_000 * 25_000_000, 2 * 100_000 * 5_000_000
    assert finding.high_pico_usd == dear - cheap
    assert finding.low_pico_usd == dear - 2 * cheap  # its agents used twice the tokens
    assert (finding.subject, finding.count) == ("Explore", 2)
    assert HAIKU in finding.text


def test_the_cheaper_model_is_priced_prompt_by_prompt(tmp_path: Path, new_database: NewDatabase) -> None:
    tiered = "claude-haiku-5-5"  # above 100,000 prompt tokens the whole request costs five times as much
    (prompts,) = explorers("claude-opus-4-8", 1, 1).values()
    usage = used(read=99_997, output=1_000), used(read=99_998, output=1_000)
    prompts = [prompts[0] | {"message": prompts[0]["message"] | {"id": f"msg_{n}", "usage": usage[n]},
                             "requestId": f"req_{n}", "uuid": f"u{n}"} for n in (0, 1)]  # fmt: skip
    with store_of(tmp_path, new_database(), {ONE: []}, {"a1": prompts} | explorers(tiered, 10, 3, 1)) as reader:
        (finding,) = findings(reader, "model choice")
        spent = reader.execute("SELECT sum(cost_pico_usd) FROM usage_quarter JOIN model ON model.id = model_id "
                               "WHERE name = 'claude-opus-4-8'").fetchone()[0]  # fmt: skip
    short = 99_997 * 10_000 + 3 * 100_000 + 1_000 * 500_000
    long = 99_998 * 50_000 + 3 * 500_000 + 1_000 * 2_500_000
    assert finding.high_pico_usd == spent - short - long


def test_two_agents_on_the_cheaper_model_prove_nothing(tmp_path: Path, new_database: NewDatabase) -> None:
    agents = explorers("claude-opus-4-8", 1, 3) | explorers(HAIKU, 10, 2)
    with store_of(tmp_path, new_database(), {ONE: []}, agents) as reader:
        assert findings(reader, "model choice") == []


def test_large_results_and_the_prompts_that_carried_them(tmp_path: Path, new_database: NewDatabase) -> None:
    lines = [
        said(1, 0, used(0, 0, 9_000), content=[call("c1", "Read"), call("c2", "Read")], stop="tool_use"),
        result("c1", 1, "x" * 49_998),
        result("c2", 2, "x" * 30_000),
        *(said(number, 10 * number, used(20_000, 0, 10)) for number in (2, 3, 4)),
    ]
    with store_of(tmp_path, new_database(), {ONE: lines}) as reader:
        (finding,) = findings(reader, "large results")
    assert finding.low_pico_usd == 10_000 * 3 * OPUS_READ
    assert finding.high_pico_usd == finding.low_pico_usd + 10_000 * OPUS_WRITE_1H
    assert (finding.subject, finding.count, finding.evidence[0].tool_use_id) == ("Read", 1, "c1")
    assert finding.text == "1 result of Read is larger than 40 kB, and 3 later prompts carried it"


def test_large_results_are_found_by_their_index(tmp_path: Path, new_database: NewDatabase) -> None:
    with store_of(tmp_path, new_database(), {ONE: []}) as reader:
        plan = reader.execute(f"EXPLAIN QUERY PLAN {LARGE_RESULTS}", {"since_ms": 0}).fetchall()
    assert any("COVERING INDEX tool_call_with_large_result" in step[-1] for step in plan)


def failing(number: int, at: float, *others: Json) -> list[Json]:
    wrong = result(f"c{number}", at + 1)
    wrong["message"]["content"][0]["is_error"] = True
    calls = [call(f"c{number}", "Bash", command="make"), *others]
    return [said(number, at, used(output=10_000), content=calls, stop="tool_use"), wrong]


def test_the_same_call_again_after_an_error(tmp_path: Path, new_database: NewDatabase) -> None:
    lines = [*failing(1, 0), *failing(2, 10), *failing(3, 20, call("d", "Read", file="x"))]
    with store_of(tmp_path, new_database(), {ONE: lines}) as reader:
        (finding,) = findings(reader, "repeated calls")
        cost = reader.execute("SELECT cost_pico_usd FROM response").fetchone()[0]
        assert findings(reader, "repeated calls", START_AT + timedelta(seconds=5)) == []  # two are no loop
    assert (finding.low_pico_usd, finding.high_pico_usd, finding.count) == (cost, 2 * cost, 2)
    assert {one.tool_use_id for one in finding.evidence} == {"c2", "c3"}


def test_agents_with_the_same_task(tmp_path: Path, new_database: NewDatabase) -> None:
    agents = {
        f"a{number}": [
            of_agent(f"a{number}", prompt("look", number) | {"uuid": f"p{number}"}),
            of_agent(f"a{number}", said(number, number + 1, used(output=1_000 * number))),
        ]
        for number in (1, 2, 3)
    }
    with store_of(tmp_path, new_database(), {ONE: []}, agents) as reader:
        (finding,) = findings(reader, "repeated agents")
        costs = sorted(row[0] for row in reader.execute("SELECT cost_pico_usd FROM response"))
    assert (finding.low_pico_usd, finding.high_pico_usd) == (sum(costs[:2]), sum(costs[1:]))
    assert (finding.count, len(finding.evidence)) == (2, 3)
    assert finding.text.startswith("2 agents were given a prompt that another agent")


def test_a_finding_stays_dismissed_until_it_is_restored(tmp_path: Path, new_database: NewDatabase) -> None:
    database = new_database()
    with store_of(tmp_path, database, {ONE: IDLE}) as reader, closing(open_writer(database)) as writer:
        found = advise(reader, BOOK, NOW, START_AT)
        key = found.findings[0].key
        assert found.open == found.findings
        dismiss(writer, key, NOW)
        dismiss(writer, key, NOW)
        later = advise(reader, BOOK, NOW, START_AT - timedelta(days=1))
        assert [finding.is_dismissed for finding in later.findings if finding.key == key] == [True]
        assert key not in {finding.key for finding in later.open}
        assert restore(writer, key)
        assert not restore(writer, key)
        assert advise(reader, BOOK, NOW, START_AT).open


def test_a_project_and_a_least_sum_narrow_it(tmp_path: Path, new_database: NewDatabase) -> None:
    with store_of(tmp_path, new_database(), {ONE: IDLE}) as reader:
        assert advise(reader, BOOK, NOW, START_AT, "SAM").findings
        assert not advise(reader, BOOK, NOW, START_AT, "elsewhere").findings
        assert not advise(reader, BOOK, NOW, START_AT, least_pico_usd=10**15).findings


def test_advise_shows_keys_by_which_findings_are_dismissed_and_restored(home: Path, output: Output) -> None:
    write(main_log(home / "claude"), *IDLE)
    assert run(["advise", "--since", "2026-11-20", "--json"]) == 0
    rows = json.loads(output.readouterr().out)["rows"]
    key = next(row["key"] for row in rows if row["kind"] == "idle rebuilds")
    assert run(["advise", "--since", "2026-11-20"]) == 0
    shown = output.readouterr().out
    assert f"[{key}]" in shown
    assert "would have been read at the read rate" in shown
    assert run(["advise", "--dismiss", "none"]) == 2
    assert "there is no finding 'none'" in output.readouterr().err
    assert run(["advise", *(word for row in rows for word in ("--dismiss", row["key"]))]) == 0
    output.readouterr()
    assert run(["advise", "--since", "2026-11-20"]) == 0
    shown = output.readouterr().out
    assert f"[{key}]" not in shown
    assert shown == f"All that stands out in this range is dismissed.\n{len(rows)} dismissed; `--all` shows them.\n"
    assert run(["advise", "--since", "2026-11-20", "--all"]) == 0
    assert "(dismissed)" in output.readouterr().out
    assert run(["advise", "--restore", key, "--restore", "none"]) == 0
    assert output.readouterr().out.splitlines() == [f"{key} is shown again.", "none was not dismissed."]


def test_on_a_terminal_advice_is_folded_between_words(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(main_log(home / "claude"), *IDLE)
    terminal = terminal_of(60, monkeypatch)
    assert run(["advise", "--since", "2026-11-20"]) == 0
    text = terminal.getvalue()
    assert max(map(cell_width, text.splitlines())) <= 60
    assert " ".join(text.split()).count("would have been read at the read rate") == 1
