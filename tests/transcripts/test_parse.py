"""Bytes to records: every line is read or counted as skipped, and nothing hostile comes through."""

from __future__ import annotations

import unicodedata
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tests.kit.log_lines import (
    AGENT,
    MODEL,
    ONE,
    Json,
    answer,
    call,
    encode,
    every_text,
    line,
    ms,
    of_agent,
    parse,
    place,
    prompt,
    result,
    usage,
)
from tokentui.batch import Batch
from tokentui.transcripts.decode import BOM, decode_block, decode_each
from tokentui.transcripts.fields import identifier, line_time_ms
from tokentui.transcripts.parse import parse_lines
from tokentui.transcripts.writer import LogMemory

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


def assert_safe(batch: Batch) -> None:
    for text in every_text(batch):
        assert not [c for c in text if unicodedata.category(c) in ("Cc", "Cf", "Cs")], ascii(text)


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
