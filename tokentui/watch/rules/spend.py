"""Rules about spend: tokens and money per minute, of all sessions and of one, and spend that nobody watches."""

from __future__ import annotations

from collections.abc import Iterator

from tokentui.figures import format_count, format_duration_ms, format_usd
from tokentui.instants import MINUTE_MS
from tokentui.records import PICO_PER_USD
from tokentui.watch.facts import Facts, SessionNow
from tokentui.watch.rules.findings import (
    Finding,
    Limits,
    agents_text,
    culprit,
    in_usual,
    limit_over_usual,
    sentence,
    spawned_text,
)
from tokentui.watch.usual import Usual, Usuals


def tokens_per_minute(facts: Facts, usual: Usuals, limits: Limits) -> Iterator[Finding]:
    """Fresh tokens of the last 60 s against max(floor, times_usual × p95)."""
    session, share = culprit(facts, lambda session: session.last_minute.fresh)
    if session is None:
        return
    limit = limit_over_usual(limits, "floor_tokens", usual.fresh)
    fresh = facts.last_minute.fresh
    said = sentence(facts, (_fresh(fresh, usual.fresh), agents_text(facts, usual)), session, share)
    yield Finding("tokens_per_minute", "", fresh, limit, "tokens", said, session.session_id, _burning(session))


def usd_per_minute(facts: Facts, usual: Usuals, limits: Limits) -> Iterator[Finding]:
    """Dollars of the last 60 s against max(floor, times_usual × p95)."""
    session, share = culprit(facts, lambda session: session.last_minute.pico_usd)
    if session is None:
        return
    limit = limit_over_usual(limits, "floor_usd", usual.pico_usd, PICO_PER_USD)
    cost = facts.last_minute.pico_usd
    lead = (_money(cost, usual.pico_usd), agents_text(facts, usual), spawned_text(facts))
    said = sentence(facts, lead, session, share)
    cost_usd, limit_usd = cost / PICO_PER_USD, limit / PICO_PER_USD
    yield Finding("usd_per_minute", "", cost_usd, limit_usd, "usd", said, session.session_id, _burning(session))


def session_tokens_per_minute(facts: Facts, usual: Usuals, limits: Limits) -> Iterator[Finding]:
    """Fresh tokens of one session in the last 60 s against max(floor, times_usual × p95 of one session)."""
    limit = limit_over_usual(limits, "floor_tokens", usual.session_fresh)
    for session in facts.sessions:
        fresh = session.last_minute.fresh
        if fresh:
            said = sentence(facts, (_fresh(fresh, usual.session_fresh),), session, None)
            yield Finding(
                "session_tokens_per_minute", session.session_id, fresh, limit, "tokens", said, session.session_id,
                _burning(session),
            )  # fmt: skip


def session_usd_per_minute(facts: Facts, usual: Usuals, limits: Limits) -> Iterator[Finding]:
    """Dollars of one session in the last 60 s against max(floor, times_usual × p95 of one session)."""
    limit = limit_over_usual(limits, "floor_usd", usual.session_pico_usd, PICO_PER_USD)
    for session in facts.sessions:
        cost = session.last_minute.pico_usd
        if cost:
            said = sentence(facts, (_money(cost, usual.session_pico_usd),), session, None)
            yield Finding(
                "session_usd_per_minute", session.session_id, cost / PICO_PER_USD, limit / PICO_PER_USD, "usd", said,
                session.session_id, _burning(session),
            )  # fmt: skip


def unattended(facts: Facts, _usual: Usuals, limits: Limits) -> Iterator[Finding]:
    """Spend of a session since its last human line, once that is `minutes` ago.

    Counted in dollars against floor_usd; if nothing has a price, in fresh tokens against floor_tokens.
    """
    for session in facts.sessions:
        minutes = session.unattended_ms / MINUTE_MS
        if not session.is_spending or minutes < limits["minutes"]:
            continue
        spend = session.unattended_spend
        has_price = spend.pico_usd > 0
        value, limit, unit = (
            (spend.pico_usd / PICO_PER_USD, limits["floor_usd"], "usd")
            if has_price
            else (float(spend.fresh), limits["floor_tokens"], "tokens")
        )
        used = format_usd(spend.pico_usd) if has_price else f"{format_count(spend.fresh)} fresh tokens"
        lead = f"{used} since the last human line {format_duration_ms(session.unattended_ms)} ago"
        said = sentence(facts, (lead,), session, None)
        yield Finding("unattended", session.session_id, value, limit, unit, said, session.session_id, _burning(session))


def _fresh(fresh: float, usual: Usual | None) -> str:
    return f"{format_count(fresh)} fresh tokens/min{in_usual(usual, format_count)}"


def _money(pico_usd: int, usual: Usual | None) -> str:
    return f"{format_usd(pico_usd)}/min{in_usual(usual, lambda value: format_usd(round(value)))}"


def _burning(session: SessionNow) -> tuple[str, ...]:
    """The agents that answered in the last minute, the most costly first."""
    burning = [agent for agent in session.agents if agent.last_minute.responses]
    burning.sort(key=lambda agent: (-agent.last_minute.pico_usd, -agent.last_minute.fresh, agent.agent_id))
    return tuple(agent.agent_id for agent in burning)
