"""Rules about prompts and their cache: a context that jumps, writes that pile up, a cache that is lost."""

from __future__ import annotations

from collections.abc import Iterator

from tokentui.figures import format_count, format_share
from tokentui.watch.facts import Facts
from tokentui.watch.rules.findings import Finding, Limits, in_usual, limit_over_usual, sentence
from tokentui.watch.usual import Usual, Usuals


def context_growth(facts: Facts, _usual: Usuals, limits: Limits) -> Iterator[Finding]:
    """Growth of an agent's prompt in five minutes, in tokens, if the prompt is large; the worst agent of a session."""
    for session in facts.sessions:
        grown = [agent for agent in session.agents if agent.prompt_tokens >= limits["prompt_tokens"]]
        if not grown or not session.is_spending:
            continue
        worst = max(grown, key=lambda agent: agent.prompt_growth)
        if worst.prompt_growth <= 0:
            continue
        lead = (
            f"the context of {worst.name} grew by {format_count(worst.prompt_growth)} tokens in 5 min, "
            f"to {format_count(worst.prompt_tokens)}"
        )
        said = sentence(facts, (lead,), session, None)
        yield Finding(
            "context_growth", session.session_id, worst.prompt_growth, limits["floor_tokens"], "tokens", said,
            session.session_id, (worst.agent_id,),
        )  # fmt: skip


def cache_write_share(facts: Facts, usual: Usuals, limits: Limits) -> Iterator[Finding]:
    """Cache writes ÷ prompt tokens of one session in 5 min against max(share, times_usual × p95)."""
    limit = _share_limit(limits, usual.write_share)
    for session in facts.sessions:
        cache = session.cache
        if not session.is_spending or cache.written < limits["floor_tokens"]:
            continue
        share = cache.written / cache.prompt
        lead = (
            f"{format_share(share)} of prompts written to the cache{in_usual(usual.write_share, format_share)}; "
            f"{format_count(cache.written)} tokens in 5 min"
        )
        said = sentence(facts, (lead,), session, None)
        yield Finding("cache_write_share", session.session_id, share, limit, "share", said, session.session_id)


def cache_hit_rate(facts: Facts, usual: Usuals, limits: Limits) -> Iterator[Finding]:
    """1 - hit rate over an agent's last six responses, if at least `responses` of them lost the cache."""
    for session in facts.sessions:
        cache = session.cache
        enough = cache.lost >= limits["responses"] and cache.warm_written >= limits["floor_tokens"]
        if not session.is_spending or not cache.warm_prompt or not enough:
            continue
        hit = cache.warm_read / cache.warm_prompt
        miss = usual.miss_share
        lead = (
            f"cache hit rate {format_share(hit)}{in_usual(miss, lambda value: format_share(1 - value))}; "
            f"{cache.lost} of the last {cache.warm_responses} responses lost the cache, "
            f"{format_count(cache.warm_written)} tokens written anew"
        )
        said = sentence(facts, (lead,), session, None)
        yield Finding(
            "cache_hit_rate", session.session_id, 1 - hit, limits["miss_share"], "share", said, session.session_id
        )


def _share_limit(limits: Limits, usual: Usual | None) -> float:
    """Like `limit_over_usual`, but within reach of a share, which is never above 1: at most 0.9 unless set higher."""
    return min(limit_over_usual(limits, "share", usual), max(limits["share"], 0.9))
