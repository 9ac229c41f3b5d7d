"""Cuts a session into turns: from one human or queued prompt to the next, with all that was done and billed.

Every response of every agent belongs to exactly one turn, by its time, so the turns add up to the session.
"""

from __future__ import annotations

import json
import sqlite3
from bisect import bisect_right
from dataclasses import dataclass, field
from datetime import datetime
from operator import add

from tokentui.instants import moment_of
from tokentui.queries.results import Money
from tokentui.queries.session.rows import called, happened, session_row
from tokentui.records import Tokens


@dataclass(frozen=True, slots=True)
class Turn:
    """One turn."""

    number: int
    """From 1; 0 for what happened before any prompt, or without one."""
    started_at: datetime
    """When the prompt was given; of turn 0 its first response or call."""
    source: str
    """`typed`, `queued`, `sdk` and so on, as logged; empty for turn 0."""
    responses: int
    tokens: Tokens
    money: Money
    lower_bound_responses: int
    agents: int
    """Agents with a response in it, the main thread included."""
    tool_calls: int
    tool_errors: int
    duration_ms: int
    """From the prompt to the last response or tool result of any agent in it."""
    api_ms: int | None
    """Claude Code's own `turn_duration`, added up; None where it logged none."""
    waiting_ms: int | None
    """From the end of the work to the next prompt; None for the last turn."""


@dataclass(frozen=True, eq=False, slots=True)
class SessionTurns:
    """The turns of a session in order."""

    session_id: str
    turns: tuple[Turn, ...]

    def costliest(self) -> tuple[Turn, ...]:
        """The costliest first; of equal cost the one with more tokens."""
        return tuple(sorted(self.turns, key=lambda turn: (-turn.money.pico_usd, -turn.tokens.total, turn.number)))


@dataclass(slots=True)
class _Sums:
    start_ms: int | None
    source: str = ""
    responses: int = 0
    tokens: list[int] = field(default_factory=lambda: [0] * 5)
    pico_usd: int = 0
    unpriced: int = 0
    lower_bounds: int = 0
    agents: set[int] = field(default_factory=set)
    calls: int = 0
    errors: int = 0
    end_ms: int = 0
    api_ms: int | None = None

    def reach(self, begin_ms: int, end_ms: int) -> None:
        """Prolong the turn to a moment at which something happened in it."""
        self.end_ms = max(self.end_ms, end_ms)
        if not self.source:
            self.start_ms = begin_ms if self.start_ms is None else min(self.start_ms, begin_ms)


def session_turns(connection: sqlite3.Connection, session_id: str) -> SessionTurns:
    """The turns of a session; none if the session is not stored."""
    row = session_row(connection, session_id)
    if row is None:
        return SessionTurns(session_id, ())
    sums = [_Sums(None)]
    starts: list[int] = []
    for prompt in happened(connection, row, "prompt"):
        starts.append(prompt.at_ms)
        sums.append(_Sums(prompt.at_ms, str(_detail(prompt.detail).get("source") or "typed"), end_ms=prompt.at_ms))
    _add_responses(connection, row, starts, sums)
    _add_calls(connection, row, starts, sums)
    for end in happened(connection, row, "turn end"):
        took = _detail(end.detail).get("duration_ms")
        if isinstance(took, int):
            # it is logged when the turn is over: one that comes with the next prompt is still of the turn before
            turn = sums[bisect_right(starts, end.at_ms - 1)]
            turn.api_ms = (turn.api_ms or 0) + took
    return SessionTurns(session_id, tuple(_turns(starts, sums)))


def _add_responses(connection: sqlite3.Connection, row: int, starts: list[int], sums: list[_Sums]) -> None:
    """Add the responses to their turns, from plain rows: this runs for every response of the session."""
    for agent, part, at_ms, is_lower_bound, cost, *tokens in connection.execute(
        "SELECT response.agent_id, part, at_ms, is_lower_bound, cost_pico_usd, input_tokens, output_tokens, "
        "cache_write_5m_tokens, cache_write_1h_tokens, cache_read_tokens "
        "FROM agent JOIN response ON response.agent_id = agent.id WHERE session_id = ?",
        (row,),
    ):
        turn = sums[bisect_right(starts, at_ms)]
        turn.reach(at_ms, at_ms)
        turn.agents.add(agent)
        if part == 0:
            turn.responses += 1
            turn.lower_bounds += is_lower_bound
        if cost is None:
            turn.unpriced += 1
        else:
            turn.pico_usd += cost
        turn.tokens = list(map(add, turn.tokens, tokens))


def _add_calls(connection: sqlite3.Connection, row: int, starts: list[int], sums: list[_Sums]) -> None:
    for call in called(connection, row):
        index = bisect_right(starts, call.at_ms)
        turn = sums[index]
        end_ms = call.result_at_ms or call.at_ms
        if index < len(starts):
            end_ms = min(end_ms, starts[index])  # a result of the next turn or later prolongs no earlier one
        turn.reach(call.at_ms, max(end_ms, call.at_ms))
        turn.calls += 1
        turn.errors += call.is_error or 0


def _turns(starts: list[int], sums: list[_Sums]) -> list[Turn]:
    found = []
    for number, turn in enumerate(sums):
        if turn.start_ms is None:
            continue  # nothing happened before the first prompt
        following = starts[number] if number < len(starts) else None
        found.append(
            Turn(
                number=number,
                started_at=moment_of(turn.start_ms),
                source=turn.source,
                responses=turn.responses,
                tokens=Tokens(*turn.tokens),
                money=Money(turn.pico_usd, turn.unpriced),
                lower_bound_responses=turn.lower_bounds,
                agents=len(turn.agents),
                tool_calls=turn.calls,
                tool_errors=turn.errors,
                duration_ms=max(turn.end_ms - turn.start_ms, 0),
                api_ms=turn.api_ms,
                waiting_ms=None if following is None else max(following - turn.end_ms, 0),
            )
        )
    return found


def _detail(text: str) -> dict[str, object]:
    value = json.loads(text)
    return value if isinstance(value, dict) else {}
