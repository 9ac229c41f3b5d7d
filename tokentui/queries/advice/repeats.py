"""Finds work done more than once: the same failing call, the same task for several agents."""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from collections.abc import Iterator

from tokentui.figures import plural
from tokentui.queries.advice.findings import Evidence, Finding, costliest, finding_key

LEAST_TRIES = 3
"""Twice may be wise; three times with the same words and an error among them is a loop."""

_CALLS_RECKONING = (
    "Responses that made the call again. Low: only those that did nothing else; high: all of them, at their own cost."
)
_TRIES = """
WITH tries AS (
    SELECT call.agent_id, name, input_digest, count(*) AS times
    FROM tool_call AS call
    WHERE call.agent_id IN (
            SELECT agent_id FROM tool_call WHERE is_error AND at_ms >= :since_ms AND agent_id IS NOT NULL)
        AND at_ms >= :since_ms AND input_digest <> ''
    GROUP BY call.agent_id, name, input_digest HAVING count(*) >= :least AND sum(ifnull(is_error, 0)) > 0
)
SELECT session.project, tries.name, session.session_id, agent.agent_id, tries.input_digest, call.tool_use_id,
       call.message_id, response.id, ifnull(response.cost_pico_usd, 0),
       (SELECT count(*) FROM tool_call AS beside WHERE beside.message_id = call.message_id)
FROM tries
JOIN tool_call AS call ON call.agent_id = tries.agent_id AND call.name = tries.name
    AND call.input_digest = tries.input_digest AND call.at_ms >= :since_ms
JOIN agent ON agent.id = tries.agent_id JOIN session ON session.id = agent.session_id
LEFT JOIN response ON response.message_id = call.message_id AND response.agent_id = call.agent_id AND part = 0
ORDER BY session.id, agent.id, tries.name, tries.input_digest, call.at_ms, call.id
"""


def repeated_calls(connection: sqlite3.Connection, since_ms: int) -> Iterator[Finding]:
    """One finding for each project and tool; the first try of each is not counted."""
    groups: dict[tuple[str, str], list[tuple[Evidence, bool]]] = defaultdict(list)
    seen: set[tuple[str, ...]] = set()
    billed: set[tuple[str, str, int]] = set()
    for project, tool, session, agent, words, call, _, response, cost, beside in connection.execute(
        _TRIES, {"since_ms": since_ms, "least": LEAST_TRIES}
    ):
        first = (session, agent, tool, words)
        if first not in seen:
            seen.add(first)
            continue
        once = (project, tool, response or 0)
        evidence = Evidence(session, agent, response, call, 0 if once in billed else cost)
        billed.add(once)
        groups[project, tool].append((evidence, beside == 1))
    for (project, tool), found in groups.items():
        yield Finding(
            key=finding_key("repeated calls", project, tool),
            kind="repeated calls",
            project=project,
            subject=tool,
            text=f"{tool} was called again {len(found):,} times with the same words after an error",
            reckoning=_CALLS_RECKONING,
            low_pico_usd=sum(evidence.pico_usd for evidence, is_alone in found if is_alone),
            high_pico_usd=sum(evidence.pico_usd for evidence, _ in found),
            count=len(found),
            evidence=costliest([evidence for evidence, _ in found]),
        )


_AGENTS_RECKONING = (
    "Agents that were given the very same prompt in one session. Low: all but the costliest of each group are too "
    "much; high: all but the cheapest. Several on purpose, as for a vote, are no waste: dismiss it then."
)
_SAME_TASK = """
WITH same AS (
    SELECT session_id, prompt_digest FROM agent
    WHERE last_at_ms >= :since_ms AND first_at_ms >= :since_ms
        AND prompt_digest <> '' AND background = '' AND agent_id <> ''
    GROUP BY +session_id, prompt_digest HAVING count(*) > 1
)
SELECT session.project, session.session_id, agent.agent_id, agent.prompt_digest, agent.task,
       ifnull((SELECT sum(cost_pico_usd) FROM usage_quarter WHERE usage_quarter.agent_id = agent.id), 0)
FROM same
JOIN agent ON agent.session_id = same.session_id AND agent.prompt_digest = same.prompt_digest
    AND agent.background = '' AND agent.agent_id <> '' AND agent.first_at_ms >= :since_ms
JOIN session ON session.id = agent.session_id
ORDER BY session.id, agent.id
"""  # with a bare column SQLite would walk all agents in the order of that index


def repeated_agents(connection: sqlite3.Connection, since_ms: int) -> Iterator[Finding]:
    """One finding for each project."""
    tasks: dict[tuple[str, str, str], list[tuple[Evidence, str]]] = defaultdict(list)
    for project, session, agent, prompt, task, cost in connection.execute(_SAME_TASK, {"since_ms": since_ms}):
        tasks[project, session, prompt].append((Evidence(session, agent, None, "", cost), task))
    projects: dict[str, list[list[tuple[Evidence, str]]]] = defaultdict(list)
    for (project, _, _), agents in tasks.items():
        projects[project].append(agents)
    for project, groups in projects.items():
        costs = [sorted(evidence.pico_usd for evidence, _ in agents) for agents in groups]
        again = sum(len(agents) - 1 for agents in groups)
        yield Finding(
            key=finding_key("repeated agents", project),
            kind="repeated agents",
            project=project,
            subject="",
            text=f"{plural(again, 'agent')} {'was' if again == 1 else 'were'} given a prompt that another agent of the "
            "same session had been given",
            reckoning=_AGENTS_RECKONING,
            low_pico_usd=sum(sum(each[:-1]) for each in costs),
            high_pico_usd=sum(sum(each[1:]) for each in costs),
            count=again,
            evidence=costliest([evidence for agents in groups for evidence, _ in agents]),
        )
