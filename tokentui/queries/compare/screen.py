"""What there is to compare, and two of it side by side: the whole answer for the screen."""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from tokentui.queries.compare.side_by_side import Calendar, CompareError, Side, SideKind, compare
from tokentui.queries.results import Money
from tokentui.queries.sums.levels import NOT_EMPTY
from tokentui.store.rollups import QUARTER_MS
from tokentui.watch.windows import week_of

MOST_CHOICES = 200


@dataclass(frozen=True, slots=True)
class Choice:
    """One session, project, week or model."""

    name: str
    """By which `compare` finds it."""
    label: str
    """Its title, or the name again."""
    money: Money
    total_tokens: int
    responses: int
    last_at_ms: int
    """Start of the newest quarter of an hour with any use."""


@dataclass(frozen=True, eq=False, slots=True)
class Comparison:
    """Two sides, and what else could be chosen."""

    as_of: datetime
    kind: SideKind
    sides: tuple[Side, ...]
    """Two of them; fewer where there are not two things to compare."""
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
    """Names that were left empty become the first choices; of weeks the older one stands on the left."""
    one, other = names
    left = [choice.name for choice in choices if choice.name not in names]
    if not one and not other and is_newest_right:
        left[:2] = reversed(left[:2])
    one = one or (left.pop(0) if left else "")
    return one, other or (left.pop(0) if left else "")


def choices_of(connection: sqlite3.Connection, kind: SideKind, calendar: Calendar) -> tuple[Choice, ...]:
    """Everything of a kind that has any use."""
    return {"session": _sessions, "project": _projects, "week": _weeks, "model": _models}[kind](connection, calendar)


_FIGURES = """sum(responses), sum(unpriced_responses), sum(lower_bound_responses), sum(cost_pico_usd),
    sum(input_tokens + output_tokens + cache_write_5m_tokens + cache_write_1h_tokens + cache_read_tokens),
    max(quarter_ms)"""
_ALL_SESSIONS = f"(SELECT *, start_ms AS quarter_ms FROM usage_total WHERE span_ms = {QUARTER_MS} AND {NOT_EMPTY})"
"""What all sessions used by quarter of an hour and model, where nothing else needs to be told apart."""
_USED = "usage_quarter JOIN agent ON agent.id = usage_quarter.agent_id JOIN session ON session.id = agent.session_id"


def _choice(name: str, label: str, figures: tuple[Any, ...]) -> Choice:
    responses, unpriced, lower_bounds, cost, tokens, last = figures
    return Choice(name, label or name, Money(cost, unpriced, lower_bounds), tokens, responses, last)


def _sessions(connection: sqlite3.Connection, _calendar: Calendar) -> tuple[Choice, ...]:
    rows = connection.execute(
        f"SELECT session.session_id, session.title, {_FIGURES} FROM (SELECT id FROM session "
        f"ORDER BY last_at_ms DESC LIMIT {MOST_CHOICES}) AS newest JOIN agent ON agent.session_id = newest.id "
        "JOIN session ON session.id = newest.id JOIN usage_quarter ON usage_quarter.agent_id = agent.id "
        "GROUP BY session.id ORDER BY session.last_at_ms DESC, session.session_id"
    )
    return tuple(_choice(row[0], row[1], row[2:]) for row in rows)


def _projects(connection: sqlite3.Connection, _calendar: Calendar) -> tuple[Choice, ...]:
    return _costliest(
        connection.execute(f"SELECT project, {_FIGURES} FROM {_USED} WHERE project <> '' GROUP BY project").fetchall()
    )


def _models(connection: sqlite3.Connection, _calendar: Calendar) -> tuple[Choice, ...]:
    return _costliest(
        connection.execute(
            f"SELECT model.name, {_FIGURES} FROM {_ALL_SESSIONS} JOIN model ON model.id = model_id GROUP BY model.id"
        ).fetchall()
    )


def _costliest(rows: list[tuple[Any, ...]]) -> tuple[Choice, ...]:
    choices = (_choice(row[0], row[0], row[1:]) for row in rows)
    return tuple(sorted(choices, key=lambda choice: (-choice.money.pico_usd, choice.name)))


def _weeks(connection: sqlite3.Connection, calendar: Calendar) -> tuple[Choice, ...]:
    """Local weeks, from sums by quarter of an hour."""
    weeks: dict[str, list[tuple[int, ...]]] = defaultdict(list)
    for quarter_ms, *figures in connection.execute(f"SELECT quarter_ms, {_FIGURES} FROM {_ALL_SESSIONS} GROUP BY 1"):
        day = datetime.fromtimestamp(quarter_ms / 1000, calendar.zone).date()
        weeks[week_of(day, calendar.week_start).isoformat()].append(tuple(figures))
    choices = []
    for name, parts in weeks.items():
        *sums, last = zip(*parts, strict=True)
        choices.append(_choice(name, f"week of {name}", (*map(sum, sums), max(last))))
    return tuple(sorted(choices, key=lambda choice: choice.name, reverse=True))
