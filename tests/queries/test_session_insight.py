"""A session's turns, tools and context, on good logs and bad; every sum is the tree's, to the token."""

from __future__ import annotations

import json
import sqlite3
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest
from genai_prices.data import providers
from hypothesis import given
from hypothesis import strategies as st

from tests.kit.answer_logs import session_id
from tests.kit.insight import BOOK, read_tree, said, store_of, used
from tests.kit.log_lines import (
    MODEL,
    ONE,
    START_AT,
    Json,
    agent_log,
    append,
    call,
    line,
    main_log,
    ms,
    of_agent,
    prompt,
    result,
    write,
)
from tests.kit.stores import NewDatabase
from tokentui.cli.run import run
from tokentui.pricing.context_windows import MILLION, window_tokens
from tokentui.queries.cache.forensics import session_cache
from tokentui.queries.live.working import Working
from tokentui.queries.named import AnalysisScope, run_analysis
from tokentui.queries.results import SessionRow
from tokentui.queries.session.context_window import agent_context
from tokentui.queries.session.tables import TABLE_NAMES
from tokentui.queries.session.tools import server_of, session_tools
from tokentui.queries.session.tree import session_tree
from tokentui.queries.session.turns import session_turns
from tokentui.queries.sums.usage import NOTHING, Scope, by
from tokentui.records import Tokens

NOW = START_AT + timedelta(hours=3)


def turn_end(at: float, duration_ms: int) -> Json:
    return line("system", at, subtype="turn_duration", uuid=f"t-{at}", durationMs=duration_ms)


def queued(at: float, text: str) -> Json:
    return line("attachment", at, uuid=f"q-{at}", attachment={"type": "queued_command", "prompt": text})


# Turns.


def test_turns_run_from_prompt_to_prompt(tmp_path: Path, new_database: NewDatabase) -> None:
    main = [
        prompt("begin", 0, promptSource="typed"),
        said(1, 5, used(0, 0, 9_000), content=[call("c1", "Agent", prompt="look")], stop="tool_use"),
        result("c1", 30),
        said(2, 40, used(9_000)),
        turn_end(41, 40_500),
        prompt("go on", 100),
        said(3, 110, used(9_000)),
        queued(112, "and this"),
        said(4, 120, used(9_000)),
    ]
    agent = [of_agent("a1", said(5, 20, used(0, 2_000, 0))), of_agent("a1", said(6, 105, used(2_000)))]
    with store_of(tmp_path, new_database(), {ONE: main}, {"a1": agent}) as reader:
        found = session_turns(reader, ONE)
    first, second, third = found.turns
    assert [turn.source for turn in found.turns] == ["typed", "typed", "queued"]
    assert [turn.responses for turn in found.turns] == [3, 2, 1]
    assert [turn.agents for turn in found.turns] == [2, 2, 1]
    assert (first.tool_calls, first.tool_errors, first.api_ms) == (1, 0, 40_500)
    assert (first.duration_ms, first.waiting_ms) == (40_000, 60_000)
    assert (second.duration_ms, second.waiting_ms, third.waiting_ms) == (10_000, 2_000, None)
    assert found.costliest()[0] is first


def test_what_no_prompt_stands_before_is_turn_0(tmp_path: Path, new_database: NewDatabase) -> None:
    lines = [said(1, 10, used(0, 0, 9_000)), said(2, 20, used()), prompt("late", 60), said(3, 70, used())]
    with store_of(tmp_path, new_database(), {ONE: lines}) as reader:
        turns = session_turns(reader, ONE).turns
    assert [(turn.number, turn.source, turn.responses) for turn in turns] == [(0, "", 2), (1, "typed", 1)]
    assert (turns[0].started_at, turns[0].duration_ms) == (START_AT + timedelta(seconds=10), 10_000)


def test_nothing_is_known_of_a_session_that_is_not_stored(tmp_path: Path, new_database: NewDatabase) -> None:
    with store_of(tmp_path, new_database(), {ONE: []}) as reader:
        assert session_turns(reader, "x").turns == ()
        assert session_tools(reader, "x").by_tool == ()
        assert agent_context(reader, "x").steps == ()
        assert agent_context(reader, ONE, "nobody").steps == ()


# Tools.


def test_tools_are_counted_by_name_server_skill_and_agent_type(tmp_path: Path, new_database: NewDatabase) -> None:
    calls = [call("c1", "mcp__web__fetch"), call("c2", "Bash"), call("c3", "Skill", skill="pdf"), call("c4", "Bash")]
    wrong = result("c4", 4)
    wrong["message"]["content"][0]["is_error"] = True
    main = [said(1, 0, used(), content=calls, stop="tool_use"), result("c1", 2), result("c2", 3, "x" * 398), wrong]
    agent = [of_agent("a1", said(2, 5, used(), content=[call("c5", "Bash")])) | {"attributionAgent": "Explore"}]
    with store_of(tmp_path, new_database(), {ONE: main}, {"a1": agent}) as reader:
        found = session_tools(reader, ONE)
    bash = found.by_tool[0]
    assert (bash.name, bash.calls, bash.errors, bash.unanswered) == ("Bash", 3, 1, 1)
    assert (bash.total_ms, bash.longest_ms, bash.average_ms) == (7_000, 4_000, 3_500)
    assert (bash.largest_result_bytes, bash.result_bytes, bash.result_tokens_estimate) == (400, 406, 101)
    assert [(one.name, one.calls) for one in found.by_server] == [("web", 1)]
    assert [(one.name, one.calls) for one in found.by_skill] == [("pdf", 1)]
    assert [(one.name, one.calls) for one in found.by_agent_type] == [("main", 4), ("Explore", 1)]


def test_results_are_carried_until_a_compaction(tmp_path: Path, new_database: NewDatabase) -> None:
    lines = [
        said(1, 0, used(), content=[call("c1", "Read")], stop="tool_use"),
        result("c1", 5, "x" * 3_998),
        said(2, 10, used()),
        said(3, 20, used()),
        line("system", 25, subtype="compact_boundary", uuid="b"),
        said(4, 30, used()),
    ]
    with store_of(tmp_path, new_database(), {ONE: lines}) as reader:
        assert session_tools(reader, ONE).by_tool[0].carried_tokens_estimate == 2 * 1_000


def test_results_that_made_a_prompt_grow_are_named(tmp_path: Path, new_database: NewDatabase) -> None:
    lines = [
        said(1, 0, used(0, 0, 5_000, output=40), content=[call("c1", "Read"), call("c2", "Bash")], stop="tool_use"),
        result("c1", 5, "x" * 39_998),
        result("c2", 6, "y"),
        said(2, 10, used(5_000, 0, 10_040)),
        said(3, 20, used(15_040, 0, 10)),  # grew by what it had said itself
    ]
    with store_of(tmp_path, new_database(), {ONE: lines}) as reader:
        grown = session_tools(reader, ONE).growth
    assert [(one.growth_tokens, one.prompt_tokens) for one in grown] == [(10_000, 15_043)]
    assert [(cause.tool, cause.result_bytes) for cause in grown[0].results] == [("Read", 40_000), ("Bash", 3)]


def test_prompts_that_grew_alike_stand_in_order_of_time_however_they_were_logged(
    tmp_path: Path, new_database: NewDatabase
) -> None:
    grew = [
        [
            said(at + 1, at, used(0, 0, 5_000, output=40), content=[call(f"c{at}", "Read")], stop="tool_use"),
            result(f"c{at}", at + 5, "x" * 39_998),
            said(at + 2, at + 10, used(5_000, 0, 10_040)),
        ]
        for at in (20, 0)
    ]
    with store_of(tmp_path, new_database(), {ONE: [*grew[0], *grew[1]]}) as reader:
        grown = session_tools(reader, ONE).growth
    assert [(one.growth_tokens, one.at) for one in grown] == [
        (10_000, START_AT + timedelta(seconds=10)),
        (10_000, START_AT + timedelta(seconds=30)),
    ]


@pytest.mark.parametrize(
    ("tool", "server"), [("mcp__web__fetch", "web"), ("mcp__a_b__c__d", "a_b"), ("Bash", ""), ("mcp__x", "")]
)
def test_servers_are_in_the_names_of_tools(tool: str, server: str) -> None:
    assert server_of(tool) == server


# Context.


def test_context_grows_and_is_compacted(tmp_path: Path, new_database: NewDatabase) -> None:
    lines = [
        prompt("begin", 0),
        said(1, 1, used(0, 0, 99_997)),
        said(2, 10, used(100_000, 0, 50_000)),
        line("system", 20, subtype="compact_boundary", uuid="b",
             compactMetadata={"trigger": "auto", "preTokens": 150_100, "postTokens": 8_000, "durationMs": 900}),
        prompt("go on", 30),
        said(3, 31, used(0, 0, 9_000)),
        line("system", 40, subtype="compact_boundary", uuid="b2"),
        said(4, 50, used(0, 0, 4_000)),
    ]  # fmt: skip
    with store_of(tmp_path, new_database(), {ONE: lines}) as reader:
        found = agent_context(reader, ONE)
    assert [step.prompt_tokens for step in found.steps] == [100_000, 150_003, 9_003, 4_003]
    assert [step.growth_tokens for step in found.steps] == [100_000, 50_003, -141_000, -5_000]
    assert found.steps[0].share == pytest.approx(0.1)
    first, second = found.compactions
    assert (first.trigger, first.before_tokens, first.after_tokens, first.duration_ms) == ("auto", 150_100, 8_000, 900)
    assert (second.before_tokens, second.after_tokens) == (9_003, 4_003)
    assert [(turn.growth_tokens, turn.responses) for turn in found.turns] == [(150_003, 2), (-146_000, 2)]


def test_a_turn_has_the_same_number_wherever_it_is_told(tmp_path: Path, new_database: NewDatabase) -> None:
    lines = [
        said(1, 1, used(0, 0, 10_000)),
        prompt("/status", 10),
        prompt("begin", 20),
        said(2, 21, used(0, 0, 20_000)),
        prompt("never mind", 30),
        prompt("go on", 40),
        said(3, 41, used(0, 0, 30_000)),
    ]
    with store_of(tmp_path, new_database(), {ONE: lines}) as reader:
        turns = {turn.number: turn for turn in session_turns(reader, ONE).turns}
        grown = agent_context(reader, ONE).turns
    assert [turn.number for turn in grown] == [0, 2, 4]
    for one in grown:
        assert (one.started_at, one.responses) == (turns[one.number].started_at, turns[one.number].responses)


def test_windows_are_those_of_the_price_library() -> None:
    anthropic = next(provider for provider in providers if provider.id == "anthropic")
    for model in anthropic.models:
        if model.context_window is not None and not model.id.startswith("claude-2"):
            assert window_tokens(model.id) == model.context_window, model.id
    assert window_tokens("claude-sonnet-4-5[1m]") == MILLION
    assert window_tokens("glm-5") is None


# Sums.


def totals(reader: sqlite3.Connection) -> dict[str, Tokens]:
    """Tokens by session, from the quarter sums of all agents."""
    names = dict(reader.execute("SELECT id, session_id FROM session").fetchall())
    found = by(reader, "session_id", Scope(0))
    return {names[row]: sums.tokens for row, sums in found.items()}


def check_sums(reader: sqlite3.Connection) -> None:
    """Tree, turns, forensics and named analyses of each session come to the session's tokens."""
    nobody = Working({}, frozenset(), {})
    for session, tokens in totals(reader).items():
        known = {"session_id": session, "state": "idle", "first_line_at": START_AT, "last_line_at": START_AT}
        row = cast("SessionRow", SimpleNamespace(**known))
        tree = session_tree(reader, row, nobody, NOW)
        assert tree.agents[0].inclusive_tokens == tokens
        own = Tokens()
        for agent in tree.agents:
            own = own.plus(agent.own_tokens)
        assert own == tokens
        turns = Tokens()
        for turn in session_turns(reader, session).turns:
            turns = turns.plus(turn.tokens)
        assert turns == tokens
        detail = run_analysis(reader, "run-detail", AnalysisScope(session=session), NOW)
        assert sum(row[detail.columns.index("total_tokens")] for row in detail.rows) == tokens.total  # type: ignore[misc]
        extra = reader.execute(
            "SELECT ifnull(sum(input_tokens + output_tokens + cache_write_5m_tokens + cache_write_1h_tokens "
            "+ cache_read_tokens), 0) FROM response JOIN agent ON agent.id = response.agent_id "
            "JOIN session ON session.id = agent.session_id WHERE part > 0 AND session.session_id = ?",
            (session,),
        ).fetchone()[0]
        assert session_cache(reader, session, BOOK, NOW).report.hits.tokens.total + extra == tokens.total


LINES = st.lists(
    st.tuples(
        st.sampled_from(["said", "prompt", "compaction", "end", "queued", "tool", "advised"]),
        st.integers(-4_000, 9_000),
        st.sampled_from(["", "", "a1", "a2", "acompact-9"]),
        st.sampled_from([MODEL, "claude-haiku-4-5", "house-1"]),
        st.integers(0, 3),
    ),
    max_size=25,
)


def made(number: int, kind: str, at: int, model: str, size: int) -> list[Json]:  # noqa: PLR0911
    usage = used(5_000 * size, 3_000 * (size == 1), 4_000 * (size == 2), output=size + 1)
    if kind == "said":
        return [said(number, at, usage, model=model)]
    if kind == "advised":
        extra = {"type": "advisor_message", "model": "claude-haiku-4-5", "input_tokens": 7, "output_tokens": size}
        return [said(number, at, usage | {"iterations": [extra]})]
    if kind == "tool":
        used_tool = said(number, at, usage, content=[call(f"c{number}", "Bash")], stop="tool_use")
        return [used_tool, result(f"c{number}", at + 5 * size - 5)]
    if kind == "prompt":
        return [prompt("x", at) | {"uuid": f"p{number}"}]
    if kind == "queued":
        return [queued(at, "y") | {"uuid": f"q{number}"}]
    if kind == "end":
        return [turn_end(at, 900) | {"uuid": f"e{number}"}]
    return [line("system", at, subtype="compact_boundary", uuid=f"k{number}")]


@given(lines=LINES)
def test_every_view_of_a_session_comes_to_the_same_tokens(
    tmp_path_factory: pytest.TempPathFactory, new_database: NewDatabase, lines: list[tuple[str, int, str, str, int]]
) -> None:
    main: list[Json] = []
    agents: dict[str, list[Json]] = {}
    for number, (kind, at, agent, model, size) in enumerate(lines):
        found = made(number, kind, at, model, size)
        if agent:
            agents.setdefault(agent, []).extend(of_agent(agent, one) for one in found)
        else:
            main += found
    with store_of(tmp_path_factory.mktemp("tree"), new_database(), {ONE: main}, agents) as reader:
        check_sums(reader)
        expected = sum(
            sum(value for key, value in one["message"]["usage"].items() if key.endswith("tokens"))
            + sum(it["input_tokens"] + it["output_tokens"] for it in one["message"]["usage"].get("iterations", ()))
            for one in [*main, *(one for own in agents.values() for one in own)]
            if one["type"] == "assistant"
        )
        assert totals(reader).get(ONE, NOTHING.tokens).total == expected
        session_tools(reader, ONE)
        agent_context(reader, ONE)


def test_links_in_a_ring_missing_parents_and_vanished_files_lose_nothing(
    tmp_path: Path, new_database: NewDatabase
) -> None:
    write(main_log(tmp_path), prompt("begin", 0), said(1, 1, used(0, 0, 1_000)))
    for agent, parent, number in (("a1", "a2", 2), ("a2", "a1", 3), ("a3", "gone", 4)):
        path = write(agent_log(tmp_path, agent), of_agent(agent, said(number, number, used(0, 500, 0))))
        path.with_suffix(".meta.json").write_text(json.dumps({"agentType": "Explore", "parentAgentId": parent}))
    write(agent_log(tmp_path, "a9", "no-main-log"), of_agent("a9", said(9, 9, used()) | {"sessionId": "no-main-log"}))
    database = new_database()
    with read_tree(tmp_path, database) as reader:
        check_sums(reader)
        before = totals(reader)
    agent_log(tmp_path, "a3").unlink()
    append(main_log(tmp_path), said(5, 60, used(1_000)))
    with read_tree(tmp_path, database) as reader:
        check_sums(reader)
        after = totals(reader)
    assert set(after) == {ONE, "no-main-log"}
    assert after[ONE].total == before[ONE].total + 1_013
    assert ms(0) > 0


# The command.


@pytest.mark.parametrize("table", TABLE_NAMES)
def test_every_table_of_a_session_prints(home: Path, capsys: pytest.CaptureFixture[str], table: str) -> None:
    lines = [
        prompt("begin", 0),
        said(1, 1, used(0, 0, 9_000), content=[call("c1", "mcp__web__fetch")], stop="tool_use"),
        result("c1", 3, "x" * 9_000),
        said(2, 5, used(0, 0, 30_000)),
        line("system", 20, subtype="compact_boundary", uuid="b"),
        said(3, 30, used(0, 0, 5_000)),
    ]
    write(main_log(home / "claude"), *lines)
    assert run(["session", ONE[:8] + "-5", "--show", table, "--json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert (answer["session"], answer["table"]) == (ONE, table)
    assert answer["rows"]
    assert not any(name.endswith("pico_usd") for row in answer["rows"] for name in row)
    assert run(["session", ONE, "--show", table, "--csv"]) == 0
    assert len(capsys.readouterr().out.splitlines()) == len(answer["rows"]) + 1
    assert run(["session", ONE, "--show", table, "--costliest"]) == 0
    shown = capsys.readouterr().out
    assert table in shown
    assert (" UTC" in shown) is any("at" in name.split("_") for name in answer["rows"][0])


def test_an_agent_is_named_by_how_its_id_begins(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(main_log(home / "claude"), prompt("begin", 0), said(1, 1, used(0, 0, 9_000)))
    for number, agent in enumerate(("abc", "abcdef", "abd")):
        write(agent_log(home / "claude", agent), of_agent(agent, said(10 + number, 5, used(0, 0, 20_000 + number))))
    for asked, prompts in (("abcd", 20_001), ("abc", 20_000), ("abd", 20_002)):
        assert run(["session", ONE, "--show", "context", "--agent", asked, "--json"]) == 0
        assert [row["prompt_tokens"] for row in json.loads(capsys.readouterr().out)["rows"]] == [prompts + 3]
    for asked, words in (("ab", "several agents of it begin with 'ab'"), ("x", "no agent of it begins with 'x'")):
        assert run(["session", ONE, "--show", "context", "--agent", asked]) == 2
        assert words in capsys.readouterr().err


def test_a_session_that_is_unknown_or_not_one(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["session", "zzz"]) == 2
    assert "no session begins with 'zzz'" in capsys.readouterr().err
    assert run(["session", "0"]) == 2
    assert "several sessions begin" in capsys.readouterr().err
    assert run(["session", session_id(2), "--show", "compactions"]) == 0
    assert capsys.readouterr().out == "No compaction.\n"
