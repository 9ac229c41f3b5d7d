"""The compare screen's whole answer: two sides, and what else could be chosen."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from tokentui.instants import DAY_MS, QUARTER_MS, ms_of
from tokentui.queries.compare.side_by_side import Side, compare
from tokentui.queries.compare.subjects import Calendar, CompareError, SideKind
from tokentui.queries.results import Money
from tokentui.queries.sums.levels import NOT_EMPTY
from tokentui.queries.sums.local_times import local_stretches
from tokentui.queries.sums.scoped import used_days
from tokentui.queries.sums.usage import Scope, total

MOST_CHOICES = 200


@dataclass(frozen=True, slots=True)
class Choice:
    """One session, project, week or model."""

    name: str
    """The name under which `compare` finds it."""
    label: str
    """Its title, or the name again."""
    money: Money
    total_tokens: int
    responses: int
    last_at_ms: int
    """Time of its newest response; for sessions and projects, of the newest line."""


@dataclass(frozen=True, eq=False, slots=True)
class Comparison:
    """Two sides, and what else could be chosen."""

    as_of: datetime
    kind: SideKind
    sides: tuple[Side, ...]
    """Two sides; fewer where there are not two things to compare."""
    choices: tuple[Choice, ...]
    """The newest sessions and weeks first, the costliest projects and models first."""
    trouble: str = ""
    """Why the two could not be compared."""


def comparison(
    connection: sqlite3.Connection, kind: SideKind, names: tuple[str, str], calendar: Calendar
) -> Comparison:
    """The two sides of these names; an empty name takes the first choice that is not the other one."""
    choices = choices_of(connection, kind, calendar)
    one, other = _filled(names, choices, is_newest_right=kind == "week")
    sides: tuple[Side, ...] = ()
    trouble = ""
    try:
        if one:
            sides = compare(connection, f"{kind}:{one}", f"{kind}:{other or one}", calendar)[: 2 if other else 1]
    except CompareError as error:
        trouble = str(error)
    return Comparison(calendar.now.astimezone(UTC), kind, sides, choices[:MOST_CHOICES], trouble)


def _filled(names: tuple[str, str], choices: tuple[Choice, ...], *, is_newest_right: bool) -> tuple[str, str]:
    """Fill empty names with the first choices; of two weeks the older one goes to the left."""
    one, other = names
    left = [choice.name for choice in choices if choice.name not in names]
    if not one and not other and is_newest_right:
        left[:2] = reversed(left[:2])
    one = one or (left.pop(0) if left else "")
    return one, other or (left.pop(0) if left else "")


def choices_of(connection: sqlite3.Connection, kind: SideKind, calendar: Calendar) -> tuple[Choice, ...]:
    """Every session, project, week or model with any usage."""
    return {"session": _sessions, "project": _projects, "week": _weeks, "model": _models}[kind](connection, calendar)


_SUMS = """sum(responses), sum(unpriced_responses), sum(lower_bound_responses), sum(cost_pico_usd),
    sum(input_tokens + output_tokens + cache_write_5m_tokens + cache_write_1h_tokens + cache_read_tokens)"""
_SESSIONS = f"""
SELECT session.session_id, session.title, {_SUMS}, session.last_at_ms
FROM (SELECT id FROM session ORDER BY last_at_ms DESC LIMIT {MOST_CHOICES}) AS newest
JOIN agent ON agent.session_id = newest.id JOIN session ON session.id = newest.id
JOIN usage_quarter ON usage_quarter.agent_id = agent.id
GROUP BY session.id ORDER BY session.last_at_ms DESC, session.session_id
"""
_PROJECTS = f"""
SELECT project, {_SUMS} FROM usage_day AS used JOIN session ON session.id = used.session_id
WHERE project <> '' GROUP BY project
"""
_NEWEST_OF_PROJECTS = "SELECT project, max(last_at_ms) FROM session WHERE project <> '' GROUP BY project"
_ALL = f"FROM usage_total WHERE {NOT_EMPTY} AND span_ms ="
_MODELS = f"""
SELECT name, {_SUMS}, (
    SELECT max(at_ms) FROM response WHERE response.model_id = model.id
    AND at_ms >= (SELECT max(start_ms) {_ALL} {QUARTER_MS} AND model_id = model.id)
)
FROM model JOIN (SELECT * {_ALL} {DAY_MS}) AS used ON used.model_id = model.id GROUP BY model.id
"""
_NEWEST_BETWEEN = "SELECT max(at_ms) FROM response WHERE at_ms >= ? AND at_ms < ?"


def _choice(name: str, label: str, figures: tuple[Any, ...]) -> Choice:
    responses, unpriced, lower_bounds, cost, tokens, last = figures
    return Choice(name, label or name, Money(cost, unpriced, lower_bounds), tokens, responses, last)


def _sessions(connection: sqlite3.Connection, _calendar: Calendar) -> tuple[Choice, ...]:
    return tuple(_choice(row[0], row[1], row[2:]) for row in connection.execute(_SESSIONS))


def _projects(connection: sqlite3.Connection, _calendar: Calendar) -> tuple[Choice, ...]:
    newest = dict(connection.execute(_NEWEST_OF_PROJECTS).fetchall())
    return _costliest([(*row, newest[row[0]]) for row in connection.execute(_PROJECTS)])


def _models(connection: sqlite3.Connection, _calendar: Calendar) -> tuple[Choice, ...]:
    return _costliest(connection.execute(_MODELS).fetchall())


def _costliest(rows: list[tuple[Any, ...]]) -> tuple[Choice, ...]:
    choices = (_choice(row[0], row[0], row[1:]) for row in rows)
    return tuple(sorted(choices, key=lambda choice: (-choice.money.pico_usd, choice.name)))


def _weeks(connection: sqlite3.Connection, calendar: Calendar) -> tuple[Choice, ...]:
    """Local weeks with any usage, the newest first."""
    choices = []
    weeks = local_stretches(used_days(connection), "week", calendar.zone, calendar.week_start)
    for name, (start, end) in reversed(weeks):
        span = ms_of(start), ms_of(end)
        newest = connection.execute(_NEWEST_BETWEEN, span).fetchone()[0]
        if newest is not None:
            used = total(connection, Scope(*span))
            choices.append(Choice(name, f"week of {name}", used.money, used.tokens.total, used.responses, newest))
    return tuple(choices)
