"""What is one response, which of its lines holds, and whose it is."""

from __future__ import annotations

from itertools import permutations
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.kit.log_lines import (
    AGENT,
    MODEL,
    ONE,
    TWO,
    Json,
    answer,
    call,
    forked,
    ms,
    of_agent,
    parse,
    place,
    prompt,
    usage,
)
from tokentui.counting import (
    FORKED,
    MISNAMED,
    SIDECHAIN,
    ExtraUsage,
    Owner,
    Response,
    Trace,
    Usage,
    fold,
    settle,
)
from tokentui.records import LogPlace, Tokens

MAIN = place()
FORK_AGENT = place(f"/logs/projects/p/{ONE}/subagents/agent-a2.jsonl")
ASIDE = place(f"/logs/projects/p/{ONE}/subagents/agent-aside_question-1.jsonl")
OTHER = place(f"/logs/projects/p/{TWO}.jsonl")


def seen(*logs: tuple[LogPlace, list[Json]]) -> list[Response]:
    """The responses in some logs, which must not depend on their order."""
    found = [response for at, said in logs for response in parse(*said, at=at).responses]
    by_message: dict[str, list[Response]] = {}
    for response in found:
        by_message.setdefault(response.message_id, []).append(response)
    settled = [settle(group) for group in by_message.values()]
    for group, expected in zip(by_message.values(), settled, strict=True):
        for order in list(permutations(group))[:24]:
            assert sorted(settle(order), key=repr) == sorted(expected, key=repr)
    return [response for group in settled for response in group]


def one(*logs: tuple[LogPlace, list[Json]]) -> Response:
    (response,) = seen(*logs)
    return response


def tokens(**fields: Any) -> Tokens:
    return one((MAIN, [answer(used=usage(**fields))])).usage.tokens


# Sightings as hypothesis makes them: few ids, times and paths, so that they meet often.

TIMES = st.integers(0, 5)
USAGES = st.builds(
    lambda output, at, offset, read, extras: Usage(
        output, at, offset, Tokens(1, output, 0, 0, read), MODEL, "", "", "", 0, extras
    ),
    st.sampled_from([2, 3, 100]),
    TIMES,
    st.integers(0, 3),
    st.sampled_from([0, 50]),
    st.sampled_from([(), (ExtraUsage("compaction", MODEL, Tokens(5)),)]),
)
RECORDS = st.sampled_from([frozenset[str](), frozenset({"r"})])
HOMES = st.sampled_from([("s1", ""), ("s1", "a"), ("s2", "")])


@st.composite
def responses(draw: st.DrawFn) -> Response:
    session, agent = draw(HOMES)
    at, used = draw(TIMES), draw(USAGES)
    request = draw(st.sampled_from(["", "r1", "r2"] if agent else ["", "r1"]))
    rank = draw(st.sampled_from([0, MISNAMED, FORKED])) + SIDECHAIN * bool(agent)
    trace = None if request else Trace(frozenset({f"{session}/{agent}"}), frozenset({at}), draw(RECORDS))
    own = Owner(rank, session, agent, draw(st.sampled_from(["/a", "/b", "/c"])))
    stop = draw(st.sampled_from(["", "end_turn", "tool_use"]))
    return Response("m", request, used, own, at, at, stop, bool(stop), trace)


@given(responses(), responses(), responses())
def test_folding_does_not_depend_on_order(a: Response, b: Response, c: Response) -> None:
    assert fold(a, b) == fold(b, a)
    assert fold(fold(a, b), c) == fold(a, fold(b, c))
    assert fold(a, a) == a
    assert fold(fold(a, b), b) == fold(a, b)


@given(st.lists(responses(), max_size=7), st.randoms())
def test_settling_does_not_depend_on_order(found: list[Response], random: Any) -> None:
    shuffled = random.sample(found, len(found))
    assert sorted(settle(shuffled), key=repr) == sorted(settle(found), key=repr)


@given(st.lists(responses(), max_size=7))
def test_settling_what_is_settled_changes_nothing(found: list[Response]) -> None:
    settled = settle(found)
    assert settle(settled) == settled
    assert settle([*settled, *settled]) == settled


@given(st.lists(responses(), max_size=8), st.integers(0, 8))
def test_settling_in_two_steps_comes_to_the_same(found: list[Response], cut: int) -> None:
    at_once = settle(found)
    in_steps = settle([*settle(found[:cut]), *found[cut:]])
    assert sorted(in_steps, key=repr) == sorted(at_once, key=repr)


# The line that holds.


@pytest.mark.parametrize("order", list(permutations([2, 2, 485])))
def test_the_line_with_most_output_holds_whatever_the_order(order: tuple[int, ...]) -> None:
    found = one((MAIN, [answer(at=at, output=output) for at, output in enumerate(order)]))
    assert found.usage.tokens.output == 485
    assert found.at_ms == ms(2)
    assert found.first_at_ms == ms(0)


def test_the_whole_usage_object_holds_never_the_largest_of_each_field() -> None:
    early = answer(at=0, used=usage(2, input_tokens=900, cache_read_input_tokens=5000), model="claude-fable-5")
    late = answer(at=1, used=usage(300, input_tokens=4, cache_read_input_tokens=70))
    found = one((MAIN, [early, late]))
    assert (found.usage.tokens, found.usage.model) == (Tokens(4, 300, 0, 200, 70), MODEL)


def test_on_a_tie_the_later_line_holds() -> None:
    found = one((MAIN, [answer(at=0, used=usage(7, input_tokens=0)), answer(at=1, used=usage(7, input_tokens=55))]))
    assert found.usage.tokens.input == 55
    found = one((MAIN, [answer(at=0, used=usage(7, input_tokens=0)), answer(at=0, used=usage(7, input_tokens=55))]))
    assert found.usage.tokens.input == 55


def test_lines_of_a_response_need_not_stand_together() -> None:
    said = [answer("msg_1", at=0, output=2), answer("msg_2", "req_2", at=1), answer("msg_1", at=2, output=90)]
    assert sorted(response.usage.tokens.output for response in seen((MAIN, said))) == [90, 100]


# Copies.


def test_a_fork_is_the_original_s() -> None:
    original = answer(output=80)
    copy = forked(original, TWO)
    found = one((OTHER, [copy]), (MAIN, [original]))
    assert found.owner == Owner(0, ONE, "", MAIN.path)
    alone = one((OTHER, [copy]))
    assert alone.owner.session_id == TWO


@pytest.mark.parametrize("folder", ["/backup", "/zz"])
def test_a_copy_of_the_beginning_of_a_log_does_not_change_the_time_of_a_response(folder: str) -> None:
    first, last = answer(at=0, output=2), answer(at=15, output=500)
    backup = place(f"{folder}/projects/p/{ONE}.jsonl")
    found = one((MAIN, [first, last]), (backup, [first]))
    assert (found.first_at_ms, found.at_ms, found.usage.output_tokens) == (ms(0), ms(15), 500)
    assert found.owner.log_path == min(MAIN.path, backup.path)


def test_a_resumed_session_of_1_x_counts_once_though_its_session_id_was_rewritten() -> None:
    original = answer(uuid="same")
    found = one((OTHER, [original | {"sessionId": TWO}]), (MAIN, [original]))
    assert found.owner.log_path == min(MAIN.path, OTHER.path)


def test_a_resumed_session_of_2_0_is_owned_by_the_file_of_its_name() -> None:
    misnamed = place("/logs/projects/p/00000000-5e55-4000-8000-000000000000.jsonl")
    found = one((misnamed, [answer()]), (MAIN, [answer()]))
    assert found.owner.log_path == MAIN.path
    assert one((misnamed, [answer()])).owner.session_id == ONE


def test_a_forked_agent_s_copy_of_its_parent_s_last_line_changes_nothing() -> None:
    said = answer(at=5, output=10_505)
    copy = of_agent("a2", answer(at=90, output=3, stop=None, uuid="new"))
    found = one((FORK_AGENT, [copy]), (MAIN, [said]))
    assert found.usage.tokens.output == 10_505
    assert found.owner.agent_id == ""
    assert found.at_ms == ms(5), "a copy's time is when it was copied"


def test_a_sub_agent_s_answer_stays_its_own_when_it_is_forked() -> None:
    said = of_agent("a9", answer(at=5, output=10_505, content=[call("t1", "Agent")]))
    copy = of_agent("a2", answer(at=5, output=3, stop=None, uuid="new", content=[call("t1", "Agent")]))
    reference = {"type": "fork-context-ref", "agentId": "a2", "parentSessionId": ONE}
    own = [of_agent("a2", prompt("go on", 6)), of_agent("a2", answer("msg_2", "req_2", at=7))]
    parent, fork = place(f"/logs/projects/p/{ONE}/subagents/agent-a9.jsonl"), [reference, copy, *own]
    found = {response.message_id: response.owner for response in seen((FORK_AGENT, fork), (parent, [said]))}
    assert (found["msg_1"].agent_id, found["msg_2"].agent_id) == ("a9", "a2")
    ranks = [parse(*lines, at=at).tool_calls[0].owner_rank for at, lines in ((FORK_AGENT, fork), (parent, [said]))]
    assert ranks[0] > ranks[1]


def test_time_is_the_last_line_of_the_owner_s_log() -> None:
    said = [answer(at=1, output=2, stop=None), answer(at=4, output=2, stop=None)]
    late = of_agent("a1", answer(at=500, output=900))
    found = one((AGENT, [late]), (MAIN, said))
    assert (found.first_at_ms, found.at_ms) == (ms(1), ms(4))
    assert found.usage.tokens.output == 900, "the usage may come from a copy"


def test_a_side_question_s_replay_under_another_request_is_dropped() -> None:
    replay = of_agent("aside_question-1", answer(request_id="req_side"))
    own = of_agent("aside_question-1", answer("msg_2", "req_2", output=20))
    found = seen((ASIDE, [replay, own]), (MAIN, [answer()]))
    assert sorted((r.message_id, r.request_id) for r in found) == [("msg_1", "req_1"), ("msg_2", "req_2")]
    assert len(seen((ASIDE, [replay, own]))) == 2, "without the parent nothing shows that it is a replay"


# Without a request id.


def bare(at: float = 0, output: int = 100, **fields: Any) -> Json:
    return answer(request_id=None, at=at, output=output, **fields)


def test_without_a_request_id_lines_of_one_writer_are_one() -> None:
    assert one((MAIN, [bare(0, 2), bare(4, 300)])).usage.tokens.output == 300


def test_without_a_request_id_a_fork_s_copy_is_known_by_its_time() -> None:
    copy = bare(4, 300, uuid="new", sessionId=TWO)
    found = one((OTHER, [copy]), (MAIN, [bare(0, 2), bare(4, 300)]))
    assert found.owner.session_id == min((MAIN.path, ONE), (OTHER.path, TWO))[1]


def test_without_a_request_id_a_resumed_session_s_copy_is_known_by_its_uuid() -> None:
    original = [bare(0, 2, uuid="u1"), bare(4, 300, uuid="u2")]
    resumed = [line | {"sessionId": TWO, "timestamp": bare(900)["timestamp"]} for line in original]
    assert one((OTHER, resumed), (MAIN, original)).usage.tokens.output == 300


def test_a_proxy_that_uses_an_id_again_gave_different_answers() -> None:
    found = seen((MAIN, [bare(0, 30)]), (OTHER, [bare(77, 40, sessionId=TWO)]), (AGENT, [of_agent("a1", bare(99, 50))]))
    assert sorted(response.usage.tokens.output for response in found) == [30, 40, 50]


def test_two_writers_are_one_answer_once_a_line_connects_them() -> None:
    far = (OTHER, [bare(7, 40, sessionId=TWO)])
    assert len(seen((MAIN, [bare(0, 30)]), far)) == 2
    assert one((MAIN, [bare(0, 30), bare(7, 35)]), far).usage.tokens.output == 40


def test_a_request_id_tells_answers_apart_and_none_is_not_another() -> None:
    assert len(seen((MAIN, [answer(request_id="req_1"), answer(request_id="req_2")]))) == 2
    assert len(seen((MAIN, [answer(request_id="req_1"), bare()]))) == 2


def test_without_a_message_id_the_uuid_counts() -> None:
    said = [bare(message_id=None, uuid="u1"), bare(message_id=None, uuid="u2")]
    assert len(seen((MAIN, said))) == 2
    assert one((MAIN, said[:1]), (OTHER, [forked(said[0], TWO)])).owner.session_id == ONE


def test_without_any_id_each_line_is_a_response() -> None:
    said = [bare(message_id=None, uuid=None, output=10), bare(message_id=None, uuid=None, output=20)]
    assert len(seen((MAIN, said))) == 2
    assert len(seen((MAIN, said), (MAIN, said))) == 2


# Kinds of tokens.


@pytest.mark.parametrize(
    ("top", "short", "long", "expected"),
    [
        (300, 100, 200, (100, 200)),
        (0, 100, 200, (100, 200)),  # before 2.1.152 the total could be missing
        (300, 0, 0, (300, 0)),
        (500, 100, 200, (300, 200)),
        (None, 100, None, (100, 0)),
    ],
)
def test_cache_writes_are_the_larger_of_the_total_and_its_parts(
    top: int | None, short: int, long: int | None, expected: tuple[int, int]
) -> None:
    parts = {"ephemeral_5m_input_tokens": short, "ephemeral_1h_input_tokens": long}
    counted = tokens(cache_creation_input_tokens=top, cache_creation=parts)
    assert (counted.cache_write_5m, counted.cache_write_1h) == expected


@pytest.mark.parametrize("parts", [None, {}, [], "none"])
def test_an_unsplit_write_counts_as_5_minutes(parts: object) -> None:
    assert tokens(cache_creation_input_tokens=70, cache_creation=parts)[2:4] == (70, 0)


def test_compactions_and_advisors_are_added_under_their_own_model() -> None:
    iterations = [
        {"type": "message", "input_tokens": 3, "output_tokens": 60},
        {"type": "compaction", "input_tokens": 1000, "output_tokens": 70},
        {"type": "advisor_message", "model": "claude-fable-5", "input_tokens": 5, "output_tokens": 6},
        {"type": "fallback_message", "input_tokens": 8, "output_tokens": 9},
        {"type": None},
    ]
    found = one((MAIN, [answer(used=usage(60, iterations=iterations))]))
    assert found.usage.tokens.output == 60
    assert found.usage.extras == (
        ExtraUsage("compaction", MODEL, Tokens(1000, 70)),
        ExtraUsage("advisor_message", "claude-fable-5", Tokens(5, 6)),
    )


def test_prompts_that_one_response_sent_one_after_another_stand_apart() -> None:
    first = {"type": "message", "input_tokens": 60, "output_tokens": 5, "cache_read_input_tokens": 900}
    second = {"type": "message", "input_tokens": 70, "output_tokens": 8, "cache_read_input_tokens": 950}
    advisor = {"type": "advisor_message", "model": "claude-fable-5", "input_tokens": 5, "output_tokens": 6}
    whole = {
        "input_tokens": 130,
        "cache_read_input_tokens": 1850,
        "cache_creation_input_tokens": 0,
        "cache_creation": None,
    }
    found = one((MAIN, [answer(used=usage(13, iterations=[first, advisor, second], **whole))]))
    assert (found.usage.output_tokens, found.usage.tokens) == (13, Tokens(70, 8, 0, 0, 950))
    assert found.usage.extras == (
        ExtraUsage("message", MODEL, Tokens(60, 5, 0, 0, 900)),
        ExtraUsage("advisor_message", "claude-fable-5", Tokens(5, 6)),
    )


def test_prompts_that_do_not_add_up_to_the_whole_stay_together() -> None:
    sent = [{"type": "message", "input_tokens": 60}, {"type": "message", "input_tokens": 70}]
    whole = {"input_tokens": 70, "cache_read_input_tokens": 0, "cache_creation_input_tokens": 0, "cache_creation": None}
    found = one((MAIN, [answer(used=usage(13, iterations=sent, **whole))]))
    assert (found.usage.tokens, found.usage.extras) == (Tokens(70, 13), ())


@pytest.mark.parametrize("iterations", [None, [], {}, "compaction", 7, [["compaction"]]])
def test_iterations_of_another_shape_add_nothing(iterations: object) -> None:
    assert one((MAIN, [answer(used=usage(60, iterations=iterations))])).usage.extras == ()


def test_thinking_tokens_are_part_of_the_output() -> None:
    assert tokens(output_tokens_details={"thinking_tokens": 50}).output == 100


def test_what_is_no_request_is_not_counted() -> None:
    progress = {"type": "progress", "timestamp": "2026-11-20T12:00:00Z", "sessionId": ONE}
    progress["data"] = {"type": "agent_progress", "agentId": "a1", "message": answer()}  # type: ignore[assignment]
    spawned = {"type": "user", "message": {"role": "user", "content": []}, "toolUseResult": {"usage": usage()}}
    total = {"type": "cost-state", "sessionId": ONE, "modelUsage": {MODEL: {"inputTokens": 5}}}
    synthetic = answer(model="<synthetic>", request_id=None)
    without = answer()
    without["message"] = {"id": "m", "model": MODEL, "usage": None}
    assert parse(progress, spawned, total, synthetic, without).responses == []


# Lower bounds and background.


def test_a_response_without_a_final_line_is_a_lower_bound() -> None:
    started = [answer(at=0, output=2, stop=None), answer(at=1, output=2, stop=None)]
    assert not one((MAIN, started)).is_final
    assert one((MAIN, [*started, answer(at=2, output=40, stop="tool_use")])).is_final
    assert one((MAIN, [answer(stop=None, used=usage(iterations=[{"type": "message"}]))])).is_final
    assert not one((MAIN, [answer(stop=None, used=usage(iterations=[]))])).is_final
    assert not one((MAIN, [answer(stop=None, used=usage(iterations=None))])).is_final


@pytest.mark.parametrize(
    ("agent_id", "kind"),
    [
        ("acompact-12ab", "compaction"),
        ("aprompt_suggestion-1", "prompt suggestion"),
        ("aside_question-1", "side question"),
        ("a0123456789abcdef", ""),
    ],
)
def test_hidden_agents_are_counted_and_marked(agent_id: str, kind: str) -> None:
    at = place(f"/logs/projects/p/{ONE}/subagents/agent-{agent_id}.jsonl")
    batch = parse(of_agent(agent_id, answer()), at=at)
    assert len(batch.responses) == 1
    assert batch.agents[ONE, agent_id].background == kind
