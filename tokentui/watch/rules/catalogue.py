"""The rules by name: what each is called, its formula for the help, and the function that applies it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

from tokentui.config.thresholds import RuleChange, settings_of
from tokentui.watch.facts import Facts
from tokentui.watch.rules import agents, budgets, cache, spend, trouble
from tokentui.watch.rules.findings import Finding, Limits
from tokentui.watch.usual import Usuals

Evaluate = Callable[[Facts, Usuals, Limits], Iterable[Finding]]
"""A pure function: a finding for each subject to which the rule applies, also where its limit is not reached."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule."""

    name: str
    title: str
    """What it warns of, in a few words."""
    formula: str
    """As the help shows it; `{…}` stand for thresholds."""
    evaluate: Evaluate

    def formula_with(self, limits: Limits) -> str:
        """The formula with these thresholds filled in."""
        return self.formula.format(**{name: f"{value:,.10g}" for name, value in limits.items()})


RULES: Mapping[str, Rule] = {
    rule.name: rule
    for rule in (
        Rule(
            "agents_at_once", "too many agents at once",
            "working agents ≥ max({floor_agents}, {times_usual} × usual p95)",
            agents.agents_at_once,
        ),
        Rule(
            "spawn_rate", "agents are spawned too fast",
            "agents that began in the last 60 s ≥ max({floor_agents}, {times_usual} × usual p95)",
            agents.spawn_rate,
        ),
        Rule(
            "spawn_depth", "agents spawn agents that spawn agents",
            "agents of one session at work {depth} or more levels below its main thread ≥ {agents}",
            agents.spawn_depth,
        ),
        Rule(
            "spawn_after_limit", "spawning goes on after a limit error",
            "agents a session began after its newest limit error, in its first {minutes} min and before the reset "
            "≥ {agents}",
            agents.spawn_after_limit,
        ),
        Rule(
            "tokens_per_minute", "too many tokens per minute",
            "input + cache writes + output of the last 60 s ≥ max({floor_tokens}, {times_usual} × usual p95)",
            spend.tokens_per_minute,
        ),
        Rule(
            "usd_per_minute", "too much money per minute",
            "cost of the last 60 s ≥ max(${floor_usd}, {times_usual} × usual p95)",
            spend.usd_per_minute,
        ),
        Rule(
            "session_tokens_per_minute", "one session burns too many tokens",
            "fresh tokens of one session in the last 60 s ≥ max({floor_tokens}, {times_usual} × its usual p95)",
            spend.session_tokens_per_minute,
        ),
        Rule(
            "session_usd_per_minute", "one session burns too much money",
            "cost of one session in the last 60 s ≥ max(${floor_usd}, {times_usual} × its usual p95)",
            spend.session_usd_per_minute,
        ),
        Rule(
            "unattended", "a session burns on with nobody there",
            "last human line ≥ {minutes} min ago, and cost since then ≥ ${floor_usd} "
            "(without prices: fresh tokens ≥ {floor_tokens})",
            spend.unattended,
        ),
        Rule(
            "context_growth", "a context grows too fast",
            "growth of one agent's prompt in 5 min ≥ {floor_tokens} tokens, and that prompt ≥ {prompt_tokens}",
            cache.context_growth,
        ),
        Rule(
            "cache_write_share", "too much is written to the cache",
            "cache writes ÷ prompt tokens of one session in 5 min ≥ max({share}, {times_usual} × usual p95), "
            "and tokens written ≥ {floor_tokens}",
            cache.cache_write_share,
        ),
        Rule(
            "cache_hit_rate", "the cache is lost again and again",
            "1 - hit rate over the last six responses of one agent ≥ {miss_share}, of which read less than half of the "
            "prompt before ≥ {responses}, tokens written in them ≥ {floor_tokens}",
            cache.cache_hit_rate,
        ),
        Rule(
            "api_errors", "errors and retries pile up",
            "answers 429, 529 or 5xx of one session in 2 min, retries included ≥ {errors}",
            trouble.api_errors,
        ),
        Rule(
            "tool_loop", "an agent goes in circles",
            "same tool with the same input among an agent's latest calls, with at most one other call in turn, in "
            "10 min ≥ {repeats}",
            trouble.tool_loop,
        ),
        Rule(
            "budget_level", "a budget reaches a mark",
            "spent in the window ÷ limit ≥ the mark (50, 75, 90 and 100 % unless the budget says otherwise)",
            budgets.budget_level,
        ),
        Rule(
            "budget_pace", "a budget will not last",
            "spent + pace × time left ≥ limit, by the slower of the recent pace and this window's own, once "
            "{spent_share} of the limit is spent and {elapsed_share} of the window has passed",
            budgets.budget_pace,
        ),
        Rule(
            "unusual_day", "a day unlike the others",
            "today ÷ the average of the days with use in the last 7: tokens ≥ {times_tokens} (and {floor_tokens}), "
            "cost ≥ {times_usd} (and ${floor_usd}), or calls ≥ {times_responses} (and {floor_responses}); "
            "needs {days} such days",
            budgets.unusual_day,
        ),
    )
}  # fmt: skip


def find(facts: Facts, usual: Usuals, changes: Mapping[str, RuleChange]) -> Iterator[Finding]:
    """The findings of all enabled rules, also those whose limit is not reached."""
    for rule in RULES.values():
        settings = settings_of(rule.name, changes)
        if settings.enabled:
            yield from rule.evaluate(facts, usual, settings.values)
