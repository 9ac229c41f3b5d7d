"""What the rules look at: plain values that `queries.runaway.facts` gathers. `_ms` times count from 1970."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple

from tokentui.instants import MINUTE_MS
from tokentui.watch.budget_facts import BudgetNow, DayNow

RECENT_MS = 5 * MINUTE_MS
"""How far back the figures about caches and context reach."""
ERRORS_MS = 2 * MINUTE_MS
WARM_RESPONSES = 6
LOOP_MS = 10 * MINUTE_MS


class Spend(NamedTuple):
    """Usage of a stretch of time."""

    responses: int = 0
    fresh: int = 0
    """Input, cache writes and output."""
    pico_usd: int = 0
    unpriced: int = 0

    def plus(self, other: Spend) -> Spend:
        """Both together."""
        return Spend(
            self.responses + other.responses,
            self.fresh + other.fresh,
            self.pico_usd + other.pico_usd,
            self.unpriced + other.unpriced,
        )


NO_SPEND = Spend()


@dataclass(frozen=True, slots=True)
class AgentNow:
    """An agent that wrote something in the last ten minutes."""

    agent_id: str
    """Empty for the main thread."""
    name: str
    """Its type, or `main`."""
    depth: int
    """0 for the main thread, 1 for what it spawned, and so on."""
    first_at_ms: int
    is_working: bool
    last_minute: Spend = NO_SPEND
    prompt_tokens: int = 0
    """Prompt of its newest response."""
    prompt_growth: int = 0
    """By how many tokens the prompt grew over the last five minutes; 0 when it shrank."""


@dataclass(frozen=True, slots=True)
class CacheNow:
    """How one session's cache did in the last five minutes."""

    prompt: int = 0
    written: int = 0
    """Over all responses."""
    warm_prompt: int = 0
    warm_read: int = 0
    warm_written: int = 0
    """Over the last six responses of the agent that lost most; an agent's first prompt is always written."""
    warm_responses: int = 0
    lost: int = 0
    """How many of these read less than half of the prompt before them."""


NO_CACHE = CacheNow()


@dataclass(frozen=True, slots=True)
class LoopNow:
    """The same call again and again by one agent, with nothing else in between but one other call."""

    agent_id: str
    tool: str
    repeats: int
    """Within ten minutes."""
    seconds: float
    """From the first of them to the last."""


@dataclass(frozen=True, slots=True)
class SessionNow:
    """A session in which something was written in the last ten minutes."""

    session_id: str
    title: str
    """Its title, else the last part of its directory, else the beginning of its id."""
    project: str
    agents: tuple[AgentNow, ...]
    last_minute: Spend = NO_SPEND
    is_spending: bool = False
    """Whether any of it answered within the last 90 seconds."""
    spawned: tuple[str, ...] = ()
    """Agents that began in the last 60 seconds."""
    cache: CacheNow = NO_CACHE
    errors: int = 0
    """Answers 429, 529 or 5xx in the last two minutes."""
    error_kinds: tuple[str, ...] = ()
    """The most frequent first, as `529 ×6`."""
    limit_at_ms: int | None = None
    """The newest limit error of the last hour whose reset has not come."""
    unattended_ms: int = 0
    """Since the last human line, or since the session began where there is none."""
    unattended_spend: Spend = NO_SPEND
    """Since then, in whole quarters of an hour."""
    loop: LoopNow | None = None

    @property
    def working(self) -> tuple[AgentNow, ...]:
        """Its agents at work."""
        return tuple(agent for agent in self.agents if agent.is_working)


@dataclass(frozen=True)
class Facts:
    """Everything the rules look at, at one instant."""

    at_ms: int
    today: DayNow
    sessions: tuple[SessionNow, ...] = ()
    budgets: tuple[BudgetNow, ...] = field(default=())

    @cached_property
    def last_minute(self) -> Spend:
        """All sessions together."""
        total = NO_SPEND
        for session in self.sessions:
            total = total.plus(session.last_minute)
        return total

    @cached_property
    def working_agents(self) -> int:
        """Of all sessions, background agents left out."""
        return sum(len(session.working) for session in self.sessions)

    @property
    def spawned_agents(self) -> int:
        """New in the last 60 seconds."""
        return sum(len(session.spawned) for session in self.sessions)

    @property
    def is_spending(self) -> bool:
        """Whether anything answered within the last 90 seconds."""
        return any(session.is_spending for session in self.sessions)
