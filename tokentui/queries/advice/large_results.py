"""Tool results so large that every later prompt pays for them."""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from collections.abc import Iterator
from typing import NamedTuple

from tokentui.figures import plural
from tokentui.instants import utc_day
from tokentui.pricing.book import RateBook
from tokentui.queries.advice.findings import Evidence, Finding, costliest, finding_key

LARGE_BYTES, USUAL_BYTES = 40_000, 10_000
"""The index `tool_call_with_large_result` has the same bound of what is large."""
MOST_RESULTS = 2_000
"""Only so many of the largest results of a range are looked at; smaller ones weigh little."""

_RECKONING = (
    "What is above 10 kB of each result over 40 kB, at 4 bytes a token. Low: read once by each later response of the "
    "agent up to its next compaction; high: the same, and written to the cache once."
)
LARGE_RESULTS = f"""
WITH large AS (
    SELECT id, tool_use_id, name, agent_id, result_at_ms, result_bytes FROM tool_call
    WHERE id IN (
        SELECT id FROM tool_call WHERE at_ms >= :since_ms AND result_bytes >= {LARGE_BYTES} AND result_at_ms IS NOT NULL
        ORDER BY result_bytes DESC, id LIMIT {MOST_RESULTS})  -- found by an index of large ones alone
)
SELECT session.project, session.session_id, agent.agent_id, large.tool_use_id, large.name, large.result_bytes,
       (SELECT count(*) FROM response WHERE response.agent_id = large.agent_id AND part = 0
           AND at_ms > large.result_at_ms AND at_ms <= ifnull((
               SELECT min(event.at_ms) FROM event WHERE event.agent_id = large.agent_id
               AND event.kind = 'compaction' AND event.at_ms >= large.result_at_ms), 1 << 62)),
       (SELECT id FROM response WHERE response.agent_id = large.agent_id AND part = 0
           AND at_ms > large.result_at_ms ORDER BY at_ms LIMIT 1)
FROM large JOIN agent ON agent.id = large.agent_id JOIN session ON session.id = agent.session_id
ORDER BY large.id
"""


class _Result(NamedTuple):
    session_id: str
    agent_id: str
    tool_use_id: str
    excess_tokens: int
    reads: int
    response_id: int
    """The first response whose prompt contained it."""


def large_results(connection: sqlite3.Connection, book: RateBook, since_ms: int) -> Iterator[Finding]:
    """One finding for each project and tool."""
    groups: dict[tuple[str, str], list[_Result]] = defaultdict(list)
    for project, session, agent, call, tool, size, reads, response in connection.execute(
        LARGE_RESULTS, {"since_ms": since_ms}
    ):
        if response is not None:
            excess = (size - USUAL_BYTES) // 4
            groups[project, tool].append(_Result(session, agent, call, excess, reads, response))
    rates = _rates(connection, book, [result.response_id for found in groups.values() for result in found])
    for (project, tool), found in groups.items():
        yield _finding(project, tool, found, rates)


def _rates(connection: sqlite3.Connection, book: RateBook, responses: list[int]) -> dict[int, tuple[int, int]]:
    """(write, read) in pico-USD per token, for each response whose model has a price."""
    found: dict[int, tuple[int, int]] = {}
    for start in range(0, len(responses), 500):
        some = responses[start : start + 500]
        for row_id, model, at_ms, hour in connection.execute(
            "SELECT response.id, model.name, at_ms, cache_write_1h_tokens > 0 FROM response JOIN model "
            f"ON model.id = model_id WHERE response.id IN ({', '.join('?' * len(some))})",
            some,
        ):
            card = book.card(model, utc_day(at_ms))
            if card is not None:
                rates = card.standard
                found[row_id] = (rates.cache_write_1h if hour else rates.cache_write_5m, rates.cache_read)
    return found


def _finding(project: str, tool: str, found: list[_Result], rates: dict[int, tuple[int, int]]) -> Finding:
    low = high = 0
    evidence = []
    for result in found:
        write, read = rates.get(result.response_id, (0, 0))
        carried = result.excess_tokens * result.reads * read
        low += carried
        high += carried + result.excess_tokens * write
        evidence.append(Evidence(result.session_id, result.agent_id, result.response_id, result.tool_use_id, carried))
    reads = sum(result.reads for result in found)
    return Finding(
        key=finding_key("large results", project, tool),
        kind="large results",
        project=project,
        subject=tool,
        text=f"{plural(len(found), 'result')} of {tool} {'is' if len(found) == 1 else 'are'} larger than 40 kB, and "
        f"{plural(reads, 'later prompt')} carried {'it' if len(found) == 1 else 'them'}",
        reckoning=_RECKONING,
        low_pico_usd=low,
        high_pico_usd=high,
        count=len(found),
        evidence=costliest(evidence),
    )
