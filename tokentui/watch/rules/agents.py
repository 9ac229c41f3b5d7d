"""Rules about agents: too many at once, spawned too fast, nested too deep, or spawned after a limit error."""

from __future__ import annotations

from collections.abc import Iterator

from tokentui.figures import format_duration_ms, plural
from tokentui.instants import MINUTE_MS
from tokentui.watch.budget_facts import SPENDING_MS
from tokentui.watch.facts import AgentNow, Facts, SessionNow
from tokentui.watch.rules.findings import (
    Finding,
    Limits,
    agents_text,
    culprit,
    limit_over_usual,
    sentence,
    spawned_text,
)
from tokentui.watch.usual import Usuals


def agents_at_once(facts: Facts, usual: Usuals, limits: Limits) -> Iterator[Finding]:
    """Working agents of all sessions against max(floor, times_usual × p95)."""
    if not facts.is_spending:
        return
    session, share = culprit(facts, lambda session: len(session.working))
    if session is None:
        return
    limit = limit_over_usual(limits, "floor_agents", usual.agents)
    said = sentence(facts, (agents_text(facts, usual), spawned_text(facts)), session, share)
    yield Finding(
        "agents_at_once", "", facts.working_agents, limit, "agents", said, session.session_id, _ids(session.working)
    )


def spawn_rate(facts: Facts, usual: Usuals, limits: Limits) -> Iterator[Finding]:
    """Agents that began in the last 60 s against max(floor, times_usual × p95)."""
    session, share = culprit(facts, lambda session: len(session.spawned))
    if session is None or not facts.is_spending:
        return
    limit = limit_over_usual(limits, "floor_agents", usual.spawns)
    said = sentence(facts, (spawned_text(facts), agents_text(facts, usual)), session, share)
    yield Finding("spawn_rate", "", facts.spawned_agents, limit, "agents", said, session.session_id, session.spawned)


def spawn_depth(facts: Facts, usual: Usuals, limits: Limits) -> Iterator[Finding]:
    """How many agents of one session work at least `depth` levels below its main thread, against `agents`."""
    for session in facts.sessions:
        deep = [agent for agent in session.working if agent.depth >= limits["depth"]]
        if not deep or not session.is_spending:
            continue
        deepest = max(agent.depth for agent in deep)
        lead = f"{plural(len(deep), 'agent')} at work {_levels(deep, deepest)} levels deep"
        said = sentence(facts, (lead, agents_text(facts, usual)), session, None)
        yield Finding(
            "spawn_depth", session.session_id, len(deep), limits["agents"], "agents", said, session.session_id,
            _ids(deep),
        )  # fmt: skip


def _levels(deep: list[AgentNow], deepest: int) -> str:
    shallowest = min(agent.depth for agent in deep)
    return str(deepest) if shallowest == deepest else f"{shallowest} to {deepest}"


def spawn_after_limit(facts: Facts, _usual: Usuals, limits: Limits) -> Iterator[Finding]:
    """Agents that a session began after its newest limit error, while that limit still holds."""
    for session in facts.sessions:
        limit_at = session.limit_at_ms
        if limit_at is None or facts.at_ms - limit_at > limits["minutes"] * MINUTE_MS:
            continue
        later = _begun_after(session, limit_at)
        if later and (session.is_spending or _has_just_spawned(session, facts.at_ms)):
            ago = format_duration_ms(facts.at_ms - limit_at)
            lead = f"{plural(len(later), 'agent')} spawned since the limit error {ago} ago"
            said = sentence(facts, (lead,), session, None)
            yield Finding(
                "spawn_after_limit", session.session_id, len(later), limits["agents"], "agents", said,
                session.session_id, later,
            )  # fmt: skip


def _has_just_spawned(session: SessionNow, now_ms: int) -> bool:
    """Whether a session has just spawned agents. Spend does not show it if the limit keeps them from any answer."""
    return any(agent.depth and agent.first_at_ms >= now_ms - SPENDING_MS for agent in session.agents)


def _begun_after(session: SessionNow, at_ms: int) -> tuple[str, ...]:
    return tuple(agent.agent_id for agent in session.agents if agent.depth and agent.first_at_ms > at_ms)


def _ids(agents: tuple[AgentNow, ...] | list[AgentNow]) -> tuple[str, ...]:
    return tuple(agent.agent_id for agent in agents)
