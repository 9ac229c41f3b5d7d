"""How many agents of a session were at work at once, on the axis of the lanes below."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import ClassVar

from tokentui.figures import format_duration_ms
from tokentui.queries.session.parts import SessionInsight
from tokentui.queries.session.timeline import Span, Timeline, most_at_once
from tokentui.ui.charts.area import AreaLook, area_chart
from tokentui.ui.charts.scale import nice_ceiling
from tokentui.ui.charts.time_axis import TimeAxis
from tokentui.ui.drawing.line_pane import LinePane
from tokentui.ui.drawing.lines import Line
from tokentui.ui.panes.session.timeline import Lanes, LanesPane, clipped, lanes_mark, lanes_of, plot_place
from tokentui.ui.scene import Scene

_GUTTER = 7
"""Cells that a chart keeps for labels left of its plot."""


class ConcurrencyPane(LinePane, can_focus=False):
    """The chart of working agents over time."""

    HELP_TEXT: ClassVar = LanesPane.HELP_TEXT
    whole = lanes = Lanes()
    stretch: Span | None = None
    _taken: tuple[object, ...] = ()
    _drawn: tuple[tuple[object, ...], Sequence[Line]] | None = None

    def take(self, insight: SessionInsight) -> None:
        """Show the new profile."""
        if isinstance(insight.part, Timeline) and lanes_mark(insight) != self._taken:
            self._taken = lanes_mark(insight)
            self.whole = lanes_of(insight.tree, insight.part)
            self.zoom(self.stretch)

    def zoom(self, stretch: Span | None) -> None:
        """Show only this stretch of time, or all of it for None."""
        self.stretch = stretch
        self.lanes = clipped(self.whole, stretch)
        self.redraw()

    def titles(self, scene: Scene, width: int) -> tuple[str, str]:
        """The most at once, and how long it all took."""
        most = self.lanes.most_at_once
        if not most:
            return "at work at once", ""
        took, whole = (format_duration_ms(one.end_ms - one.start_ms) for one in (self.lanes, self.whole))
        return f"at work at once · {most} at most", f"{took} of {whole}" if self.stretch else f"{took} in all"

    def draw(self, scene: Scene, width: int, height: int) -> Sequence[Line]:
        """The chart, its plot above the lanes; drawn anew only when its input has changed."""
        key = (self.lanes, width, height, scene.alphabet, scene.time_zone)
        if self._drawn is None or self._drawn[0] != key:
            self._drawn = (key, self._chart(scene, width, height))
        return self._drawn[1]

    def _chart(self, scene: Scene, width: int, height: int) -> Sequence[Line]:
        start, cells = plot_place(width)
        lanes = self.lanes
        spans = [span for one in lanes.lanes for span in one.spans]
        if not spans:
            return [((" no agent was at work so far", "muted"),)]
        counts = most_at_once(spans, lanes.start_ms, lanes.end_ms, cells * scene.alphabet.columns)
        drawn = area_chart(
            [[count or None for count in counts]],
            cells + _GUTTER,
            height,
            ceiling=nice_ceiling(max(counts)),
            axis=TimeAxis(
                datetime.fromtimestamp(lanes.start_ms / 1000, UTC),
                max(lanes.end_ms - lanes.start_ms, 1) / 1000 / len(counts),
                scene.time_zone,
            ),
            look=AreaLook(scene.alphabet, unit="agents", is_whole=True),
        )
        indent = ((" " * (start - _GUTTER), ""),)
        return [(*indent, *row) for row in drawn.rows]
