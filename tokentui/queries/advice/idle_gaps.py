"""Rebuilds after idle gaps that a one-hour cache would have saved."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass, field

from tokentui.instants import HOUR_MS
from tokentui.pricing.book import RateBook
from tokentui.queries.advice.findings import Evidence, Finding, costliest, finding_key
from tokentui.queries.cache.mix import MixSums
from tokentui.queries.cache.results import FIVE_MINUTES_MS, CacheStep
from tokentui.queries.cache.steps import Steps

_RECKONING = (
    "What was written again after 5 to 60 idle minutes would have been read at the read rate; every other 5-minute "
    "write would have cost the 1-hour rate. Low: all agents of the project write for an hour; high: only those "
    "that such a gap cost more than the longer life would have."
)


@dataclass(slots=True)
class _Project:
    """The sums of a project's agents; money in pico-dollars."""

    net: int = 0
    best: int = 0
    count: int = 0
    tokens: int = 0
    evidence: list[Evidence] = field(default_factory=list)

    def add(self, session_id: str, net: int, late: list[CacheStep]) -> None:
        """Add an agent: what an hour's cache would have saved it, and its rebuilds that came too late."""
        self.net += net
        self.best += max(net, 0)
        self.count += len(late)
        self.tokens += sum(step.rewritten_tokens for step in late)
        self.evidence += [
            Evidence(session_id, step.agent_id, step.response_id, "", step.premium_pico_usd or 0) for step in late
        ]


_PAUSED = f"""
WITH quiet AS (  -- nothing answered for so long: looked for in an index alone, which most agents do not pass
    SELECT id FROM agent
    WHERE last_at_ms >= :since_ms AND last_at_ms - first_at_ms >= {FIVE_MINUTES_MS} AND EXISTS (
        SELECT 1 FROM response WHERE agent_id = agent.id AND at_ms >= :since_ms AND (
            SELECT min(at_ms) FROM response AS later WHERE later.agent_id = agent.id AND later.at_ms > response.at_ms
        ) >= at_ms + {FIVE_MINUTES_MS})
)
SELECT DISTINCT agent_row FROM (
    SELECT quiet.id AS agent_row, response.first_at_ms - lag(response.at_ms) OVER (
               PARTITION BY quiet.id ORDER BY response.at_ms, response.id) AS gap_ms
    FROM quiet CROSS JOIN response ON response.agent_id = quiet.id
    WHERE response.at_ms >= :since_ms AND part_kind = ''
) WHERE gap_ms >= {FIVE_MINUTES_MS} AND gap_ms < {HOUR_MS}
"""


def paused_agents(connection: sqlite3.Connection, since_ms: int) -> set[int]:
    """Agents that paused for as long as an hour's cache would have helped; without one there is no finding."""
    return {row[0] for row in connection.execute(_PAUSED, {"since_ms": since_ms})}


def idle_rebuilds(connection: sqlite3.Connection, book: RateBook, since_ms: int) -> Iterator[Finding]:
    """One finding for each project in which an hour's cache would have paid."""
    paused = paused_agents(connection, since_ms)
    if not paused:
        return
    places = _places(connection, since_ms)
    with_pauses = {places[agent][0] for agent in paused}
    steps = Steps(connection, book)
    projects: dict[str, _Project] = {}
    agents = [agent for agent, (name, _) in places.items() if name in with_pauses]
    for agent_row, found in steps.of_agents(agents, since_ms):
        mix, late = MixSums(), list[CacheStep]()
        for step in found:
            mix.add(step, steps)
            if _is_avoidable(step):
                late.append(step)
        name, session_id = places[agent_row]
        projects.setdefault(name, _Project()).add(session_id, mix.result().hour_instead_saves_pico_usd, late)
    yield from (_finding(name, project) for name, project in projects.items() if project.best > 0)


def _places(connection: sqlite3.Connection, since_ms: int) -> dict[int, tuple[str, str]]:
    """Agent row → its project and its session's id."""
    rows = connection.execute(
        "SELECT agent.id, session.project, session.session_id FROM agent JOIN session "
        "ON session.id = agent.session_id WHERE agent.last_at_ms >= ?",
        (since_ms,),
    )
    return {agent: (project, session_id) for agent, project, session_id in rows}


def _is_avoidable(step: CacheStep) -> bool:
    return (
        step.cause == "expired"
        and step.ttl_ms == FIVE_MINUTES_MS
        and step.gap_ms is not None
        and step.gap_ms < HOUR_MS
        and step.tokens.cache_write_5m > 0
    )


def _finding(name: str, project: _Project) -> Finding:
    times = "Once" if project.count == 1 else f"{project.count} times"
    return Finding(
        key=finding_key("idle rebuilds", name),
        kind="idle rebuilds",
        project=name,
        subject="5-minute cache",
        text=f"{times} a prompt was written again after 5 to 60 idle minutes ({project.tokens:,} tokens); "
        "a one-hour cache would have kept it",
        reckoning=_RECKONING,
        low_pico_usd=max(project.net, 0),
        high_pico_usd=project.best,
        count=project.count,
        evidence=costliest(project.evidence),
    )
