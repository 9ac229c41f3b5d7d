"""Made-up snapshots in the states that matter."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from tokentui.ingest.report import IngestProgress, IngestReport, SourceState
from tokentui.queries.results import (
    BudgetGauge,
    CacheFigures,
    ChartSeries,
    Headline,
    ModelShare,
    Money,
    RateChart,
    SessionRow,
    Snapshot,
    Totals,
)
from tokentui.records import Tokens
from tokentui.view import View
from tokentui.watch.usual import Usual

NOW = datetime(2026, 11, 22, 14, 2, 11, tzinfo=UTC)
USD = 1_000_000_000_000
OPUS, SONNET, HAIKU = "claude-opus-4-5-20251101", "claude-sonnet-4-5-20250929", "claude-haiku-4-5-20251001"
GB = 1_000_000_000
HOSTILE = "fix [/b] the [red]parser[/red] ${x} %s"


def wave(place: int, period: float, low: float, high: float) -> float:
    """A calm curve between two values."""
    return low + (high - low) * (0.5 + 0.5 * math.sin(place / period) * math.cos(place / (period * 2.7)))


def tokens(total: float) -> Tokens:
    """Tokens in the proportions of a coding session."""
    return Tokens(int(total * 0.003), int(total * 0.01), int(total * 0.02), int(total * 0.012), int(total * 0.955))


def dollars(amount: float, unpriced: int = 0, lower_bounds: int = 0) -> Money:
    """A sum in pico-dollars."""
    return Money(int(amount * USD), unpriced, lower_bounds)


def headline(scale: float = 1.0) -> Headline:
    """The tiles, at `scale` times the usual burn."""
    minute = tokens(1_310_000 * scale)
    return Headline(
        tokens_last_minute=minute,
        money_last_minute=dollars(1.12 * scale),
        responses_last_minute=int(14 * scale),
        lower_bound_last_minute=0,
        working_agents=max(1, int(5 * scale)),
        working_sessions=3,
        today_money=dollars(48.12),
        today_responses=3_914,
        today_lower_bound=0,
        usual_fresh=Usual(29_400, 61_000, 1_912),
        usual_cached=Usual(880_000, 2_100_000, 1_912),
        usual_pico_usd=Usual(0.61 * USD, 1.9 * USD, 1_912),
        usual_agents=Usual(2, 6, 1_912),
        usual_hit_rate=Usual(0.951, 0.991, 1_912),
        usual_day_pico_usd=31.2 * USD,
        trend_fresh=tuple(int(wave(i, 3.1, 9_000, 58_000) * (1 + (i > 22) * (scale - 1))) for i in range(30)),
        trend_cached=tuple(int(wave(i, 4.3, 300_000, 1_900_000) * (1 + (i > 22) * (scale - 1))) for i in range(30)),
        trend_pico_usd=tuple(int(wave(i, 3.7, 0.2 * USD, 1.4 * USD)) for i in range(30)),
        trend_hit_rate=tuple(None if i == 7 else wave(i, 5.0, 0.82, 0.985) for i in range(30)),
        trend_agents=tuple(int(wave(i, 6.0, 1, 7 * scale)) for i in range(30)),
    )


def chart(view: View, scale: float = 1.0, buckets: int = 60) -> RateChart:
    """An hour with a gap in it."""
    size = 60
    latest = tokens(1_310_000 * scale)
    kinds = ("output", "input", "cache write", "cache read") if view.split == "kind" else (OPUS, SONNET, HAIKU)
    parts = (0.03, 0.01, 0.06, 0.9) if view.split == "kind" else (0.7, 0.22, 0.08)
    figures = (
        (latest.output, latest.input, latest.cache_write, latest.cache_read)
        if view.split == "kind"
        else tuple(int(latest.total * part) for part in parts)
    )

    def value(place: int, part: float) -> float | None:
        if 18 <= place < 24:
            return None
        burst = scale if place > buckets - 12 else 1.0
        return wave(place, 4.4, 200_000, 1_900_000) * part * burst

    series = tuple(
        ChartSeries(name, tuple(value(place, part) for place in range(buckets)), figure, False)
        for name, part, figure in zip(kinds, parts, figures, strict=True)
    )
    start = NOW.replace(second=0) - timedelta(seconds=size * (buckets - 1))
    return RateChart(start, size, series, partial_last=True)


TITLES = (
    ("Move the ingest loop to bounded batches", "/home/ada/src/tokentui", "main", OPUS, 4, 6, 0.62),
    (
        "Port billing exports to the new ledger",
        "/home/ada/work/ledger/services/billing",
        "feat/exports",
        OPUS,
        2,
        11,
        0.21,
    ),
    ("Why is the nightly build red?", "/home/ada/work/ci", "main", SONNET, 1, 1, 0.11),
    ("日本語の見出しを直す: wide characters in titles", "/home/ada/src/site", "i18n", SONNET, 0, 3, 0.05),
    (HOSTILE, "/home/ada/src/[wip]/parser", "fix/[/b]", HAIKU, 0, 1, 0.01),
    ("Sketch the schema for usage rows", "/home/ada/src/tokentui", "schema", OPUS, 0, 2, 0.0),
    ("", "/home/ada/notes", "", HAIKU, 0, 1, 0.0),
    ("Review: retries in the API client", "/home/ada/work/client", "retries", SONNET, 0, 4, 0.0),
    ("Translate the handbook", "/home/ada/docs", "main", SONNET, 0, 1, 0.0),
)


def session(place: int, scale: float = 1.0, now: datetime = NOW) -> SessionRow:
    """One row; the first ones are busy."""
    title, project, branch, model, working, agents, part = TITLES[place % len(TITLES)]
    if place >= len(TITLES):
        title, part, working = f"Batch job {place:03}", 0.0, 0
    rate = 1_310_000 * scale * part
    state = "working" if working else "waiting" if place % len(TITLES) == 3 else "idle"
    return SessionRow(
        session_id=f"{place:08x}-5e55-4000-8000-{place:012x}",
        title=title,
        project=project,
        branch=branch,
        version="2.1.40",
        model=model,
        state=state,  # type: ignore[arg-type]
        working_agents=int(working * scale),
        agents=int(agents * scale),
        tokens_last_minute=tokens(rate),
        trend_tokens=tuple(int(wave(i + place, 2.1, 0, 2_000_000 * part)) for i in range(12)),
        context_tokens=int(wave(place, 1.3, 18_000, 182_000)),
        hit_rate=None if place == 6 else wave(place, 1.9, 0.71, 0.985),
        range_money=dollars(21.4 * part, 0, int(place == 1)),
        range_tokens=tokens(180_000_000 * part),
        today_money=dollars(48.12 * part + 0.004 * place, int(place == 4), int(place == 1)),
        lower_bound_responses=1 if place == 1 else 0,
        last_line_at=now - timedelta(seconds=2 + 47 * place**2),
        first_line_at=now - timedelta(hours=2 + place),
        process_id=4_100 + place if working else None,
    )


def budgets(now: datetime = NOW) -> tuple[BudgetGauge, ...]:
    """The shipped defaults, one in each state."""
    marks = (50, 75, 90, 100)
    return (
        BudgetGauge("daily", "day", "usd", 10.0, 11.92, False, 0.585, 18.4, None, marks, True),
        BudgetGauge("weekly", "week", "fresh_tokens", 1_000_000, 812_000, True, 0.92, 931_000,
                    None, marks, True),
        BudgetGauge("monthly", "month", "usd", 200.0, 96.31, False, 0.72, 141.9,
                    now + timedelta(days=4, hours=3), marks, True),
    )  # fmt: skip


def busy(view: View | None = None, scale: float = 1.0, sessions: int = 9, now: datetime = NOW) -> Snapshot:
    """An afternoon with three sessions at work."""
    view = view or View()
    shares = ((OPUS, 0.83, 0.61), (SONNET, 0.15, 0.27), (HAIKU, 0.02, 0.12))
    rows = tuple(session(place, scale, now) for place in range(sessions))
    return Snapshot(
        as_of=now,
        view=view,
        headline=headline(scale),
        chart=chart(view, scale),
        cache=CacheFigures(
            0.962, 0.947, Tokens(1_240_000, 4_100_000, 8_100_000, 2_200_000, 412_000_000), int(182.4 * USD),
            tuple(None if 18 <= i < 24 else wave(i, 5.0, 0.82, 0.985) for i in range(60)),
        ),
        models=tuple(
            ModelShare(name, int(900 * share), tokens(180_000_000 * part), dollars(21.4 * share), share, part)
            for name, share, part in shares
        ),
        budgets=budgets(now),
        sessions=rows[: view.row_limit],
        sessions_matching=sessions,
        sessions_in_range=sessions,
        totals=Totals(61_284, 1_284, (), 0),
    )  # fmt: skip


def storm(view: View | None = None, now: datetime = NOW) -> Snapshot:
    """Agents that spawn agents."""
    return busy(view, scale=7.0, sessions=9, now=now)


def unpriced(view: View | None = None, now: datetime = NOW) -> Snapshot:
    """Two models nobody knows the price of."""
    snapshot = busy(view, now=now)
    stranger = ModelShare("claude-next-6-0", 12, tokens(9_000_000), Money(0, 12), None, 0.05)
    totals = snapshot.totals._replace(unpriced_models=(("claude-next-6-0", 12), ("local-model", 3)))
    money = snapshot.headline.today_money._replace(unpriced_responses=15)
    return replace(
        snapshot,
        models=(*snapshot.models, stranger),
        totals=totals,
        headline=snapshot.headline._replace(today_money=money, today_lower_bound=2),
    )


def filtered_out(view: View | None = None, now: datetime = NOW) -> Snapshot:
    """A filter that hides all sessions."""
    return replace(busy(view, now=now), sessions=(), sessions_matching=0, sessions_in_range=1_284)


def out_of_range(view: View | None = None, now: datetime = NOW) -> Snapshot:
    """Nothing ran in the range."""
    return replace(filtered_out(view, now), sessions_in_range=0)


def empty(view: View | None = None, now: datetime = NOW) -> Snapshot:
    """A store without a single response."""
    view = view or View()
    nothing = Headline(Tokens(), Money(), 0, 0, 0, 0, Money(), 0, 0, None, None, None, None, None, None,
                       (0,) * 30, (0,) * 30, (0,) * 30, (None,) * 30, (0,) * 30)  # fmt: skip
    return Snapshot(
        now, view, nothing, RateChart(NOW, 60, (), False), CacheFigures(None, None, Tokens(), None, ()), (),
        budgets(now), (), 0, 0, Totals(0, 0, (), 0),
    )  # fmt: skip


LIVE = IngestReport(
    IngestProgress("live", 212, 4_100_000_000, 4_100_000_000, None, 61_284, True),
    (
        SourceState("~/.claude", "live"),
        SourceState("~/work/.claude", "live"),
        SourceState("Desktop", "polling"),
    ),
    ("/home/ada/.claude/projects", "/home/ada/.config/claude/projects"),
)
CATCHING_UP = LIVE._replace(
    progress=IngestProgress("catching up", 2_012, 3_100_000_000, 9_800_000_000, 31.0, 9_120, True)
)
NOTHING_FOUND = IngestReport(
    IngestProgress("live", 0, 0, 0, None, 0, True),
    (),
    ("/home/ada/.claude/projects", "/home/ada/.config/claude/projects",
     "/home/ada/Library/Application Support/Claude/local-agent-mode-sessions"),
)  # fmt: skip
FAILING = LIVE._replace(
    sources=(
        *LIVE.sources[:2],
        SourceState("/mnt/nas/.claude", "failed", "permission denied on 3 directories"),
    ),
)
