"""The context of an agent: how full its window is at each response, how it grows, and what compactions did."""

from __future__ import annotations

import json
import sqlite3
from bisect import bisect_right
from dataclasses import dataclass
from datetime import datetime

from tokentui.instants import moment_of
from tokentui.pricing.context_windows import window_tokens
from tokentui.queries.names import model_names
from tokentui.queries.session.rows import Happened, Spoken, happened, session_row, spoken


@dataclass(frozen=True, slots=True)
class ContextStep:
    """The context at one response."""

    response_id: int
    at: datetime
    model: str
    prompt_tokens: int
    """Uncached input + cache reads + cache writes."""
    window_tokens: int | None
    """None where the model's window is not known."""
    growth_tokens: int
    """Growth against the prompt before; negative after a compaction; for the first prompt its size."""

    @property
    def share(self) -> float | None:
        """Prompt ÷ window."""
        return self.prompt_tokens / self.window_tokens if self.window_tokens else None


@dataclass(frozen=True, slots=True)
class Compaction:
    """One compaction; tokens are the log's own where it names them, else those of the prompts around it."""

    at: datetime
    trigger: str
    """`auto`, `manual`, or empty."""
    before_tokens: int | None
    after_tokens: int | None
    duration_ms: int | None


@dataclass(frozen=True, slots=True)
class TurnGrowth:
    """How much an agent's context grew from one prompt of the user to the next."""

    number: int
    """Of the session's turn in which it began; 0 before any prompt."""
    started_at: datetime
    growth_tokens: int
    """Last prompt of the turn − last prompt before it."""
    responses: int


@dataclass(frozen=True, eq=False, slots=True)
class AgentContext:
    """The context of one agent, the oldest first."""

    session_id: str
    agent_id: str
    steps: tuple[ContextStep, ...]
    compactions: tuple[Compaction, ...]
    turns: tuple[TurnGrowth, ...]
    """Turns in which the agent had a response; for an agent that nobody prompts, as sub-agents, only the first."""


def agent_context(connection: sqlite3.Connection, session_id: str, agent_id: str = "") -> AgentContext:
    """The context of an agent; empty if the agent is not stored."""
    row = session_row(connection, session_id)
    found = None if row is None else connection.execute(
        "SELECT id FROM agent WHERE session_id = ? AND agent_id = ?", (row, agent_id)
    ).fetchone()  # fmt: skip
    if row is None or found is None:
        return AgentContext(session_id, agent_id, (), (), ())
    names = model_names(connection)
    responses = [one for one in spoken(connection, row, found[0]) if one.part == 0]
    events = [one for one in happened(connection, row, "compaction") if one.agent_row == found[0]]
    prompts = happened(connection, row, "prompt")
    return AgentContext(
        session_id,
        agent_id,
        tuple(_steps(responses, names)),
        tuple(_compaction(event, responses) for event in events),
        tuple(_turns(responses, prompts, found[0])),
    )


def _steps(responses: list[Spoken], names: dict[int, str]) -> list[ContextStep]:
    windows = {model: window_tokens(name) for model, name in names.items()}
    steps, before = [], 0
    for one in responses:
        window = windows[one.model_id]
        steps.append(
            ContextStep(one.response_id, moment_of(one.at_ms), names[one.model_id], one.prompt_tokens, window,
                        one.prompt_tokens - before)
        )  # fmt: skip
        before = one.prompt_tokens
    return steps


def _compaction(event: Happened, responses: list[Spoken]) -> Compaction:
    detail = json.loads(event.detail)
    after = bisect_right(responses, event.at_ms, key=lambda one: one.at_ms)
    before_tokens, after_tokens = detail.get("before_tokens"), detail.get("after_tokens")
    if before_tokens is None and after > 0:
        before_tokens = responses[after - 1].prompt_tokens
    if after_tokens is None and after < len(responses):
        after_tokens = responses[after].prompt_tokens
    return Compaction(
        moment_of(event.at_ms), detail.get("trigger") or "", before_tokens, after_tokens, detail.get("duration_ms")
    )


def _turns(responses: list[Spoken], prompts: list[Happened], agent: int) -> list[TurnGrowth]:
    starts, own = [one.at_ms for one in prompts], [one.at_ms for one in prompts if one.agent_row == agent]
    ends: dict[int, tuple[int, int, int]] = {}
    for one in responses:
        turn = bisect_right(own, one.at_ms)
        first, _, count = ends.get(turn, (one.at_ms, 0, 0))
        ends[turn] = (own[turn - 1] if turn else first, one.prompt_tokens, count + 1)
    grown, before = [], 0
    for start_ms, last, count in ends.values():
        grown.append(TurnGrowth(bisect_right(starts, start_ms), moment_of(start_ms), last - before, count))
        before = last
    return grown
