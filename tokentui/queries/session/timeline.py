"""Finds out when each agent of a session was at work, so that a fan-out shows as a shape."""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from tokentui.instants import MINUTE_MS, moment_of
from tokentui.queries.session.rows import members, session_row

STILL_AT_WORK_MS = MINUTE_MS
"""Two records of an agent no further apart than this belong to one stretch of work."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """A stretch in which an agent was at work: a response being written, or a tool call not yet answered."""

    start_at: datetime
    end_at: datetime


@dataclass(frozen=True, slots=True)
class Lane:
    """One agent."""

    agent_id: str
    """Empty for the main thread."""
    stretches: tuple[Stretch, ...]
    """The oldest first; never overlapping."""


@dataclass(frozen=True, eq=False, slots=True)
class Timeline:
    """The agents of a session over time."""

    session_id: str
    start_at: datetime | None
    """Start of the first stretch; None if nobody has worked yet."""
    end_at: datetime | None
    lanes: tuple[Lane, ...]
    """In the order in which the agents began; agents without any work are left out."""
    at_once: tuple[int, ...]
    """Most agents at work at the same moment in each of equal parts of the time."""
    most_at_once: int


def session_timeline(connection: sqlite3.Connection, session_id: str, columns: int = 120) -> Timeline:
    """The timeline of a session, with its concurrency in `columns` parts; empty if the session is not stored."""
    row = session_row(connection, session_id)
    spans = {} if row is None else _spans(connection, row)
    if row is None or not spans:
        return Timeline(session_id, None, None, (), (), 0)
    agents = members(connection, row)
    start = min(own[0][0] for own in spans.values())
    end = max(own[-1][1] for own in spans.values())
    ordered = sorted(spans, key=lambda agent: (spans[agent][0][0], agents[agent].agent_id))
    lanes = (
        Lane(agents[agent].agent_id, tuple(Stretch(moment_of(first), moment_of(last)) for first, last in spans[agent]))
        for agent in ordered
    )
    every = [span for own in spans.values() for span in own]
    at_once = most_at_once(every, start, end, max(columns, 1))
    return Timeline(session_id, moment_of(start), moment_of(end), tuple(lanes), at_once, max(at_once))


Span = tuple[int, int]
"""Beginning and end in milliseconds."""


def _spans(connection: sqlite3.Connection, row: int) -> dict[int, list[Span]]:
    """Stretches of work by agent, joined where they touch: each response, each call up to its result."""
    spans: dict[int, list[Span]] = defaultdict(list)
    for agent, at_ms in connection.execute(
        "SELECT response.agent_id, at_ms FROM agent JOIN response ON response.agent_id = agent.id WHERE session_id = ?",
        (row,),
    ):
        spans[agent].append((at_ms, at_ms))
    for agent, at_ms, result_at_ms in connection.execute(
        "SELECT tool_call.agent_id, at_ms, result_at_ms FROM agent JOIN tool_call ON tool_call.agent_id = agent.id "
        "WHERE session_id = ?",
        (row,),
    ):
        spans[agent].append((at_ms, max(result_at_ms or at_ms, at_ms)))
    return {agent: _joined(own) for agent, own in spans.items()}


def _joined(spans: list[Span]) -> list[Span]:
    joined: list[Span] = []
    for start, end in sorted(spans):
        if joined and start - joined[-1][1] <= STILL_AT_WORK_MS:
            joined[-1] = (joined[-1][0], max(joined[-1][1], end))
        else:
            joined.append((start, end))
    return joined


def most_at_once(spans: Iterable[Span], start: int, end: int, columns: int) -> tuple[int, ...]:
    """The most at the same moment in each of equal parts of a time: a sweep over beginnings and ends."""
    spans = list(spans)
    width = max(end - start, 1)
    most = [0] * columns
    running, last = 0, 0
    changes = sorted([(first, 0) for first, _ in spans] + [(final, 1) for _, final in spans])
    for at, is_end in changes:
        column = min((at - start) * columns // width, columns - 1)
        for between in range(last, column + 1):
            most[between] = max(most[between], running)
        running += -1 if is_end else 1
        most[column] = max(most[column], running)
        last = column
    return tuple(most)
