"""Pane 2: tokens per minute over the range."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import tzinfo
from typing import ClassVar, NamedTuple

from tokentui.figures import format_count
from tokentui.queries.results import RateChart
from tokentui.ui import words
from tokentui.ui.charts.alphabet import Alphabet
from tokentui.ui.charts.area import AreaLook, area_chart, plot_columns
from tokentui.ui.charts.scale import stack_peak, sticky_ceiling
from tokentui.ui.charts.time_axis import TimeAxis
from tokentui.ui.drawing import help as texts
from tokentui.ui.drawing.line_pane import LinePane, room_beside
from tokentui.ui.drawing.lines import Line, Piece, clip, line_width
from tokentui.ui.requests import SetColumns
from tokentui.ui.scene import Scene

_FIGURE_CELLS = 6
"""Width of the legend's figures, fixed so that the legend does not move."""
_EMPTY_CEILING = 1_000.0
"""The ceiling of a chart without any tokens."""


class Drawing(NamedTuple):
    """Everything that one picture of the chart depends on."""

    chart: RateChart
    ceiling: float
    width: int
    height: int
    alphabet: Alphabet
    time_zone: tzinfo
    now_word: str
    """The word for the moment of the legend's figures."""

    def lines(self) -> Sequence[Line]:
        """The legend, the plot and its axes."""
        chart, has_legend = self.chart, self.height >= 6
        look = AreaLook(self.alphabet, patterns=self.alphabet.has_patterns)
        drawn = area_chart(
            [series.values for series in chart.series],
            self.width,
            self.height - has_legend,
            ceiling=self.ceiling,
            axis=TimeAxis(chart.start_at, chart.bucket_seconds, self.time_zone),
            partial_last=chart.partial_last,
            look=look,
        )
        return [_legend(chart, look, self.width, self.now_word), *drawn.rows] if has_legend else list(drawn.rows)


class ChartPane(LinePane):
    """The stacked chart."""

    HELP_TEXT: ClassVar = texts.PaneHelp(
        "chart",
        "Tokens per minute in each slice of the range, stacked by token kind or by model ({split}). A dotted baseline "
        "is a gap: nothing ran at all. The slice that is still running is dimmed.",
        (
            ("a column", "tokens of the responses in its slice ÷ its minutes"),
            (
                "now, beside the names",
                "tokens in the last 60 s as in pane 1, whatever the range; of the sessions that "
                "match where there is a filter",
            ),
            texts.TOKENS_PER_MINUTE,
        ),
    )

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._ceiling: float | None = None
        self._scale_of: tuple[str, str] | None = None
        self._columns = 0
        self._drawn: tuple[Drawing, Sequence[Line]] | None = None

    def titles(self, scene: Scene, width: int) -> tuple[str, str]:
        """What is drawn, and how wide a slice is."""
        if scene.snapshot is None:
            return "2 tokens/min", ""
        view = scene.snapshot.view
        slice_ = words.slice_length(scene.snapshot.chart.bucket_seconds)
        return "2 tokens/min", words.fitting(
            room_beside("2 tokens/min", width),
            f"{view.range} by {view.split} · each column {slice_}",
            f"{view.range} by {view.split}",
            view.range,
        )

    def draw(self, scene: Scene, width: int, height: int) -> Sequence[Line]:
        """The legend, if there is room, and the chart; drawn anew only when its input has changed."""
        width -= self.frame == "rule"  # one blank between the chart and the panes beside it
        self._ask_for_columns(width, scene.alphabet)
        if scene.snapshot is None:
            return ()
        drawing = Drawing(
            scene.snapshot.chart, self._scale(scene), width, height, scene.alphabet, scene.time_zone, scene.now_word
        )
        if self._drawn is None or self._drawn[0] != drawing:
            self._drawn = (drawing, drawing.lines())
        return self._drawn[1]

    def _ask_for_columns(self, width: int, alphabet: Alphabet) -> None:
        """Ask for as many slices as can be drawn."""
        columns = plot_columns(width, alphabet)
        if columns != self._columns:
            self._columns = columns
            self.post_message(SetColumns(columns))

    def _scale(self, scene: Scene) -> float:
        """A ceiling that does not jump from one second to the next."""
        assert scene.snapshot is not None  # noqa: S101 - draw has checked
        view = scene.snapshot.view
        if self._scale_of != (view.range, view.filter.source):
            self._scale_of, self._ceiling = (view.range, view.filter.source), None
        peak = stack_peak([series.values for series in scene.snapshot.chart.series])
        self._ceiling = sticky_ceiling(self._ceiling, peak or _EMPTY_CEILING)
        return self._ceiling


def _legend(chart: RateChart, look: AreaLook, width: int, now: str) -> Line:
    """Fill, name and last 60 seconds of each series; a narrow legend loses figures first, then gaps."""
    lines = [
        _legend_of(chart, look, f"   {now} ", "   ", has_figures=True),
        _legend_of(chart, look, f"{now} ", " ", has_figures=True),
        _legend_of(_in_brief(chart), look, f"{now} ", " ", has_figures=True),
        _legend_of(chart, look, "       ", "   ", has_figures=False),
        _legend_of(chart, look, "", " ", has_figures=False),
    ]
    return next((line for line in lines if line_width(line) <= width), clip(lines[-1], width))


def _in_brief(chart: RateChart) -> RateChart:
    """The chart with `write` and `read` for `cache write` and `cache read`."""
    return chart._replace(
        series=tuple(series._replace(name=series.name.removeprefix("cache ")) for series in chart.series)
    )


def _legend_of(chart: RateChart, look: AreaLook, indent: str, gap: str, *, has_figures: bool) -> Line:
    pieces: list[Piece] = [(indent, "muted")]
    for place, series in enumerate(chart.series):
        fill = look.alphabet.fills[place % len(look.alphabet.fills) if look.patterns else 0]
        cells = _FIGURE_CELLS if place < len(chart.series) - 1 else 0
        figure = f" {format_count(series.tokens_last_minute, series.is_lower_bound):<{cells}}" if has_figures else ""
        pieces += [
            (fill, f"series-{place % 6}"),
            (f" {words.model(series.name)}", "label"),
            (figure, "strong"),
            (gap, ""),
        ]
    return tuple(pieces[:-1])
