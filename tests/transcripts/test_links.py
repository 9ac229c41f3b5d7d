"""Who spawned an agent, by each way in which logs tell it, and to which session it belongs."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.kit.log_lines import (
    AGENT,
    ONE,
    Json,
    agent_log,
    answer,
    call,
    inline,
    line,
    ms,
    of_agent,
    parse,
    place,
    prompt,
    result,
)
from tokentui.batch import AgentFacts, AgentLink
from tokentui.transcripts.agent_note import link_in_note, read_note
from tokentui.transcripts.log_names import place_of


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
        AgentLink(ONE, "a1", "t1", "result", 2, "Explore", status="completed", at_ms=ms(0))
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
    assert links(queued) == [expected._replace(at_ms=ms(1))]
    assert links(given_note) == [expected._replace(at_ms=ms(2))]
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
