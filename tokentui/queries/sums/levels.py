"""The levels of sums: single responses, and tables of what they come to by quarter of an hour, hour and day.

Which of them can tell what is asked for, and how a statement picks rows from each. Of the last minutes a connection may
keep levels of its own, by minute and second (`recent`).
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from typing import Literal, NamedTuple

from tokentui.instants import DAY_MS, EARLIEST_MS, HOUR_MS, LATEST_MS, MINUTE_MS, QUARTER_MS, SECOND_MS
from tokentui.queries.parameters import as_json
from tokentui.store.rollups import OF_A_RESPONSE, USED

_FEW = 64
"""Up to this many sessions are looked up one by one, rather than filtered out of everybody's usage."""

TOKENS = ("input_tokens", "output_tokens", "cache_write_5m_tokens", "cache_write_1h_tokens", "cache_read_tokens")

Key = Literal["at_ms", "session_id", "agent_id", "model_id"]


class Level(NamedTuple):
    """A table of sums of one length, or of single responses, as the statements see it."""

    span_ms: int
    tables: str
    at_ms: str
    session_id: str = "agent.session_id"
    before: str = ""
    """Set if the end of a range must be compared in a way that does not choose the index."""
    condition: str = ""
    is_single: bool = False
    by_life: bool = False
    """Whether to look up first which agents were there in the range; all that an agent used lies in its own time."""
    kept_ms: tuple[int, int] = (EARLIEST_MS, LATEST_MS)
    """The stretch of time in which the level covers all responses."""

    def column(self, name: str) -> str:
        """A column of `rollups.USED` of one row."""
        return OF_A_RESPONSE.get(name, f"used.{name}") if self.is_single else f"used.{name}"


class Only(NamedTuple):
    """Whose usage to sum: all conditions have to hold, None means no condition; ids are row ids."""

    sessions: frozenset[int] | None = None
    agents: frozenset[int] | None = None
    models: frozenset[int] | None = None
    agent_type: str | None = None
    """`main` for main threads; in lower or upper case."""


EVERYBODY = Only()


class Step(NamedTuple):
    """Equal stretches of time that follow one another, each named by its start."""

    length_ms: int
    origin_ms: int = 0
    """Where one of them begins; must not be later than what is summed."""


BY_DAY = Step(DAY_MS)

_AGENTS = "AS used CROSS JOIN agent ON agent.id = used.agent_id"
_OF_SESSIONS = "json_each(:sessions) AS wanted CROSS JOIN"
_OF_AGENTS = f"{_OF_SESSIONS} agent ON agent.session_id = wanted.value CROSS JOIN"
_OWN = "AS used ON used.agent_id = agent.id"

NOT_EMPTY = f"({', '.join(USED)}) <> ({', '.join('0' for _ in USED)})"
"""SQL: whether a row of `usage_total` holds anything; rows are never deleted, so some are all zeros."""
TOTALS = (
    *(
        Level(span, "usage_total AS used", "start_ms", condition=f" AND span_ms = {span} AND {NOT_EMPTY}")
        for span in (DAY_MS, HOUR_MS, QUARTER_MS)
    ),
    Level(1, "response AS used", "at_ms", is_single=True),
)
_BY_AGENT = (
    Level(QUARTER_MS, f"usage_quarter {_AGENTS}", "quarter_ms"),
    Level(1, f"response {_AGENTS}", "used.at_ms", is_single=True),
)
_BY_AGENT_OF_TYPE = (
    Level(QUARTER_MS, "agent CROSS JOIN usage_quarter AS used ON used.agent_id = agent.id", "quarter_ms", by_life=True),
    _BY_AGENT[-1],
)
_BY_AGENT_ALONE = (
    Level(QUARTER_MS, "usage_quarter AS used", "quarter_ms"),
    Level(1, "response AS used", "at_ms", is_single=True),
)
"""Levels by agent, read without looking up whose the agents are."""
_OF_GIVEN_AGENTS = "json_each(:agents) AS wanted CROSS JOIN"
_BY_GIVEN_AGENT = (
    Level(QUARTER_MS, f"{_OF_GIVEN_AGENTS} usage_quarter AS used ON used.agent_id = wanted.value", "quarter_ms"),
    Level(1, f"{_OF_GIVEN_AGENTS} response AS used ON used.agent_id = wanted.value", "at_ms", is_single=True),
)
_BY_SESSION = (
    Level(DAY_MS, "usage_day AS used", "day_ms", "used.session_id", "+day_ms"),
    Level(HOUR_MS, "usage_hour AS used", "hour_ms", "used.session_id"),
    *_BY_AGENT,
)
_BY_AGENT_OF_FEW = (
    Level(QUARTER_MS, f"{_OF_AGENTS} usage_quarter {_OWN}", "quarter_ms"),
    Level(1, f"{_OF_AGENTS} response {_OWN}", "used.at_ms", is_single=True),
)
_BY_SESSION_OF_FEW = (
    Level(
        DAY_MS,
        f"{_OF_SESSIONS} usage_day AS used ON used.session_id = wanted.value",
        "+day_ms",
        "used.session_id",
    ),
    *_BY_AGENT_OF_FEW,
)


def agents_of_type(connection: sqlite3.Connection, agent_type: str, since_ms: int) -> dict[int, int]:
    """Agents of a type (see `Only`) that were there since then: row id → last moment."""
    values = {"agent_type": agent_type.lower(), "since_ms": since_ms}
    statement = f"SELECT id, last_at_ms FROM agent WHERE last_at_ms >= :since_ms AND {_OF_TYPE}"
    return dict(connection.execute(statement, values).fetchall())


def levels_of(keys: Sequence[Key], only: Only, step: Step, by_second: tuple[int, int] | None = None) -> Sequence[Level]:
    """The levels that can answer a question, those with the widest sums first."""
    levels: Sequence[Level] = TOTALS
    by_agent = "agent_id" in keys or only.agents is not None or only.agent_type is not None
    is_few = only.sessions is not None and len(only.sessions) <= _FEW
    needs_agents = "session_id" in keys or only.sessions is not None or only.agent_type is not None
    if by_agent and only.agents is not None and not needs_agents:
        levels = _BY_GIVEN_AGENT
    elif by_agent:
        every = _BY_AGENT_OF_TYPE if only.agent_type is not None and only.sessions is None else _BY_AGENT
        levels = _BY_AGENT_OF_FEW if is_few else every if needs_agents else _BY_AGENT_ALONE
    elif "session_id" in keys or only.sessions is not None:
        levels = _BY_SESSION_OF_FEW if is_few else _BY_SESSION
    if by_second is not None:
        levels = [*levels[:-1], *_recent(by_second, only), levels[-1]]
    if "at_ms" not in keys:
        return levels
    return [level for level in levels if step.length_ms % level.span_ms == step.origin_ms % level.span_ms == 0]


def _recent(kept_ms: tuple[int, int], only: Only) -> Iterator[Level]:
    """The levels that a connection keeps for itself."""
    agents = _AGENTS if only.agent_type is not None else "AS used"
    minutes = -(-kept_ms[0] // MINUTE_MS) * MINUTE_MS, kept_ms[1] // MINUTE_MS * MINUTE_MS
    yield Level(MINUTE_MS, f"usage_minute {agents}", "start_ms", "used.session_id", kept_ms=minutes)
    yield Level(SECOND_MS, f"usage_second {agents}", "start_ms", "used.session_id", kept_ms=kept_ms)


def values_of(only: Only) -> dict[str, object]:
    """The parameters of a statement's conditions."""
    given = {"sessions": only.sessions, "agents": only.agents, "models": only.models}
    values: dict[str, object] = {name: as_json(ids) for name, ids in given.items() if ids is not None}
    if only.agent_type is not None:
        values["agent_type"] = only.agent_type.lower()
    return values


def conditions_of(level: Level, only: Only, start_ms: int, end_ms: int) -> str:
    """SQL conditions for the rows of a level that count; the range is from `:start_ms` to `:end_ms`."""
    conditions = ["true" + level.condition]
    if start_ms > EARLIEST_MS:
        conditions.append(f"{level.at_ms} >= :start_ms")
        conditions += ["agent.last_at_ms >= :start_ms"] * level.by_life
    if end_ms < LATEST_MS:
        conditions.append(f"{level.before or level.at_ms} < :end_ms")
        conditions += ["agent.first_at_ms < :end_ms"] * level.by_life
    if only.sessions is not None and _OF_SESSIONS not in level.tables:
        conditions.append(f"{level.session_id} IN (SELECT value FROM json_each(:sessions))")
    if only.agents is not None and _OF_GIVEN_AGENTS not in level.tables:
        conditions.append("used.agent_id IN (SELECT value FROM json_each(:agents))")
    if only.models is not None:
        conditions.append("used.model_id IN (SELECT value FROM json_each(:models))")
    if only.agent_type is not None:
        conditions.append(_OF_TYPE)
    return " AND ".join(conditions)


_OF_TYPE = (
    "(lower(agent.agent_type) = :agent_type OR (:agent_type = 'main' AND agent.agent_id = '') OR EXISTS ("
    "SELECT 1 FROM agent_link AS link WHERE link.session_id = agent.session_id AND link.agent_id = agent.agent_id "
    "AND lower(link.agent_type) = :agent_type))"
)
