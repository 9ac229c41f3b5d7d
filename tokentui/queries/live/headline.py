"""The tiles: the last minute, the last half hour, today, and what is usual."""

from __future__ import annotations

from tokentui.queries.live.recent import Recent
from tokentui.queries.live.usual import UsualFigures
from tokentui.queries.live.working import Working
from tokentui.queries.results import Headline
from tokentui.queries.sums.usage import all_of
from tokentui.records import cache_hit_rate


def headline_of(latest: Recent, working: Working, usual: UsualFigures) -> Headline:
    """Everything that the tiles show."""
    last_minute, today = latest.whole_minute, all_of(latest.today.values())
    trend = [*latest.minutes.whole, last_minute]
    agents = (*latest.minutes.agents, latest.agents_last_minute)
    return Headline(
        tokens_last_minute=last_minute.tokens,
        money_last_minute=last_minute.money,
        responses_last_minute=last_minute.responses,
        lower_bound_last_minute=last_minute.lower_bound_responses,
        working_agents=working.agent_count,
        working_sessions=len(working.agents),
        today_money=today.money,
        today_responses=today.responses,
        today_lower_bound=today.lower_bound_responses,
        usual_fresh=usual.fresh,
        usual_cached=usual.cached,
        usual_pico_usd=usual.pico_usd,
        usual_agents=usual.agents,
        usual_hit_rate=usual.hit_rate,
        usual_day_pico_usd=usual.day_pico_usd,
        trend_fresh=tuple(minute.tokens.fresh for minute in trend),
        trend_cached=tuple(minute.tokens.cache_read for minute in trend),
        trend_pico_usd=tuple(minute.cost_pico_usd for minute in trend),
        trend_hit_rate=tuple(cache_hit_rate(minute.tokens) for minute in trend),
        trend_agents=agents,
    )
