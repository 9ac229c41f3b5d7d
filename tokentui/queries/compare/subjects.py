"""What can be compared: sessions, projects, weeks and models by the names that a user gives them."""

from __future__ import annotations

import re
import sqlite3
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo
from typing import Literal, NamedTuple

from tokentui.instants import EARLIEST_MS, midnight, ms_of, week_of
from tokentui.queries.names import model_names

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


class Subject(NamedTuple):
    """What a name stands for: whose usage, by row ids, and in which time; None for all."""

    kind: SideKind
    name: str
    label: str
    sessions: frozenset[int] | None
    models: frozenset[int] | None = None
    start_ms: int = EARLIEST_MS
    end_ms: int | None = None


def subject_called(connection: sqlite3.Connection, text: str, calendar: Calendar) -> Subject:
    """The session, project, week or model that is meant. Raises CompareError."""
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


def _session(connection: sqlite3.Connection, text: str) -> Subject | None:
    rows = connection.execute(
        "SELECT id, session_id, title FROM session WHERE instr(session_id, ?) = 1 ORDER BY session_id LIMIT 2", (text,)
    ).fetchall() if text else []  # fmt: skip
    if not rows:
        return None
    if len(rows) > 1 and rows[0][1] != text:
        raise CompareError(f"several sessions begin with {text!r}: give more of the id")
    return Subject("session", rows[0][1], rows[0][2] or rows[0][1], frozenset((rows[0][0],)))


def _project(connection: sqlite3.Connection, text: str) -> Subject | None:
    """The project of exactly this directory, else all that have the text in theirs."""
    for condition in ("project = ?", "instr(lower(project), lower(?))"):
        sessions = connection.execute(_WITH_AGENTS + condition, (text,)).fetchall() if text else []
        if sessions:
            break
    return Subject("project", text, text, frozenset(row[0] for row in sessions)) if sessions else None


_WITH_AGENTS = "SELECT id FROM session WHERE EXISTS (SELECT 1 FROM agent WHERE session_id = session.id) AND "


def _model(connection: sqlite3.Connection, text: str) -> Subject | None:
    """The model of exactly this name, else all that have the text in theirs."""
    names = model_names(connection)
    models = frozenset(row for row, name in names.items() if text and name == text)
    models = models or frozenset(row for row, name in names.items() if text and text.lower() in name.lower())
    return Subject("model", text, text, None, models) if models else None


def _week(text: str, calendar: Calendar) -> Subject | None:
    try:
        first = _first_day(text, calendar)
        if first is None:
            return None
        start_ms, end_ms = (ms_of(midnight(day, calendar.zone)) for day in (first, first + timedelta(days=7)))
    except (ValueError, OverflowError):  # no such day, or one at the ends of the calendar
        raise CompareError(f"{text!r} is no week: give a day in it, such as 2026-11-16, or 2026-W47") from None
    return Subject("week", first.isoformat(), f"week of {first.isoformat()}", None, None, start_ms, end_ms)


def _first_day(text: str, calendar: Calendar) -> date | None:
    """First day of the week that is meant; None if the name is no week.

    Raises ValueError or OverflowError where there is no such week.
    """
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
