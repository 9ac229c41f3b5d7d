"""Made-up agents and responses for the drill-down."""

from __future__ import annotations

from datetime import datetime, timedelta

from tests.kit.canned import HAIKU, NOW, OPUS, SONNET, dollars, session, tokens
from tokentui.queries.session.results import AgentRow, ResponseDetail, ResponsePart, ResponseRow, ToolUse
from tokentui.records import Tokens


def agents(now: datetime = NOW) -> tuple[AgentRow, ...]:
    """A main thread, three helpers, one of them with a helper of its own, and a compaction."""
    rows = (
        ("", 0, True, "main", "", "", "working", OPUS, 61.0, 0, 0),
        ("a1", 1, False, "explorer", "Find every place that opens a log", "", "done", HAIKU, 2.4, 31, 0),
        ("a2", 1, False, "general-purpose", "Rewrite the tailer [/b] in batches", "", "working", OPUS, 21.9, 118, 4),
        ("a3", 2, True, "test-runner", "Run the suite and report failures", "", "working", SONNET, 6.2, 44, 1),
        ("a4", 1, False, "reviewer", "Review the diff", "", "failed", SONNET, 1.1, 9, 2),
        ("a5", 1, True, "compaction", "", "compaction", "done", OPUS, 4.0, 0, 0),
    )  # fmt: skip
    return tuple(
        AgentRow(
            agent_id=agent_id, depth=depth, is_last_child=is_last, name=name, task=task, background=background,
            state=state,  # type: ignore[arg-type]
            model=model, own_tokens=tokens(cost * 1_400_000),
            own_money=dollars(cost * 0.3, 0, int(agent_id == "a4")),
            inclusive_tokens=tokens(cost * 1_400_000 * (1.6 if depth == 0 else 1)),
            inclusive_money=dollars(cost * 0.3 * (1.6 if depth == 0 else 1.28 if agent_id == "a2" else 1), 0,
                                    int(agent_id in ("", "a4"))),  # the main thread spawned it
            tokens_last_minute=tokens(210_000 * cost / 20 if state == "working" else 0),
            context_tokens=int(28_000 + 1_900 * cost), hit_rate=0.9 + cost / 1000, tool_calls=tools, errors=errors,
            lower_bound_responses=1 if agent_id == "a4" else 0, first_line_at=now - timedelta(minutes=42),
            last_line_at=now - timedelta(seconds=3 + 11 * len(agent_id) * depth), link="meta",
        )
        for agent_id, depth, is_last, name, task, background, state, model, cost, tools, errors in rows
    )  # fmt: skip


def responses(count: int = 24, now: datetime = NOW) -> tuple[ResponseRow, ...]:
    """The newest responses of an agent, newest first."""
    tools = (("Read",), ("Bash", "Bash"), (), ("Edit", "Bash", "Read", "Grep"), ("Task",))
    stops = ("tool_use", "tool_use", "end_turn", "tool_use", "max_tokens")
    return tuple(
        ResponseRow(
            response_id=9_000 - place, at=now - timedelta(seconds=4 + 19 * place), model=OPUS if place % 5 else HAIKU,
            tokens=Tokens(3 + place, 412 + 37 * place, 1_900 + 11 * place, 0, 94_000 - 1_300 * place),
            money=dollars(0.0612 + 0.0019 * place), stop_reason=stops[place % 5], is_lower_bound=place == 3,
            tools=tools[place % 5],
        )
        for place in range(count)
    )  # fmt: skip


_ADVISOR = ResponsePart("advisor_message", HAIKU, Tokens(1_200, 310), dollars(0.0021))


def detail(row: ResponseRow) -> ResponseDetail:
    """All that is known about one of them."""
    calls = tuple(
        ToolUse(name, f"toolu_{place:04}", 840 * (place + 1), place == 2, 12_400 * (place + 1))
        for place, name in enumerate(row.tools)
    )
    folder = "/home/ada/.claude/projects/-home-ada-src-tokentui"
    return ResponseDetail(
        response=row,
        message_id="msg_01HMadeUpMessage",
        request_id="req_011MadeUpRequest",
        session_id=session(0).session_id,
        agent_id="a2",
        first_line_at=row.at - timedelta(seconds=7),
        service_tier="standard",
        speed="fast",
        inference_geo="us",
        web_searches=1,
        price_basis="list price of 2026-11-22",
        log_path=f"{folder}/{session(0).session_id}.jsonl",
        log_offset=1_204_113,
        parts=(_ADVISOR,) if row.response_id % 2 else (),
        tools=calls,
    )
