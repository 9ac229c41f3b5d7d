"""The cache of a session: whether it is warm, what rebuilding it cost, and which lifetime would be cheaper."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import ClassVar

from tokentui.figures import format_count, format_usd
from tokentui.queries.cache.results import CacheClock, CacheReport, HitRate, LifetimeMix, SessionCache
from tokentui.queries.session.parts import SessionInsight
from tokentui.ui import words
from tokentui.ui.drawing.facts import facts, whole_facts
from tokentui.ui.drawing.lines import Line, Piece, line_width
from tokentui.ui.drawing.scrolling import ScrolledLines
from tokentui.ui.panes.session.rebuilds import RebuildsPane
from tokentui.ui.scene import Scene

_TABLE_CELLS = 48
_GAPS = {"first": "agent's first", "under 1m": "under 1 min", "1m to 5m": "1 to 5 min", "5m to 1h": "5 to 60 min",
         "1h and more": "over an hour"}  # fmt: skip


class CacheClockPane(ScrolledLines):
    """The clock, the sums, and two small tables."""

    HELP_TEXT: ClassVar = RebuildsPane.HELP_TEXT
    cache: SessionCache | None = None

    def take(self, insight: SessionInsight) -> None:
        """Show the new figures."""
        if isinstance(insight.part, SessionCache):
            self.cache = insight.part
            self._fit()
            self.redraw()

    def on_resize(self) -> None:
        """Take no more room than there are lines."""
        self._fit()
        super().on_resize()

    def _fit(self) -> None:
        if self.scene and self.size.width:
            around = {"none": 0, "rule": 1, "box": 2}[self.frame]
            lines = len(self.text(self.scene, self.inner_size.width)) + around
            if self.styles.max_height is None or self.styles.max_height.value != lines:
                self.styles.max_height = lines

    def titles(self, scene: Scene, width: int) -> tuple[str, str]:
        """The titles of the frame."""
        return "cache", "premium at list price"

    def text(self, scene: Scene, width: int) -> Sequence[Line]:
        """All lines."""
        cache = self.cache
        if cache is None or not cache.report.hits.responses:
            return (((" nothing was billed so far", "muted"),),)
        lines = [*_clocks(cache.clocks, scene), *_sums(cache.report, width), *_mix(cache.report.mix)]
        return [*(whole_facts(line, width) for line in lines), *_rates(cache.report, width)]


def _clocks(clocks: Sequence[CacheClock], scene: Scene) -> list[Line]:
    """The clock of the main thread, and one line for all other warm agents."""
    main = next((clock for clock in clocks if not clock.agent_id), None)
    others = [clock for clock in clocks if clock.agent_id and _is_warm(clock, scene.now)]
    lines = [_clock(main, scene)] if main else []
    if others:
        cost = sum(clock.going_cold_pico_usd or 0 for clock in others)
        first = min(clock.cold_at for clock in others)
        lines.append(
            facts(
                (words.plural(len(others), "sub-agent"), "warm too"),
                (words.duration(max((first - scene.now).total_seconds(), 0)), "", "the first goes cold in"),
                (format_usd(cost), "", "all going cold costs"),
                (format_count(sum(clock.cached_tokens for clock in others)), "cached"),
            )
        )
    return lines


def _is_warm(clock: CacheClock, now: datetime) -> bool:
    return clock.is_warm and now < clock.cold_at


def _clock(clock: CacheClock, scene: Scene) -> Line:
    lifetime = "1h" if clock.ttl_seconds >= 3_600 else "5m"
    cost = format_usd(clock.going_cold_pico_usd)
    cached = (format_count(clock.cached_tokens), f"cached for {lifetime}")
    if not _is_warm(clock, scene.now):
        if not clock.cached_tokens:
            return ((" ○ ", "muted"), ("nothing cached", "muted"), (" by the main thread's newest response", "muted"))
        said = facts((words.age(clock.cold_at, scene.now), "", "for"), (cost, "", "writing it again costs"), cached)
        return ((" ○ ", "muted"), ("main cold", "muted"), *said)
    left = words.duration((clock.cold_at - scene.now).total_seconds())
    said = facts(
        (left, "", "for"),
        (cost, "", "going cold costs"),
        cached,
        (words.clock(clock.cold_at, scene.time_zone), "", "until"),
    )
    return ((" ● ", "good"), ("main warm", "good"), *said)


def _sums(report: CacheReport, width: int) -> list[Line]:
    """The sum of all rebuilds, then the sums by cause."""
    rebuilds = report.hits.rebuilds
    premium = format_usd(rebuilds.premium_pico_usd, unpriced=bool(rebuilds.unpriced))
    lines: list[Line] = [
        facts(
            (words.share(report.hits.hit_rate), "hit rate"),
            (premium, f"premium for {format_count(rebuilds.tokens)} written again"),
        )
    ]
    for cause, sums in report.by_cause:
        money = format_usd(sums.premium_pico_usd, unpriced=bool(sums.unpriced))
        fact = facts((f"{sums.count} ×", f"{cause} {money}"))
        longer = (*lines[-1], (" · ", "muted"), *fact[1:])
        if line_width(longer) <= width:
            lines[-1] = longer
        else:
            lines.append(fact)
    return lines


def _mix(mix: LifetimeMix) -> list[Line]:
    """Cache writes by lifetime, and what they would have cost with the other one."""
    written = facts(
        (format_count(mix.written_5m_tokens), "written for 5m"),
        (format_count(mix.written_1h_tokens), "for 1h"),
        (words.share_short(mix.break_even_share) if mix.break_even_share is not None else "",
         "needed again after 5 min", "break-even at"),
    )  # fmt: skip
    verdicts: list[tuple[str, str, str]] = []
    if mix.written_5m_tokens:
        verdicts.append((_saving(mix.hour_instead_saves_pico_usd, "would have saved", "would have cost"), "",
                         "1h instead of 5m"))  # fmt: skip
    if mix.written_1h_tokens:
        verdicts.append((_saving(mix.hour_has_saved_pico_usd, "has saved", "has cost"), "", "1h against 5m"))
    return [written, facts(*verdicts)] if verdicts else [written]


def _saving(pico_usd: int, saved: str, cost: str) -> str:
    return f"{saved} {format_usd(pico_usd)}" if pico_usd >= 0 else f"{cost} {format_usd(-pico_usd)} more"


def _rates(report: CacheReport, width: int) -> list[Line]:
    """Hit rate by idle time and by kind of agent, side by side if there is room."""
    gaps = _table("idle before", [(_GAPS[rate.name], rate) for rate in report.by_gap])
    kinds = _table("agents", [(rate.name, rate) for rate in report.by_kind])
    if width < 2 * _TABLE_CELLS + 1:
        return [*gaps, *kinds]
    tall = max(len(gaps), len(kinds))
    blank: Line = ((" " * _TABLE_CELLS, ""),)
    pairs = zip(gaps + [blank] * (tall - len(gaps)), kinds + [blank] * (tall - len(kinds)), strict=True)
    return [(*left, (" ", ""), *right) for left, right in pairs]


def _table(title: str, rates: Sequence[tuple[str, HitRate]]) -> list[Line]:
    head = f" {title:<14}{'responses':>10}{'hit':>5}{'rebuilds':>9}{'premium':>9}"
    lines: list[Line] = [((head.ljust(_TABLE_CELLS), "header"),)]
    for name, rate in rates:
        rebuilds = rate.rebuilds
        premium = format_usd(rebuilds.premium_pico_usd) if rebuilds.count else "–"
        pieces: list[Piece] = [
            (f" {name:<14}", ""),
            (f"{rate.responses:>10,}", ""),
            (f"{words.share_short(rate.hit_rate):>5}", "strong"),
            (f"{rebuilds.count or '–':>9}", ""),
            (f"{premium:>9}", ""),
        ]
        lines.append((*pieces, (" " * (_TABLE_CELLS - line_width(pieces)), "")))
    return lines
