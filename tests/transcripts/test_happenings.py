"""What lines say besides usage: errors, limits, compactions, tool calls, and facts about sessions and agents."""

from __future__ import annotations

import json
from functools import reduce
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.kit.log_lines import (
    AGENT,
    MODEL,
    ONE,
    Json,
    answer,
    call,
    line,
    ms,
    of_agent,
    parse,
    prompt,
    result,
)
from tokentui.batch import AgentFacts, Event, LineKind, SessionFacts
from tokentui.counting import FORKED


def events(*said: Json) -> list[tuple[str, Json]]:
    batch = parse(*said)
    assert batch.skipped_lines == 0
    return [(event.kind, json.loads(event.detail)) for event in batch.events]


def test_a_retry_is_an_event_with_its_status_and_wait() -> None:
    said = line("system", 1, subtype="api_error", error={"status": 529, "headers": {}}, retryInMs=515.2,
                retryAttempt=2, maxRetries=10)  # fmt: skip
    assert events(said) == [("api retry", {"status": 529, "attempt": 2, "of": 10, "wait_ms": 515})]
    offline = said | {"error": {"cause": {"code": "ECONNRESET"}}}
    assert events(offline) == [("api retry", {"attempt": 2, "of": 10, "wait_ms": 515})]


def failure(**about: Any) -> Json:
    return answer(model="<synthetic>", request_id=None, isApiErrorMessage=True, **about)


def test_a_limit_with_its_reset() -> None:
    limits = {"status": "rejected", "resetsAt": 1_800_000_000, "rateLimitType": "five_hour"}
    assert events(failure(error="rate_limit", apiErrorStatus=429, quotaLimits=limits)) == [
        ("limit", {"resets_at": 1_800_000_000, "limit": "five_hour", "status": "rejected"})
    ]
    text = [{"type": "text", "text": "Claude AI usage limit reached|1750000000"}]
    assert events(failure(error="rate_limit", content=text)) == [("limit", {"resets_at": 1_750_000_000})]
    assert events(failure(error="rate_limit")) == [("limit", {})]
    assert events(failure(content=text)) == [("limit", {"resets_at": 1_750_000_000})], "as 1.x writes it"
    assert events(failure()) == [("api error", {"error": "unknown"})]


def test_an_error_that_ended_a_request() -> None:
    said = failure(error="server_error", apiErrorStatus=529)
    assert events(said) == [("api error", {"error": "server_error", "status": 529})]
    assert events(answer(model="<synthetic>")) == [], "no error: the turn was interrupted"


def test_compactions_and_ends_of_turns() -> None:
    about = {"trigger": "auto", "preTokens": 180_000, "postTokens": 9_000, "durationMs": 41_000}
    said = [
        line("system", 1, subtype="compact_boundary", compactMetadata=about),
        line("system", 2, subtype="turn_duration", durationMs=90_000),
    ]
    assert events(*said) == [
        ("compaction", {"trigger": "auto", "before_tokens": 180_000, "after_tokens": 9_000, "duration_ms": 41_000}),
        ("turn end", {"duration_ms": 90_000}),
    ]


def test_prompts_are_told_apart_by_source_and_from_interrupts() -> None:
    queued = line("attachment", 3, attachment={"type": "queued_command", "prompt": "also"})
    said = [
        prompt("fix it", 1),
        prompt("/go", 2, promptSource="sdk"),
        queued,
        prompt("[Request interrupted by user]", 4),
        prompt("done with it", 5, origin={"kind": "peer"}),
        prompt("yes", 6, promptSource="typed", origin={"kind": "human"}),
        prompt([{"type": "image", "source": {}}], 7),
        prompt([], 8),
    ]
    assert events(*said) == [
        ("prompt", {"source": "typed", "characters": 6}),
        ("prompt", {"source": "sdk", "characters": 3}),
        ("prompt", {"source": "queued", "characters": 4}),
        ("interrupt", {}),
        ("prompt", {"source": "peer", "characters": 12}),
        ("prompt", {"source": "typed", "characters": 3}),
        ("prompt", {"source": "typed", "characters": 0}),
    ]


def test_an_event_s_id_is_the_record_s_which_copies_share() -> None:
    (original,) = parse(prompt("go", uuid="p1")).events
    (copy,) = parse(prompt("go", uuid="p1", forkedFrom={"sessionId": "x", "messageUuid": "p1"})).events
    assert original.event_id == copy.event_id
    assert (original.owner_rank, copy.owner_rank) == (0, FORKED)
    (first, second) = parse(prompt("go", uuid=None), prompt("go", uuid=None)).events
    assert isinstance(first, Event)
    assert first.event_id != second.event_id


@pytest.mark.parametrize(
    ("said", "last"),
    [
        ([prompt("go", 1)], "asked"),
        ([prompt("go", 1), answer(at=2, stop="tool_use", content=[call("t1")])], "tool"),
        ([prompt("go", 1), answer(at=2, stop=None, content=[call("t1")])], "tool"),
        ([answer(at=2, stop="tool_use"), result("t1", 3)], "asked"),
        ([answer(at=2, stop=None)], "said"),
        ([answer(at=2, stop="end_turn")], "done"),
        ([prompt("go", 1), line("system", 2, subtype="turn_duration")], "done"),
        ([prompt("go", 1), prompt("[Request interrupted by user]", 2)], "done"),
        ([prompt("go", 1), failure(error="server_error", at=2)], "done"),
        ([prompt("go", 5), answer(at=2, stop="end_turn")], "asked"),
    ],
)
def test_what_an_agent_s_newest_line_was(said: list[Json], last: LineKind) -> None:
    newest = parse(*said).agents[ONE, ""].last_line
    assert newest is not None
    assert newest.kind == last


def test_tool_calls_and_their_results() -> None:
    said = [
        answer(stop="tool_use", content=[call("t1", "Read", path="/a"), call("t2", "Read", path="/a")], at=1),
        result("t1", 2, text="x" * 50),
        result("t2", 3) | {"message": {"content": [{"type": "tool_result", "tool_use_id": "t2", "is_error": True}]}},
    ]
    batch = parse(*said)
    assert [(one.tool_use_id, one.name, one.message_id) for one in batch.tool_calls] == [
        ("t1", "Read", "msg_1"), ("t2", "Read", "msg_1"),
    ]  # fmt: skip
    assert batch.tool_calls[0].input_digest == batch.tool_calls[1].input_digest != ""
    assert [(one.tool_use_id, one.at_ms, one.is_error) for one in batch.tool_results] == [
        ("t1", ms(2), False), ("t2", ms(3), True),
    ]  # fmt: skip
    assert batch.tool_results[0].result_bytes == 52


def test_a_session_s_place_is_its_first_line_s_and_its_setting_the_last_s() -> None:
    said = [
        answer("m1", at=5, cwd="/home/sam/later", gitBranch="late", version="2.1.280"),
        answer("m2", at=1, cwd="/home/sam/first", gitBranch="early"),
        line("queue-operation", 9, operation="dequeue", cwd=None, gitBranch=None, version=None),
    ]
    facts = parse(*said).sessions[ONE]
    assert (facts.first_at_ms, facts.last_at_ms) == (ms(1), ms(9))
    assert facts.project is not None
    assert facts.setting is not None
    assert facts.project.path == "/home/sam/first"
    assert (facts.setting.branch, facts.setting.version) == ("late", "2.1.280")


@given(st.permutations(range(7)), st.integers(1, 6))
def test_facts_about_a_session_join_in_any_order(order: list[int], cut: int) -> None:
    said = [
        prompt("one", 3, cwd=None), prompt("two", 1), answer(at=4, gitBranch="b"), answer("m2", at=4, cwd="/b"),
        line("ai-title", None, aiTitle="made"), line("summary", None), answer("m3", at=2, version=None),
    ]  # fmt: skip
    parts = [parse(said[number]).sessions[ONE] for number in order]
    left, right = reduce(SessionFacts.joined, parts[:cut]), reduce(SessionFacts.joined, parts[cut:])
    whole = left.joined(right)
    assert whole == right.joined(left) == whole.joined(left)
    assert (whole.first_at_ms, whole.last_at_ms) == (ms(1), ms(4))


@given(st.permutations(range(4)), st.integers(1, 3))
def test_facts_about_an_agent_join_in_any_order(order: list[int], cut: int) -> None:
    said = [prompt("go", 2), prompt("and then", 3), answer(at=1, stop=None), answer(at=9, attributionAgent="Explore")]
    parts = [parse(of_agent("a1", said[number]), at=AGENT).agents[ONE, "a1"] for number in order]
    left, right = reduce(AgentFacts.joined, parts[:cut]), reduce(AgentFacts.joined, parts[cut:])
    whole = left.joined(right)
    assert whole == right.joined(left) == whole.joined(left)
    assert whole.prompt is not None
    assert whole.last_line is not None
    assert (whole.first_at_ms, whole.last_at_ms, whole.agent_type) == (ms(1), ms(9), "Explore")
    assert (whole.prompt.task, whole.last_line.kind) == ("go", "done")


def test_the_model_is_as_logged() -> None:
    assert parse(answer(model="anthropic.claude-opus-4-8-v1:0")).responses[0].usage.model == (
        "anthropic.claude-opus-4-8-v1:0"
    )
    assert parse(answer(model=None)).responses[0].usage.model == "unknown"  # type: ignore[arg-type]
    assert parse(answer()).responses[0].usage.model == MODEL
