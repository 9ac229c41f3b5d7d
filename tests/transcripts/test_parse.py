"""Bytes to records: every line is read or counted as skipped, and nothing hostile comes through."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from datetime import UTC, datetime, timedelta
from functools import reduce
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tests.kit.log_lines import (
    MODEL,
    ONE,
    Json,
    agent_log,
    answer,
    call,
    encode,
    inline,
    line,
    ms,
    of_agent,
    parse,
    place,
    prompt,
    result,
    usage,
)
from tokentui.batch import AgentFacts, AgentLink, Batch, Event, LineKind, SessionFacts, Title
from tokentui.counting import FORKED
from tokentui.transcripts.agent_note import link_in_note, read_note
from tokentui.transcripts.decode import BOM, decode_block, decode_each
from tokentui.transcripts.fields import identifier, line_time_ms
from tokentui.transcripts.parse import parse_lines
from tokentui.transcripts.places import place_of
from tokentui.transcripts.writer import LogMemory

AGENT = place(f"/logs/projects/p/{ONE}/subagents/agent-a1.jsonl")
TYPES = [
    "assistant", "user", "system", "progress", "queue-operation", "attachment", "ai-title", "custom-title",
    "agent-name", "fork-context-ref", "summary", "no such type",
]  # fmt: skip
SUBTYPES = ["api_error", "compact_boundary", "turn_duration", None]
HOSTILE = "\x1b[31m\x9b2J\u202e\u2066\u200b\x00\x07]0;own\x07 [bold]\ud800é"
ODD_NUMBERS = st.sampled_from([-1, 0, 2**31, 2**63, 10**40, 1e300, -0.5, float("nan"), float("inf")])
ODD = st.recursive(
    st.none() | st.booleans() | ODD_NUMBERS | st.sampled_from(["", HOSTILE, "2026-11-20T12:00:00Z", "<synthetic>"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["type", "id", "text"]), inner),
    max_leaves=4,
)


def every_text(value: object) -> Iterator[str]:
    """All texts anywhere in a batch, the names of files apart."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for key, inner in value.items():
            yield from every_text(key)
            yield from every_text(inner)
    elif isinstance(value, list | tuple | frozenset | set):
        for inner in value:
            yield from every_text(inner)
    elif is_dataclass(value):
        for part in fields(value):
            yield from every_text(getattr(value, part.name))


def assert_safe(batch: Batch) -> None:
    for text in every_text(batch):
        assert not [c for c in text if unicodedata.category(c) in ("Cc", "Cf", "Cs")], ascii(text)


# Anything at all.


@given(st.lists(st.binary(max_size=80) | st.sampled_from([b"{}", b"[]", b"null", b'{"type":', b"\xff{}", b" \r"])))
def test_any_bytes_are_read_or_counted(raw: list[bytes]) -> None:
    raw = [line.replace(b"\n", b"") for line in raw]
    batch = parse(*raw)
    assert batch.lines == len(raw)
    assert batch.skipped_lines <= batch.lines
    assert (batch.skipped_first_offset is not None) == bool(batch.skipped_lines) == bool(batch.skipped_reason)
    assert_safe(batch)


@st.composite
def odd_lines(draw: st.DrawFn) -> Json:
    """A good line with some of its fields, at any depth, replaced by anything."""
    kind = draw(st.sampled_from(TYPES))
    block = draw(st.sampled_from([call("t1", "Agent", prompt="go", description="d"), {"type": "text", "text": "x"}]))
    apart = {"type": "compaction", "model": MODEL, "input_tokens": draw(ODD), "cache_creation": draw(ODD)}
    used = usage(server_tool_use={"web_search_requests": draw(ODD)}, iterations=[apart, draw(ODD)])
    whole = answer(used=used, content=[block]) | {"type": kind, "subtype": draw(st.sampled_from(SUBTYPES))}
    if kind == "user":
        whole = result("t1", toolUseResult={"agentId": "a1", "status": "completed"}) | {"uuid": "u"}
    whole |= {"error": {"status": 529}, "aiTitle": "t", "data": {"type": "agent_progress", "agentId": "a1"}}
    whole |= {"attachment": {"type": "queued_command", "prompt": "p"}, "operation": "enqueue"}
    whole |= {"isApiErrorMessage": draw(st.booleans()), "quotaLimits": {"resetsAt": 1_800_000_000}}
    for _ in range(draw(st.integers(0, 4))):
        part = whole
        while True:
            key = draw(st.sampled_from(sorted(part)))
            if not (isinstance(part[key], dict) and part[key] and draw(st.booleans())):
                break
            inner = dict(part[key])
            part[key] = inner
            part = inner
        part[key] = draw(ODD)
    return whole


@given(st.lists(odd_lines(), max_size=4), st.sampled_from([place(), AGENT]))
def test_wrong_types_anywhere_never_raise_and_never_leak(said: list[Json], at: Any) -> None:
    batch = parse(*said, at=at)
    assert batch.lines == len(said)
    assert_safe(batch)
    for response in batch.responses:
        assert min(response.usage.tokens) >= 0
        assert max(response.usage.tokens) < 2**31


TORN = [b"", b" ", b"{}", b"[]", b"\xff", b"{}{}", b'{"type":', b'"user"}', b'{"data":', b"}"]
"""Lines that are not one object each, though some are together."""


@given(st.lists(odd_lines() | st.sampled_from(TORN), max_size=6))
@example([b"{}{}", b""])
@example([b"{}{}", b'{"type":', b'"user"}'])
@example([b"{}{}", b'{"data":', b"{}}"])
def test_a_block_reads_as_its_lines_do_one_by_one(said: list[Json | bytes]) -> None:
    lines = [one if isinstance(one, bytes) else encode(one)[:-1] for one in said]
    block = b"".join(line + b"\n" for line in lines)
    whole, each = (parse_lines(way(block, 5), place(), LogMemory()) for way in (decode_block, decode_each))
    assert whole == each


@given(st.text(st.characters(exclude_categories=())))
@example(HOSTILE)
def test_no_text_gets_through_unsafe(text: str) -> None:
    said = [
        prompt(text), line("ai-title", None, aiTitle=text), line("custom-title", None, customTitle=text),
        answer(text, text, model=text, stop=text, content=[call(text, text, prompt=text)]),
        answer("m", "r", content=[call("t", "Task", prompt=text, description=text, subagent_type=text)]),
        result(text, text=text, toolUseResult={"agentId": text, "agentType": text, "status": text}),
        line("system", 1, subtype="compact_boundary", compactMetadata={"trigger": text}, uuid=text),
        line("user", 2, session=text, cwd=text, gitBranch=text, version=text, entrypoint=text, agentId=text),
        line("queue-operation", 3, operation="enqueue", content=f"<task-notification><task-id>{text}</task-id>"),
        answer(model="<synthetic>", isApiErrorMessage=True, error=text, apiErrorStatus=500),
        of_agent(text, answer("m2", attributionAgent=text)),
    ]  # fmt: skip
    batch = parse(*said)
    assert batch.skipped_lines == 0
    assert_safe(batch)


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (b'{"type": "assistant", "mess', "not valid JSON"),
        (b"\x00\x01\x02", "not valid JSON"),
        (b"[1, 2]", "a field has an unexpected type"),
        (b'{"type": "user", "message": "text"}', "a field has an unexpected type"),
        (b'{"type": "user", "x": ' + b"[" * 1_000_000 + b"]" * 1_000_000 + b"}", "nested too deeply"),
        (encode(answer(used=usage(10**12))), "a token count is impossibly large"),
    ],
)
def test_a_bad_line_is_counted_with_its_place_and_reason(raw: bytes, reason: str) -> None:
    good = encode(answer())
    batch = parse(good, raw, encode(answer("m2")))
    assert (batch.lines, batch.skipped_lines) == (3, 1)
    assert (batch.skipped_first_offset, batch.skipped_reason) == (len(good), reason)
    assert len(batch.responses) == 2


def test_a_line_that_is_too_long_is_counted() -> None:
    batch = parse_lines(decode_block(None, 700), place(), LogMemory())
    assert (batch.lines, batch.skipped_lines, batch.skipped_first_offset) == (1, 1, 700)
    assert batch.skipped_reason == "longer than 64 MiB"


def test_a_mark_of_byte_order_before_the_first_line_is_no_flaw() -> None:
    batch = parse(BOM + encode(answer()), answer("m2"))
    assert (batch.lines, batch.skipped_lines, len(batch.responses)) == (2, 0, 2)


@pytest.mark.parametrize("raw", [b"", b" ", b"\r", b"\t \r"])
def test_blank_lines_are_nothing(raw: bytes) -> None:
    assert parse(raw).skipped_lines == 0


@pytest.mark.parametrize(
    "raw",
    [
        encode(answer()).replace(b'"main"', b'"\xff\xfe"'),
        encode(answer()).replace(b'"main"', b'"\\ud83d"'),
        encode(answer()).replace(b'"main"', b"NaN"),
        b"\0\0\0\0" + encode(answer()),
        encode(answer()).rstrip() + b"\r",
    ],
)
def test_a_flaw_outside_the_counts_does_not_cost_the_response(raw: bytes) -> None:
    batch = parse(raw)
    assert batch.skipped_lines == 0
    assert batch.responses[0].usage.tokens.output == 100


def test_a_lone_surrogate_does_not_cost_the_prompt() -> None:
    batch = parse(encode(prompt("fix the XX cat")).replace(b"XX", b"\\ud83d"), at=place())
    title = batch.sessions[ONE].title
    assert title is not None
    assert title.text == "fix the \ufffd cat"


@pytest.mark.parametrize("count", [-5, None, "12", True, float("nan"), [], {"a": 1}])
def test_a_count_that_is_none_is_0(count: object) -> None:
    (response,) = parse(encode(answer(used=usage(7, input_tokens=count)))).responses
    assert response.usage.tokens.input == 0
    assert response.usage.tokens.output == 7


@pytest.mark.parametrize("count", [-5, True, 10**8 + 1, 10**40, 1e300, "12", None])
def test_an_impossible_count_beside_the_answer_s_own_does_not_cost_the_answer(count: object) -> None:
    iterations = [{"type": "compaction", "input_tokens": count}, {"type": "advisor_message", "input_tokens": 6}]
    used = usage(7, server_tool_use={"web_search_requests": count}, iterations=iterations)
    batch = parse(encode(answer(used=used)))
    (response,) = batch.responses
    assert batch.skipped_lines == 0
    assert response.usage.tokens.output == 7
    assert response.usage.web_searches <= 1
    assert response.usage.extras[-1].tokens.input == 6
    assert sum(extra.tokens.input for extra in response.usage.extras) == 6


@pytest.mark.parametrize("stamp", [None, "", "yesterday", 5, "0001-01-01T00:00:00Z", "2999-01-01T00:00:00Z"])
def test_without_a_time_a_line_has_that_of_the_newest_before_it(stamp: object) -> None:
    said = [answer("m1", at=60), answer("m2", at=30), answer("m3") | {"timestamp": stamp}]
    assert [response.at_ms for response in parse(*said).responses] == [ms(60), ms(30), ms(60)]
    memory = LogMemory(fallback_at_ms=ms(5))
    assert parse(said[2], memory=memory).responses[0].at_ms == ms(5)


@pytest.mark.parametrize(
    ("stamp", "moment"),
    [
        ("2026-11-20T23:59:59.999999Z", "2026-11-20T23:59:59.999Z"),
        ("2026-11-21T00:59:59.9996+01:00", "2026-11-20T23:59:59.999Z"),
        ("2099-12-31T23:59:59.999999Z", "2099-12-31T23:59:59.999Z"),
    ],
)
def test_a_time_is_cut_to_the_millisecond_so_that_it_stays_in_its_day(stamp: str, moment: str) -> None:
    assert line_time_ms(stamp) == line_time_ms(moment)


@given(st.datetimes(datetime(2020, 1, 1), datetime(2099, 12, 31), timezones=st.just(UTC)))
def test_times_are_exact_to_the_millisecond(moment: datetime) -> None:
    expected = (moment - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(milliseconds=1)
    assert line_time_ms(moment.isoformat()) == expected


@pytest.mark.parametrize("stamp", ["2026-11-20T13:00:01.5+01:00", "2026-11-20T12:00:01.500Z", "2026-11-20T12:00:01.5"])
def test_times_of_any_zone(stamp: str) -> None:
    assert parse(answer() | {"timestamp": stamp}).responses[0].at_ms == ms(1.5)


def test_ids_too_long_to_keep_are_told_apart_by_their_ends() -> None:
    long = "resp_" + "bGl0ZWxsbTpjdXN0b20" * 15
    said = [answer(long + end, None, at=at, content=[call(long + end)]) for at, end in enumerate("aab")]
    batch = parse(*said, answer(long + "a", long + "b"), answer(long + "a", long + "c"))
    assert len({(response.message_id, response.request_id) for response in batch.responses}) == 4
    assert [len(one.tool_use_id) for one in batch.tool_calls] == [200] * 3
    assert len({one.tool_use_id for one in batch.tool_calls}) == 2
    assert all(identifier(response.message_id) == response.message_id for response in batch.responses)


# Titles.


def title_of(*said: Json) -> Title | None:
    batch = parse(*said)
    return batch.sessions[ONE].title


def test_the_best_kind_of_title_holds_and_the_last_of_its_kind() -> None:
    said = [
        prompt("first prompt", 1),
        prompt("second prompt", 2),
        line("ai-title", None, aiTitle="made"),
        line("ai-title", None, aiTitle="made again"),
        line("agent-name", None, agentName="named"),
        line("custom-title", None, customTitle="mine"),
        line("custom-title", None, customTitle="mine again"),
        line("ai-title", None, aiTitle="made late"),
    ]
    titles = [title_of(*said[:end]) for end in range(1, len(said) + 1)]
    assert [(title.rank, title.text) for title in titles if title] == [
        (1, "first prompt"), (1, "first prompt"), (3, "made"), (3, "made again"), (4, "named"), (5, "mine"),
        (5, "mine again"), (5, "mine again"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    "text", ["<command-name>/clear</command-name>", "Caveat: not for you", "<bash-input>ls</bash-input>", "", "\x1b[0m"]
)
def test_what_the_user_did_not_ask_is_no_title(text: str) -> None:
    assert title_of(prompt(text)) is None


@pytest.mark.parametrize(
    "said",
    [prompt("go", isMeta=True), prompt("summary", isCompactSummary=True), of_agent("a1", prompt("go")), result("t1")],
)
def test_lines_that_are_no_prompts_give_no_title(said: Json) -> None:
    assert title_of(said) is None


@pytest.mark.parametrize(
    "secret",
    [
        "sk-ant-api03-AbCdEf0123456789",
        "ghp_0123456789abcdef0123",
        "AKIA0123456789ABCDEF",
        "https://sam:hunter2@host",
        "API_KEY=x7f9a2b4",
        "password: hunter22",
        "npm_0123456789abcdef0123",
        "sk_live_0123456789abcdef0123",
    ],
)
def test_secrets_never_stand_in_titles_or_tasks(secret: str) -> None:
    said = [prompt(f"use {secret} here"), of_agent("a1", prompt(f"take {secret}"))]
    said.append(answer(content=[call("t1", "Task", prompt=secret, description=f"with {secret}")]))
    body = secret.removeprefix("https://sam:").removesuffix("@host")
    assert not [text for text in every_text(parse(*said)) if body in text]


# Who spawned whom: six kinds of links.


def links(*said: Json) -> list[AgentLink]:
    return parse(*said).links


def test_link_by_the_note_beside_an_agent_s_log(tmp_path: Path) -> None:
    path = agent_log(tmp_path, "a1")
    path.parent.mkdir(parents=True)
    at = place_of(str(path), str(tmp_path / "projects"))
    assert read_note(at) is None
    note = path.with_name("agent-a1.meta.json")
    card = {"agentType": "Explore", "description": "look around", "toolUseId": "t1", "name": "scout"}
    note.write_text(json.dumps(card | {"spawnDepth": 2, "parentAgentId": "a0", "isFork": True}))
    assert link_in_note(at, read_note(at) or b"") == AgentLink(
        ONE, "a1", "t1", "meta", 1, "Explore", "scout", "look around", "a0", 2, "", is_fork=True
    )


@pytest.mark.parametrize("text", ["", "{", "[]", '{"spawnDepth": "deep", "name": 5}', '{"spawnDepth": -1}'])
def test_a_bad_note_is_passed_over(tmp_path: Path, text: str) -> None:
    path = agent_log(tmp_path, "a1")
    path.parent.mkdir(parents=True)
    path.with_name("agent-a1.meta.json").write_text(text)
    at = place_of(str(path), str(tmp_path / "projects"))
    link = link_in_note(at, read_note(at) or b"")
    assert link is None or (link.spawn_depth, link.name) == (0, "")


def test_link_by_the_result_of_the_call() -> None:
    about = {"agentId": "a1", "agentType": "Explore", "status": "completed", "totalTokens": 5}
    assert links(result("t1", toolUseResult=about)) == [
        AgentLink(ONE, "a1", "t1", "result", 2, "Explore", status="completed")
    ]


def test_a_progress_line_links_an_agent_to_its_call() -> None:
    said = line("progress", 0, data={"type": "agent_progress", "agentId": "a1"}, parentToolUseID="t1")
    assert links(said, said) == [AgentLink(ONE, "a1", "t1", "progress", 3)]


NOTE = (
    "<task-notification><task-id>a1</task-id><tool-use-id>t1</tool-use-id><status>completed</status>"
    "<usage><subagent_tokens>500</subagent_tokens></usage></task-notification>"
)


def test_link_by_a_notification_queued_or_given() -> None:
    expected = AgentLink(ONE, "a1", "t1", "notification", 4, status="completed")
    queued, given_note = line("queue-operation", 1, operation="enqueue", content=NOTE), prompt(NOTE, 2)
    assert links(queued) == [expected]
    assert links(given_note) == [expected]
    (first, second) = parse(queued, given_note).events
    assert first.event_id == second.event_id, "one end of a task, told twice"


def test_link_by_the_same_prompt() -> None:
    calls = parse(answer(content=[call("t1", "Task", prompt="find é the \ud800 bug")])).tool_calls
    agents = parse(of_agent("a1", prompt("find é the \ud800 bug")), at=AGENT).agents
    assert calls[0].prompt_digest == first_prompt(agents[ONE, "a1"]) != ""
    blocks = [{"type": "text", "text": "find é the \ud800 bug"}]
    agents = parse(of_agent("a1", prompt(blocks)), at=AGENT).agents
    assert first_prompt(agents[ONE, "a1"]) == calls[0].prompt_digest


def first_prompt(agent: AgentFacts) -> str:
    assert agent.prompt is not None
    return agent.prompt.digest


def test_link_by_the_folder_for_a_forked_agent() -> None:
    said = {"type": "fork-context-ref", "agentId": "a1", "parentSessionId": ONE, "contextLength": 9}
    assert parse(said, at=AGENT).links == [AgentLink(ONE, "a1", "", "folder", 6, is_fork=True)]


def test_an_agent_belongs_to_the_session_of_its_folder_or_of_its_lines() -> None:
    flat = place("/logs/projects/p/agent-a1.jsonl")
    for at in (AGENT, flat):
        assert list(parse(of_agent("a1", answer()), at=at).agents) == [(ONE, "a1")]


def test_agents_inside_their_session_s_log_are_told_apart() -> None:
    said = [
        answer("m0", content=[call("t1", "Task", prompt="look")]),
        inline("u1", None, prompt("look", 1)),
        inline("u2", "u1", answer("m1", at=2)),
        inline("v1", None, prompt("search", 3)),
        inline("v2", "v1", answer("m2", at=4)),
        inline("u3", "u2", answer("m3", at=5)),
    ]
    batch = parse(*said)
    homes = {response.message_id: response.owner.agent_id for response in batch.responses}
    assert homes == {"m0": "", "m1": "u1", "m2": "v1", "m3": "u1"}
    assert first_prompt(batch.agents[ONE, "u1"]) == batch.tool_calls[0].prompt_digest


def test_a_warm_up_is_background() -> None:
    batch = parse(of_agent("a1", prompt("Warmup")), of_agent("a1", answer()), at=AGENT)
    assert batch.agents[ONE, "a1"].background == "warm-up"


# What happened.


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
    ]
    assert events(*said) == [
        ("prompt", {"source": "typed", "characters": 6}),
        ("prompt", {"source": "sdk", "characters": 3}),
        ("prompt", {"source": "queued", "characters": 4}),
        ("interrupt", {}),
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
