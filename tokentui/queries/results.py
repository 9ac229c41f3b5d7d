"""The frozen answers of the dashboard, and what its parts and the drill-down share.

Money is an integer of pico-dollars; `None` means that nothing could be priced. Times are aware UTC datetimes.
Rates are per minute. Shares and hit rates run from 0 to 1, or are None where nothing was counted.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Literal, NamedTuple

from tokentui.records import Tokens
from tokentui.view import View

if TYPE_CHECKING:
    from tokentui.queries.alert_rows import AlertRow
    from tokentui.watch.budget_facts import Projection
    from tokentui.watch.usual import Usual


class Money(NamedTuple):
    """A sum at list price, with what keeps it from being exact."""

    pico_usd: int = 0
    unpriced_responses: int = 0
    """Responses in the sum whose model has no known price: the sum is at least this much."""
    lower_bound_responses: int = 0
    """Responses in the sum whose final count was never logged: the sum is at least this much."""


class Headline(NamedTuple):
    """The tiles: the last 60 seconds, and today."""

    tokens_last_minute: Tokens
    money_last_minute: Money
    responses_last_minute: int
    lower_bound_last_minute: int
    working_agents: int
    working_sessions: int
    today_money: Money
    today_responses: int
    today_lower_bound: int
    usual_fresh: Usual | None
    """Fresh tokens per minute; None while there is too little history."""
    usual_cached: Usual | None
    usual_pico_usd: Usual | None
    """Pico-dollars per minute."""
    usual_agents: Usual | None
    usual_hit_rate: Usual | None
    usual_day_pico_usd: float | None
    """Mean cost of the days with any use among the last seven whole days."""
    trend_fresh: tuple[int, ...]
    """Fresh tokens of the last 29 whole minutes, oldest first, and of the last 60 seconds."""
    trend_cached: tuple[int, ...]
    trend_pico_usd: tuple[int, ...]
    trend_hit_rate: tuple[float | None, ...]
    trend_agents: tuple[int, ...]
    """Agents that wrote something in the last 29 whole minutes, and in the last 60 seconds."""


class ChartSeries(NamedTuple):
    """One layer of the stacked chart."""

    name: str
    values: tuple[float | None, ...]
    """Tokens per minute in each bucket, oldest first; None where nothing ran at all (a gap)."""
    tokens_last_minute: int
    """In the last 60 seconds, as the tiles have them, whatever the range."""
    is_lower_bound: bool
    """Whether an answer whose final count was never logged keeps the figure from being exact."""


class RateChart(NamedTuple):
    """Tokens per minute over the range, split by kind or by model."""

    start_at: datetime
    bucket_seconds: int
    series: tuple[ChartSeries, ...]
    """In drawing order, the bottom layer first."""
    partial_last: bool
    """Whether the last bucket is still running (drawn dimmed)."""


class CacheFigures(NamedTuple):
    """How the prompt cache did: now (last 60 s) and over the view's range."""

    hit_rate_now: float | None
    hit_rate_range: float | None
    tokens_range: Tokens
    saved_pico_usd: int | None
    """What the same prompts would have cost uncached minus what they cost, writes' premium included."""
    trend_hit_rate: tuple[float | None, ...]
    """Hit rate in each bucket of the chart."""


class ModelShare(NamedTuple):
    """One model's part of the range."""

    model: str
    responses: int
    tokens: Tokens
    money: Money
    cost_share: float | None
    token_share: float | None


class BudgetGauge(NamedTuple):
    """One budget in its current window."""

    name: str
    window: str
    """`day`, `week`, `month` or `rolling 5h`."""
    unit: Literal["usd", "tokens", "fresh_tokens"]
    limit: float
    """Dollars or tokens."""
    spent: float
    spent_is_lower_bound: bool
    elapsed_share: float
    """How much of the window has passed, 0 to 1: the pace line."""
    projected: float | None
    """Spend so far + recent pace × time left."""
    runs_out_at: datetime | None
    """When the recent pace reaches the limit, if that is before the window ends."""
    thresholds: tuple[int, ...]
    """Percent marks: 50, 75, 90, 100."""
    is_default: bool
    """Shipped with the program, not set by the user."""
    scope: str = "everything"
    projection: Projection | None = None
    """The band in which the window will end, and the paces that span it."""


@dataclass(frozen=True, slots=True)
class PlanGauge:
    """One window of the user's plan, as Claude Code told it last; not reckoned from logs."""

    name: str
    """`5h`, `7d`, `7d opus`, `7d sonnet` or `spend`."""
    used_share: float | None
    """None once the window has ended: how far the next one is used was not told yet."""
    is_stale: bool
    """Told so long ago that it is only a least: use grows until the reset."""
    elapsed_share: float | None
    """How much of the window has passed, 0 to 1; None where its length is not known."""
    resets_at: datetime | None
    told_at: datetime


SessionState = Literal["working", "waiting", "idle"]


class SessionRow(NamedTuple):
    """One line of the sessions table."""

    session_id: str
    title: str
    project: str
    """The working directory, as logged."""
    branch: str
    version: str
    model: str
    """The model of the newest response."""
    state: SessionState
    working_agents: int
    agents: int
    """All agents so far, the main thread included, background ones not."""
    tokens_last_minute: Tokens
    trend_tokens: tuple[int, ...]
    """All tokens in the last 11 whole minutes, and in the last 60 seconds."""
    context_tokens: int
    """Prompt size of the newest response of the main thread."""
    hit_rate: float | None
    """Over the view's range."""
    range_money: Money
    range_tokens: Tokens
    today_money: Money
    lower_bound_responses: int
    last_line_at: datetime
    first_line_at: datetime
    process_id: int | None = None
    """From the live registry, where it names one that still runs."""


class Totals(NamedTuple):
    """What the whole store holds: tells an empty store from a filter that hides all."""

    responses: int
    sessions: int
    unpriced_models: tuple[tuple[str, int], ...]
    """Models without a price and how many responses each has in the range."""
    skipped_lines: int


@dataclass(frozen=True, eq=False, slots=True)
class Snapshot:
    """Everything the dashboard shows, at one instant. Compared by identity: it is replaced whole."""

    as_of: datetime
    view: View
    headline: Headline
    chart: RateChart
    cache: CacheFigures
    models: tuple[ModelShare, ...]
    budgets: tuple[BudgetGauge, ...]
    sessions: tuple[SessionRow, ...]
    sessions_matching: int
    """How many sessions match the range and filter, also beyond the row limit."""
    sessions_in_range: int
    totals: Totals
    alerts: tuple[AlertRow, ...] = ()
    """What holds at `as_of`, the loudest first."""
    alerts_now: tuple[AlertRow, ...] = ()
    """What holds at present, where `as_of` is a moment in the past."""
    plan: tuple[PlanGauge, ...] = ()
    """The windows of the user's plan; empty where Claude Code told of none."""
