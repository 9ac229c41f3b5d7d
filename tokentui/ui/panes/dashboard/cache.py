"""Pane 3: how the prompt cache does."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from tokentui.figures import format_count, format_usd
from tokentui.ui import words
from tokentui.ui.charts.spark import sparkline
from tokentui.ui.drawing import help as texts
from tokentui.ui.drawing.line_pane import LinePane
from tokentui.ui.drawing.lines import Line
from tokentui.ui.scene import Scene


class CachePane(LinePane):
    """Hit rate, reads, writes, and what the cache saved."""

    HELP_TEXT: ClassVar = texts.PaneHelp(
        "cache",
        "Hit rate in the last 60 s and over the range, its trend from 50 to 100 %, cache reads, writes by "
        "lifetime, and money saved.",
        (
            texts.HIT_RATE,
            (
                "saved",
                "price of the same prompts without a cache − their price, the premium of the writes included",
            ),
            texts.MONEY,
        ),
    )

    def titles(self, scene: Scene, width: int) -> tuple[str, str]:
        """The pane's name and the range."""
        return "3 cache", scene.snapshot.view.range if scene.snapshot else ""

    def draw(self, scene: Scene, width: int, height: int) -> Sequence[Line]:
        """Three lines, or up to five where there is room."""
        if scene.snapshot is None:
            return ()
        cache, range_name = scene.snapshot.cache, scene.snapshot.view.range
        tokens = cache.tokens_range
        rates: Line = (
            (" hit rate ", "muted"),
            (f"{words.share(cache.hit_rate_now):>7}", "strong"), (f" {scene.now_word} ", "muted"),
            (f"{words.share(cache.hit_rate_range):>7}", "strong"), (f" in {range_name}", "muted"),
        )  # fmt: skip
        amount = format_usd(cache.saved_pico_usd) if tokens.total else "–"
        saved: Line = (
            (" saved    ", "muted"), (f"{amount:>7}", "strong"),
            (" against no cache", "muted"),
        )  # fmt: skip
        reads: Line = ((" reads    ", "muted"), (f"{format_count(tokens.cache_read):>7}", "strong"))
        writes: Line = (
            (" writes   ", "muted"), (f"{format_count(tokens.cache_write_5m):>7}", "strong"), (" 5m  ", "muted"),
            (f"{format_count(tokens.cache_write_1h):>7}", "strong"), (" 1h", "muted"),
        )  # fmt: skip
        flow: Line = (*reads, ("  writes ", "muted"), (f"{format_count(tokens.cache_write):>5}", "strong"))
        if height <= 3:
            return [rates, flow, saved]
        room = width - 11
        trend_values = [None if rate is None else max(0.0, rate - 0.5) for rate in cache.trend_hit_rate]
        trend = sparkline(trend_values, room, ceiling=0.5, alphabet=scene.alphabet)
        over_time: Line = ((" trend    ", "muted"), (trend, "spark"))
        return [rates, over_time, flow, saved] if height == 4 else [rates, over_time, reads, writes, saved]
