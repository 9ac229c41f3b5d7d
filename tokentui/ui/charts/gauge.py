"""Gauges: how much of a limit is used, against thresholds and an even pace."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, NamedTuple

from tokentui.figures import whole_percent
from tokentui.ui.charts.alphabet import BLOCK, Alphabet
from tokentui.ui.charts.scale import finite
from tokentui.ui.charts.segments import Row, Segment, joined

THRESHOLDS = (50, 75, 90, 100)
_WARN_FROM = 75
"""Percent from which passing a threshold is a warning, unless all thresholds lie below it."""


class GaugeState(NamedTuple):
    """How a gauge stands, in words; `level` is also the end of its style names."""

    level: Literal["ok", "warn", "over", "unknown"]
    text: str

    @property
    def style(self) -> str:
        """The style of the words."""
        return f"state-{self.level}" if self.level != "unknown" else "label"


def gauge_state(share: float | None, thresholds: Sequence[int] = THRESHOLDS) -> GaugeState:
    """`62% ok`, `▲ 82% warn` or `✖ 112% over` for a used share (1 is the limit); `?` where it is unknown."""
    used = finite(share)
    if used is None:
        return GaugeState("unknown", "?")
    percent = whole_percent(min(used, 99.99))
    if percent >= 100:
        return GaugeState("over", f"✖ {percent}% over")
    below = [mark for mark in thresholds if 0 < mark < 100]
    warnings = [mark for mark in below if mark >= _WARN_FROM] or below
    if warnings and percent >= min(warnings):
        return GaugeState("warn", f"▲ {percent}% warn")
    return GaugeState("ok", f"{percent}% ok")


def gauge(
    share: float | None,
    width: int,
    *,
    pace: float | None = None,
    thresholds: Sequence[int] = THRESHOLDS,
    alphabet: Alphabet = BLOCK,
) -> Row:
    """A bar of exactly `width` cells whose end is the limit; beyond it the bar is full and ends in `+`.

    `share` is the used share of the limit, `pace` the share that an even pace would have used by now.
    """
    if width < 1:
        return ()
    used = finite(share)
    fill = f"gauge-{gauge_state(share, thresholds).level}"
    steps = len(alphabet.growing) - 1
    filled = round(min(used or 0.0, 1.0) * width * steps)
    cells = [_cell(filled - at * steps, steps, fill, alphabet) for at in range(width)]
    for mark in thresholds:
        at = round(width * mark / 100)
        if 0 < mark < 100 and at < width and filled <= at * steps:
            cells[at] = Segment(alphabet.mark, "mark")
    if used is not None and used > 1:
        cells[-1] = Segment("+", fill)
    if pace is not None and (even := finite(pace)) is not None and used is not None:
        at = min(int(min(even, 1.0) * width), width - 1)
        if not (used > 1 and at == width - 1):
            cells[at] = Segment(alphabet.pace, "pace")
    return joined(cells)


def _cell(filled: int, steps: int, fill: str, alphabet: Alphabet) -> Segment:
    if filled <= 0:
        return Segment(alphabet.track, "track")
    return Segment(alphabet.growing[min(filled, steps)], fill)
