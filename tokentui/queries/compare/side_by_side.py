"""Two sessions, projects, weeks or models side by side."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass

from tokentui.queries.compare.subjects import Calendar, SideKind, subject_called
from tokentui.queries.names import model_names
from tokentui.queries.parameters import as_json
from tokentui.queries.results import Money
from tokentui.queries.sums.summing import summed
from tokentui.queries.sums.usage import Scope, all_of, by
from tokentui.records import Tokens, cache_hit_rate


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two: sums over its whole life, or over the week."""

    kind: SideKind
    name: str
    """A session's id, a part of a project's directory, the first day of a week, a part of a model's name."""
    label: str
    """A session's title, or the name again."""
    responses: int
    lower_bound_responses: int
    tokens: Tokens
    money: Money
    sessions: int
    agents: int
    models: tuple[tuple[str, int], ...]
    """(model, pico-USD), the costliest first."""
    tool_calls: int
    tool_errors: int
    saved_pico_usd: int
    """How much more it would have cost without the cache."""

    @property
    def is_unpriced(self) -> bool:
        """Whether none of it has a price, which is not the same as $0."""
        return self.money.unpriced_responses > 0 and not self.money.pico_usd

    @property
    def hit_rate(self) -> float | None:
        """Reads ÷ (reads + writes + uncached input)."""
        return cache_hit_rate(self.tokens)

    @property
    def pico_usd_per_response(self) -> int | None:
        """Of the responses that have a price."""
        priced = self.responses - self.money.unpriced_responses
        return self.money.pico_usd // priced if priced > 0 else None

    @property
    def pico_usd_per_agent(self) -> int | None:
        """Main threads included."""
        return self.money.pico_usd // self.agents if self.agents else None


def compare(connection: sqlite3.Connection, one: str, other: str, calendar: Calendar) -> tuple[Side, Side]:
    """Both sides. Each is named `session:ID`, `project:PART`, `week:2026-11-16`, `model:PART`, or without the word.

    A week is a day in it, `2026-W47`, `this-week` or `last-week`. Raises CompareError.
    """
    return _side(connection, one, calendar), _side(connection, other, calendar)


def _side(connection: sqlite3.Connection, text: str, calendar: Calendar) -> Side:
    subject = subject_called(connection, text.strip(), calendar)
    scope = Scope(subject.start_ms, subject.end_ms, models=subject.models, sessions=subject.sessions)
    agents = _agents(connection, scope)
    by_model = by(connection, "model_id", scope)
    names = model_names(connection)
    models = [(names[row], sums.cost_pico_usd) for row, sums in by_model.items()]
    whole = all_of(by_model.values())
    agent_count, sessions = _agents_and_sessions(connection, agents)
    calls, errors = _calls(connection, agents, scope)
    return Side(
        kind=subject.kind,
        name=subject.name,
        label=subject.label,
        responses=whole.responses,
        lower_bound_responses=whole.lower_bound_responses,
        tokens=whole.tokens,
        money=whole.money,
        sessions=sessions,
        agents=agent_count,
        models=tuple(sorted(models, key=lambda model: (-model[1], model[0]))),
        tool_calls=calls,
        tool_errors=errors,
        saved_pico_usd=whole.uncached_pico_usd - whole.cost_pico_usd,
    )


def _agents(connection: sqlite3.Connection, scope: Scope) -> str:
    """Row ids of the agents with any usage, as a JSON list made by the database, since they may be many."""
    if scope.sessions is not None:
        return str(connection.execute(_OF_SESSIONS, (as_json(scope.sessions),)).fetchone()[0])
    if scope.models is not None:
        return str(connection.execute(_OF_MODELS, (as_json(scope.models),)).fetchone()[0])
    return as_json(agent for (agent,) in summed(connection, ("agent_id",), scope.span, columns=("responses",)))


_OF_SESSIONS = """
SELECT json_group_array(agent.id) FROM json_each(?) AS wanted CROSS JOIN agent ON agent.session_id = wanted.value
WHERE EXISTS (SELECT 1 FROM usage_quarter WHERE usage_quarter.agent_id = agent.id)
"""
_OF_MODELS = """
SELECT json_group_array(agent_id) FROM (
    SELECT DISTINCT agent_id FROM usage_quarter WHERE model_id IN (SELECT value FROM json_each(?)))
"""


def _agents_and_sessions(connection: sqlite3.Connection, agents: str) -> tuple[int, int]:
    """How many agents a JSON list of row ids has, and of how many sessions they are."""
    row = connection.execute(
        "SELECT count(*), count(DISTINCT session_id) FROM json_each(?) AS wanted JOIN agent ON agent.id = wanted.value",
        (agents,),
    ).fetchone()
    return int(row[0]), int(row[1])


_CALLS = (
    "SELECT count(*) FROM json_each(?) AS wanted "
    "JOIN tool_call ON tool_call.agent_id = wanted.value AND at_ms >= ? AND at_ms < ?"
)
"""Counted from an index alone, as those that failed are from one of their own."""


def _calls(connection: sqlite3.Connection, agents: str, scope: Scope) -> tuple[int, int]:
    """Tool calls of the agents in the time, and how many of them failed.

    Of a model's agents all of them, whichever model made the call.
    """
    calls, errors = (
        connection.execute(statement, (agents, *scope.span)).fetchone()[0]
        for statement in (_CALLS, f"{_CALLS} AND is_error")
    )
    return int(calls), int(errors)
