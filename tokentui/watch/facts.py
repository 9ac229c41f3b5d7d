"""What the rules look at: plain values that `queries.runaway.facts` gathers. `_ms` times count from 1970."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from tokentui.instants import MINUTE_MS
from tokentui.watch.budget_facts import BudgetNow, DayNow

RECENT_MS = 5 * MINUTE_MS
"""How far back the figures about caches and context reach."""
ERRORS_MS = 2 * MINUTE_MS
"""How far back errors are counted."""
WARM_RESPONSES = 6
"""How many of an agent's last responses tell whether it loses its cache."""
LOOP_MS = 10 * MINUTE_MS
"""How far back repeated calls are counted."""


class Spend(NamedTuple):
    """Usage of a stretch of time."""

    responses: int = 0
    fresh: int = 0
    """Input, cache writes and output."""
    pico_usd: int = 0
    unpriced: int = 0

    def plus(self, other: Spend) -> Spend:
        """The sum of both."""
        return Spend(
            self.responses + other.responses,
            self.fresh + other.fresh,
            self.pico_usd + other.pico_usd,
            self.unpriced + other.unpriced,
        )


NO_SPEND = Spend()


@dataclass(frozen=True, slots=True)
class AgentNow:
    """An agent with a line in the last ten minutes, or at work by the live registry."""

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
    """Tokens in the prompt of its newest response."""
    prompt_growth: int = 0
    """By how many tokens its newest prompt exceeds the smallest one of the last five minutes."""


@dataclass(frozen=True, slots=True)
class CacheNow:
    """How one session's cache did in the last five minutes."""

    prompt: int = 0
    """Prompt tokens of all responses."""
    written: int = 0
    """Tokens that all responses wrote to the cache."""
    warm_prompt: int = 0
    """Prompt tokens of the warm responses: the last six, of the agent that lost most, that might have read the prompt
    before them from the cache."""
    warm_read: int = 0
    warm_written: int = 0
    warm_responses: int = 0
    lost: int = 0
    """How many of the warm responses read less than half of the prompt before them, and wrote most of their own."""


NO_CACHE = CacheNow()


@dataclass(frozen=True, slots=True)
class LoopNow:
    """One agent that repeats the same call, with at most one other call in turn with it."""

    agent_id: str
    tool: str
    repeats: int
    """Within ten minutes."""
    seconds: float
    """From the first of these calls to the last."""


@dataclass(frozen=True, slots=True)
class SessionNow:
    """A session with at least one such agent."""

    session_id: str
    title: str
    """Its title, else the last part of its directory, else the beginning of its id."""
    project: str
    agents: tuple[AgentNow, ...]
    last_minute: Spend = NO_SPEND
    is_spending: bool = False
    """Whether any of its agents answered within the last 90 seconds."""
    spawned: tuple[str, ...] = ()
    """Ids of its agents that began in the last 60 seconds."""
    cache: CacheNow = NO_CACHE
    errors: int = 0
    """Answers 429, 529 or 5xx in the last two minutes."""
    error_kinds: tuple[str, ...] = ()
    """The most frequent first, as `529 ×6`."""
    limit_at_ms: int | None = None
    """When the newest limit error of the last hour came whose reset has not passed; None if there is none."""
    unattended_ms: int = 0
    """Since a person's last line, or since the session began if there is none; 0 while it does not spend."""
    unattended_spend: Spend = NO_SPEND
    """Usage since the next quarter of an hour after that; nothing in the first 15 minutes."""
    loop: LoopNow | None = None

    @property
    def working(self) -> tuple[AgentNow, ...]:
        """Its agents at work."""
        return tuple(agent for agent in self.agents if agent.is_working)


@dataclass(frozen=True)
class Facts:
    """All facts of one instant."""

    at_ms: int
    today: DayNow
    sessions: tuple[SessionNow, ...] = ()
    budgets: tuple[BudgetNow, ...] = ()

    @cached_property
    def last_minute(self) -> Spend:
        """Usage of all sessions in the last 60 seconds."""
        total = NO_SPEND
        for session in self.sessions:
            total = total.plus(session.last_minute)
        return total

    @cached_property
    def working_agents(self) -> int:
        """How many agents of all sessions are at work; background agents are not counted."""
        return sum(len(session.working) for session in self.sessions)

    @property
    def spawned_agents(self) -> int:
        """How many agents of all sessions began in the last 60 seconds."""
        return sum(len(session.spawned) for session in self.sessions)

    @property
    def is_spending(self) -> bool:
        """Whether any session answered within the last 90 seconds."""
        return any(session.is_spending for session in self.sessions)
