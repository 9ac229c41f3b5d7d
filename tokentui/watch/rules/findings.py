"""What a rule found, and helpers for the limits and the sentences that rules share."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from tokentui.config.thresholds import Grade
from tokentui.figures import format_count, format_usd, plural
from tokentui.watch.facts import Facts, SessionNow
from tokentui.watch.usual import Usual, Usuals
from tokentui.widths import shorten_end

Limits = Mapping[str, float]
"""A rule's thresholds by name."""


@dataclass(frozen=True, slots=True)
class Finding:
    """How near one rule's condition is to its limit, or how far beyond, for one subject; with the evidence."""

    rule: str
    subject: str
    """What the rule looked at: a session's id, a budget with mark and window, or a day; empty for everything."""
    value: float
    limit: float
    """The condition holds when `value` is at least this much."""
    unit: str
    """`agents`, `tokens`, `usd`, `share`, `errors`, `calls`, `minutes`, `times` or `levels`."""
    evidence: str
    """One line with the culprit and the figures, without markup."""
    session_id: str = ""
    """The culprit, where one session has the largest part in it."""
    agents: tuple[str, ...] = ()
    """Those of its agents that caused the finding; the empty id is the main thread."""
    grade: Grade | None = None
    """Set if the finding has a grade of its own, as at a budget's marks; else the rule's grade holds."""
    lasts_until_ms: int | None = None
    """Until then it is raised only once, however often the value comes back: the end of a budget's window or a day."""

    @property
    def ratio(self) -> float:
        """Value ÷ limit: the condition holds from 1 on."""
        return self.value / self.limit if self.limit > 0 else 0.0


def limit_over_usual(limits: Limits, floor: str, usual: Usual | None, scale: float = 1.0) -> float:
    """max(floor, times_usual × p95); the floor alone while there is too little history."""
    lowest = limits[floor] * scale
    return lowest if usual is None else max(lowest, limits["times_usual"] * usual.p95)


def culprit(facts: Facts, weight: Callable[[SessionNow], float]) -> tuple[SessionNow | None, float]:
    """The session with the largest weight, and its share of the total, 0 to 1; None if all weights are 0."""
    total = sum(weight(session) for session in facts.sessions)
    if total <= 0:
        return None, 0.0
    worst = max(facts.sessions, key=lambda session: (weight(session), session.session_id))
    return worst, weight(worst) / total


def sentence(facts: Facts, lead: Iterable[str], session: SessionNow | None, share: float | None) -> str:
    """The evidence in one line: `14 agents working, usual 2; $31.20/min · session "refactor-api", 82 % of it`."""
    said = [part for part in lead if part]
    spend = facts.last_minute
    if spend.pico_usd and not any("/min" in part for part in said):
        said.append(f"{format_usd(spend.pico_usd)}/min")
    text = "; ".join(said)
    if session is None:
        return text
    part = "" if share is None else f", {share:.0%} of it".replace("%", " %")
    return f'{text} · session "{shorten_end(session.title, 40)}"{part}'


def in_usual(usual: Usual | None, shown: Callable[[float], str]) -> str:
    """The end of a figure: `, usual 2`, or nothing while there is too little history."""
    return f", usual {shown(usual.median)}" if usual is not None else ""


def agents_text(facts: Facts, usual: Usuals) -> str:
    """`14 agents working, usual 2`."""
    count = facts.working_agents
    return f"{plural(count, 'agent')} working{in_usual(usual.agents, format_count)}"


def spawned_text(facts: Facts) -> str:
    """`9 spawned in 60 s`, or nothing."""
    return f"{facts.spawned_agents} spawned in 60 s" if facts.spawned_agents else ""
