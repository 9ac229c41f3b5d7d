"""Two sessions, projects, weeks or models side by side."""

from __future__ import annotations

import re
import sqlite3
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo
from typing import Literal, NamedTuple

from tokentui.instants import EARLIEST_MS, midnight, ms_of, week_of
from tokentui.queries.names import model_names
from tokentui.queries.results import Money
from tokentui.queries.row_ids import as_json
from tokentui.queries.sums.summing import summed
from tokentui.queries.sums.usage import Scope, all_of, by
from tokentui.records import Tokens, cache_hit_rate

SideKind = Literal["session", "project", "week", "model"]


class CompareError(ValueError):
    """What was named cannot be found, or is more than one thing; the message says what would do."""


@dataclass(frozen=True, slots=True)
class Calendar:
    """How weeks are counted."""

    now: datetime
    zone: tzinfo
    week_start: int = 0
    """0 for Monday."""


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
    """Without the cache it would have cost so much more."""

    @property
    def is_unpriced(self) -> bool:
        """Whether nothing of it has a price, which is not $0."""
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


class _Place(NamedTuple):
    kind: SideKind
    name: str
    label: str
    sessions: frozenset[int] | None
    models: frozenset[int] | None = None
    start_ms: int = EARLIEST_MS
    end_ms: int | None = None


def compare(connection: sqlite3.Connection, one: str, other: str, calendar: Calendar) -> tuple[Side, Side]:
    """Both sides. Each is named `session:ID`, `project:PART`, `week:2026-11-16`, `model:PART`, or without the word.

    A week is a day in it, `2026-W47`, `this-week` or `last-week`. Raises CompareError.
    """
    return _side(connection, one, calendar), _side(connection, other, calendar)


def _side(connection: sqlite3.Connection, text: str, calendar: Calendar) -> Side:
    place = _place(connection, text.strip(), calendar)
    scope = Scope(place.start_ms, place.end_ms, models=place.models, sessions=place.sessions)
    agents = _agents(connection, scope)
    by_model = by(connection, "model_id", scope)
    names = model_names(connection)
    models = [(names[row], sums.cost_pico_usd) for row, sums in by_model.items()]
    whole = all_of(by_model.values())
    agent_count, sessions = _agents_and_sessions(connection, agents)
    calls, errors = _calls(connection, agents, scope)
    return Side(
        kind=place.kind,
        name=place.name,
        label=place.label,
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
    """Row ids of the agents with any use, as a JSON list made by the database: of a large project they are many."""
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
    """How many agents these are, given as a JSON list of rows, and of how many sessions."""
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


def _place(connection: sqlite3.Connection, text: str, calendar: Calendar) -> _Place:
    word, colon, rest = text.partition(":")
    rest = rest.strip()
    if colon and word in ("session", "project", "week", "model") and rest:
        found = {
            "session": lambda: _session(connection, rest),
            "project": lambda: _project(connection, rest),
            "week": lambda: _week(rest, calendar),
            "model": lambda: _model(connection, rest),
        }[word]()
    else:
        found = _week(text, calendar) or _session(connection, text) or _model(connection, text)
        found = found or _project(connection, text)
    if found is None:
        raise CompareError(
            f"{text!r} is no session, project, model or week: give session:ID, project:PART, model:PART or "
            "week:2026-11-16"
        )
    return found


def _session(connection: sqlite3.Connection, text: str) -> _Place | None:
    rows = connection.execute(
        "SELECT id, session_id, title FROM session WHERE instr(session_id, ?) = 1 ORDER BY session_id LIMIT 2", (text,)
    ).fetchall() if text else []  # fmt: skip
    if not rows:
        return None
    if len(rows) > 1 and rows[0][1] != text:
        raise CompareError(f"several sessions begin with {text!r}: give more of the id")
    return _Place("session", rows[0][1], rows[0][2] or rows[0][1], frozenset((rows[0][0],)))


def _project(connection: sqlite3.Connection, text: str) -> _Place | None:
    """The project of exactly this directory, else all that have the text in theirs."""
    for condition in ("project = ?", "instr(lower(project), lower(?))"):
        sessions = connection.execute(_WITH_AGENTS + condition, (text,)).fetchall() if text else []
        if sessions:
            break
    return _Place("project", text, text, frozenset(row[0] for row in sessions)) if sessions else None


_WITH_AGENTS = "SELECT id FROM session WHERE EXISTS (SELECT 1 FROM agent WHERE session_id = session.id) AND "


def _model(connection: sqlite3.Connection, text: str) -> _Place | None:
    """The model of exactly this name, else all that have the text in theirs."""
    names = model_names(connection)
    models = frozenset(row for row, name in names.items() if text and name == text)
    models = models or frozenset(row for row, name in names.items() if text and text.lower() in name.lower())
    return _Place("model", text, text, None, models) if models else None


def _week(text: str, calendar: Calendar) -> _Place | None:
    try:
        first = _first_day(text, calendar)
        if first is None:
            return None
        start_ms, end_ms = (ms_of(midnight(day, calendar.zone)) for day in (first, first + timedelta(days=7)))
    except (ValueError, OverflowError):  # no such day, or one at the ends of the calendar
        raise CompareError(f"{text!r} is no week: give a day in it, such as 2026-11-16, or 2026-W47") from None
    return _Place("week", first.isoformat(), f"week of {first.isoformat()}", None, None, start_ms, end_ms)


def _first_day(text: str, calendar: Calendar) -> date | None:
    """Of the week that is meant; None where none is. Raises ValueError or OverflowError where there is no such week."""
    this = week_of(calendar.now.astimezone(calendar.zone).date(), calendar.week_start)
    if text in ("this", "this-week"):
        return this
    if text in ("last", "last-week"):
        return this - timedelta(days=7)
    if re.fullmatch(r"\d{4}-W\d{2}", text):
        return week_of(date.fromisoformat(f"{text}-4"), calendar.week_start)
    if re.fullmatch(r"\d{4}-\d{2}-\d{2}", text):
        return week_of(date.fromisoformat(text), calendar.week_start)
    return None
