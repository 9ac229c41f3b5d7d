"""Sums of usage by agent, the costliest first, read page by page: of agents there may be very many."""

from __future__ import annotations

import sqlite3
from array import array
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import NamedTuple

from tokentui.queries.parameters import as_json
from tokentui.queries.reports.agent_ranks import count_agents, ranked_agents
from tokentui.queries.sums.levels import Only
from tokentui.queries.sums.scoped import ReportScope, Used, only_of, span_of
from tokentui.queries.sums.summing import summed

_PAGE = 10_000
"""Agents that are read at a time."""


class AgentName(NamedTuple):
    """What identifies an agent, and what helps to recognise it."""

    agent: str
    """Empty for the main thread."""
    agent_type: str
    task: str
    session: str
    project: str


class AgentRanks(NamedTuple):
    """Agents with any use in a scope, main threads included."""

    span: tuple[int, int]
    only: Only
    in_all: int
    """How many there are."""
    rows: Sequence[int]
    """Their row ids, the costliest first, then those with the most tokens; no more than were asked for."""


def agents_by_cost(connection: sqlite3.Connection, scope: ReportScope, most: int | None = None) -> AgentRanks:
    """Whose usage it is, without reading all that is known of them."""
    span, only = span_of(scope), only_of(connection, scope)
    rows = array("q", ranked_agents(connection, span, only, most))
    count = len(rows) if most is None or len(rows) < most else count_agents(connection, span, only)
    return AgentRanks(span, only, count, rows)


def agents_used(connection: sqlite3.Connection, ranks: AgentRanks) -> Iterator[tuple[AgentName, Used]]:
    """(agent, sums) of each, in order."""
    rows = iter(ranks.rows)
    while page := tuple(islice(rows, _PAGE)):
        only = Only(agents=frozenset(page), models=ranks.only.models)
        sums = summed(connection, ("agent_id",), ranks.span, only, Used._fields)
        names = {found[0]: found[1:] for found in connection.execute(_NAMES, (as_json(page),))}
        for row in page:
            yield AgentName._make(names[row]), Used._make(sums[row,])


_NAMES = """
SELECT agent.id, agent.agent_id,
       coalesce(nullif(agent.agent_type, ''), (
           SELECT link.agent_type FROM agent_link AS link
           WHERE link.session_id = agent.session_id AND link.agent_id = agent.agent_id AND link.agent_type <> ''
           ORDER BY link.rank LIMIT 1
       ), nullif(agent.background, ''), CASE agent.agent_id WHEN '' THEN 'main' ELSE '' END),
       agent.task, session.session_id, session.project
FROM json_each(?) AS wanted CROSS JOIN agent ON agent.id = wanted.value
CROSS JOIN session ON session.id = agent.session_id
"""
