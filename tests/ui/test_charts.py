"""Charts: exact size, order kept, gaps seen, and a few pictures as they must look."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tokentui.ui.charts.alphabet import ASCII, BLOCK, BRAILLE, Alphabet, choose_alphabet
from tokentui.ui.charts.area import AreaLook, area_chart, plot_columns
from tokentui.ui.charts.scale import nice_ceiling, resample, stack_peak, sticky_ceiling, y_ticks
from tokentui.ui.charts.segments import ChartRows, plain
from tokentui.ui.charts.spark import sparkline
from tokentui.ui.charts.time_axis import TimeAxis, time_ticks
from tokentui.widths import cell_width

BERLIN = ZoneInfo("Europe/Berlin")
EIGHT = TimeAxis(datetime(2026, 11, 22, 8, 0, tzinfo=UTC), 60, BERLIN)
ANY_VALUE = st.none() | st.floats()
ALPHABETS = st.sampled_from([BLOCK, BRAILLE, ASCII])
LOOKS = st.builds(AreaLook, ALPHABETS, st.booleans())


def picture(text: str) -> str:
    """A picture drawn with a bar at the end of each line, so that blanks at the end count."""
    return "\n".join(line.removesuffix("|") for line in text.strip("\n").split("\n"))


@settings(max_examples=60)
@given(
    st.lists(st.lists(ANY_VALUE, max_size=30), max_size=7),
    st.integers(-1, 60),
    st.integers(-1, 12),
    LOOKS,
    st.floats(),
)
def test_every_row_has_exactly_the_width(
    series: list[list[float | None]], width: int, height: int, look: AreaLook, ceiling: float
) -> None:
    chart = area_chart(series, width, height, ceiling=ceiling, axis=EIGHT, partial_last=True, look=look)
    assert len(chart.rows) == max(height, 0)
    assert {cell_width(plain(row)) for row in chart.rows} <= {max(width, 0)}


def ink(chart: ChartRows, alphabet: Alphabet) -> list[int]:
    """Filled levels in each row of a chart without axes."""
    if alphabet is BRAILLE:
        return [
            sum((ord(char) - 0x2800).bit_count() for char in plain(row) if ord(char) > 0x2800) for row in chart.rows
        ]
    full = alphabet.levels
    return [
        sum(
            full if " on " in style or char in alphabet.fills else alphabet.rising.index(char)
            for text, style in row
            for char in text
            if style.startswith("series")
        )
        for row in chart.rows
    ]


@settings(max_examples=150)
@given(
    st.lists(st.lists(st.none() | st.floats(0, 100), min_size=5, max_size=5), min_size=1, max_size=4),
    st.data(),
    LOOKS,
    st.integers(5, 20),
)
def test_more_is_never_drawn_smaller(
    series: list[list[float | None]], data: st.DataObject, look: AreaLook, width: int
) -> None:
    at = data.draw(st.integers(0, len(series) - 1))
    bucket = data.draw(st.integers(0, 4))
    more = [list(one) for one in series]
    more[at][bucket] = (series[at][bucket] or 0) + data.draw(st.floats(0, 200))
    before, after = (area_chart(one, width, 2, ceiling=100, axis=EIGHT, look=look) for one in (series, more))
    low, high = ink(before, look.alphabet), ink(after, look.alphabet)
    assert all(less <= more for less, more in zip(low, high, strict=True))


LOW = [10.0, 20, 30, None, None, 0, 25, 50, 25, 10]
HIGH = [40.0, 60, 70, None, None, 0, 25, 50, 0, 5]


def test_stacked_chart_with_gap_and_zero() -> None:
    chart = area_chart([LOW, HIGH], 27, 6, ceiling=100, axis=EIGHT)
    assert str(chart) == picture("""
  100 ┤  ▂▂██        ██    |
      │  ████        ██    |
   50 ┤████▂▂      ████    |
      │▃▃▆▆██      ██████▅▅|
    0 ┼┬─────····┬─────────|
tok/min 09:00  09:05       |
""")


def test_braille_and_ascii_charts() -> None:
    braille = area_chart([LOW, HIGH], 27, 4, ceiling=100, axis=EIGHT, look=AreaLook(BRAILLE))
    assert str(braille) == picture("""
  100 ┤  ⣤⣤⣿⣿        ⣿⣿    |
      │⣤⣤⣿⣿⣿⣿      ⣤⣤⣿⣿    |
      │⣿⣿⣿⣿⣿⣿····⣀⣀⣿⣿⣿⣿⣶⣶⣤⣤|
tok/min 09:00  09:05       |
""")
    ascii_chart = area_chart([LOW, HIGH], 27, 6, ceiling=100, axis=EIGHT, look=AreaLook(ASCII))
    assert str(ascii_chart) == picture("""
  100 +  __==        ==    |
      |  ====        ==    |
   50 +======      ==##    |
      |==####      ######..|
    0 ++-----....+---------|
tok/min 09:00  09:05       |
""")


def test_with_patterns_a_part_of_a_cell_has_its_own_too() -> None:
    chart = area_chart([[0, 0, 0], [20.0, 70, 80]], 3, 2, ceiling=100, axis=EIGHT, look=AreaLook(BLOCK, patterns=True))
    assert str(chart) == "  ▓\n▓▓▓"


def test_a_part_in_the_middle_takes_no_dots_away() -> None:
    look = AreaLook(BRAILLE, patterns=True)
    thin: list[list[float | None]] = [[None, 1.0], [None, None], [None, 68.0]]
    thick: list[list[float | None]] = [[None, 1.0], [None, 1.0], [None, 68.0]]
    before, after = (area_chart(one, 3, 2, ceiling=100, axis=EIGHT, look=look) for one in (thin, thick))
    assert sum(ink(before, BRAILLE)) <= sum(ink(after, BRAILLE))


def test_small_parts_do_not_make_a_column_higher_than_it_is() -> None:
    usual, storm = [0.01, 9.99], [0.005, 9.995]
    kinds = [usual, usual, storm, [0.4, 70.0]]
    chart = area_chart(kinds, 2, 1, ceiling=100, axis=EIGHT)
    assert chart.rows[0][0] == ("▁", "series-3")
    tall = area_chart(kinds, 2, 8, ceiling=100, axis=EIGHT)
    assert {segment.style.split(" ")[0] for row in tall.rows for segment in row} >= {"series-0", "series-2"}


def test_partial_last_bucket_is_marked() -> None:
    values = [50.0] * 4
    chart = area_chart([values], 8, 2, ceiling=100, axis=EIGHT, partial_last=True)
    assert [(segment.text, segment.style) for segment in chart.rows[-1]] == [
        ("██████", "series-0"),
        ("██", "series-0 partial"),
    ]


def test_borders_inside_a_cell_show_both_series() -> None:
    chart = area_chart([[25.0], [75.0]], 1, 1, ceiling=100, axis=EIGHT)
    assert chart.rows == ((("▂", "series-0 on series-1"),),)


def test_gap_differs_from_zero() -> None:
    chart = area_chart([[None, 0.0, 100.0]], 3, 1, ceiling=100, axis=EIGHT)
    assert chart.rows == ((("·", "gap"), ("▁", "axis"), ("█", "series-0")),)


def test_patterns_tell_series_apart_without_colour() -> None:
    series = [[100.0], [100.0], [100.0], [100.0]]
    for alphabet, column in ((BLOCK, "░▒▓█"), (ASCII, "%+=#")):
        chart = area_chart(series, 1, 2, ceiling=200, axis=EIGHT, look=AreaLook(alphabet, patterns=True))
        assert str(chart).split("\n") == [column[2], column[3]]


@given(st.floats(0, 1e300))
def test_nice_ceiling_holds_the_value_closely(value: float) -> None:
    ceiling = nice_ceiling(value)
    assert value <= ceiling <= max(value * 1.5 * (1 + 1e-9), 1)


def test_a_ceiling_stays_until_values_are_clearly_below_it() -> None:
    assert nice_ceiling(410_000) == 500_000
    assert sticky_ceiling(None, 410_000) == 500_000
    assert sticky_ceiling(500_000, 900_000) == 1_000_000
    assert sticky_ceiling(500_000, 310_000) == 500_000
    assert sticky_ceiling(500_000, 100_000) == 400_000
    assert sticky_ceiling(1_000_000, 10) == 800_000
    assert sticky_ceiling(100.0, float("nan")) == 80


@given(st.floats(0, 1e15), st.floats(0, 1e15))
def test_sticky_ceiling_always_holds_and_settles(previous: float, value: float) -> None:
    ceiling: float = previous
    for _ in range(200):
        ceiling = sticky_ceiling(ceiling, value)
        assert ceiling >= value
    assert sticky_ceiling(ceiling, value) == ceiling


def test_ticks_are_round() -> None:
    assert y_ticks(500_000, 8) == ((3, 250_000), (7, 500_000))
    assert y_ticks(100, 4) == ((1, 50), (3, 100))
    assert y_ticks(500_000, 14) == ((6, 250_000), (13, 500_000))
    assert y_ticks(60_000, 3) == ((2, 60_000),)


def test_resample_keeps_values_means_and_gaps() -> None:
    assert resample([1, 2], 4) == (1, 1, 2, 2)
    assert resample([1, 3, None, None], 2) == (2, None)
    assert resample([1, None, None, 5, 5, 5], 2) == (None, 5)
    assert resample([float("nan"), -3], 2) == (None, 0)
    assert stack_peak([[1, 5, None], [2, 1]]) == 6


@settings(max_examples=60)
@given(
    st.integers(1, 400),
    st.integers(1, 200),
    st.sampled_from([1, 30, 60, 300, 3600, 86_400]),
    st.integers(0, 10**8),
)
def test_time_labels_never_touch(buckets: int, columns: int, bucket_seconds: int, offset: int) -> None:
    start = datetime.fromtimestamp(1_700_000_000 + offset, UTC)
    ticks = time_ticks(TimeAxis(start, bucket_seconds, BERLIN), buckets, columns)
    widest = 8 if any(tick.label.count(":") == 2 for tick in ticks) else 6
    assert all(0 <= tick.column < columns and 0 < len(tick.label) <= widest for tick in ticks)
    assert all(right.column - left.column >= widest + 2 for left, right in pairwise(ticks))


def test_time_labels_are_local_and_skip_what_no_clock_showed() -> None:
    spring = TimeAxis(datetime(2026, 3, 29, 0, 0, tzinfo=UTC), 600, BERLIN)
    labels = [tick.label for tick in time_ticks(spring, 18, 54)]
    assert labels == ["01:00", "01:30", "03:00", "03:30", "04:00", "04:30"]
    week = TimeAxis(datetime(2026, 11, 21, 22, 0, tzinfo=UTC), 3600, BERLIN)
    assert [tick.label for tick in time_ticks(week, 72, 40)] == ["22 Nov", "23 Nov", "24 Nov"]


@pytest.mark.parametrize(
    ("begins", "days", "labels"),
    [
        ("2026-08-20", 95, ["Sep", "Oct", "Nov"]),
        ("2025-09-29", 420, ["Oct", "2026", "Apr", "Jul", "Oct"]),
        ("2024-06-06", 900, ["Jul", "2025", "Jul", "2026", "Jul"]),
        ("2015-12-11", 4000, ["2020", "2025"]),
    ],
)
def test_labels_of_long_ranges_are_months_and_where_a_year_begins_its_number(
    begins: str, days: int, labels: list[str]
) -> None:
    axis = TimeAxis(datetime.fromisoformat(begins).replace(tzinfo=BERLIN), 86_400, BERLIN)
    assert [tick.label for tick in time_ticks(axis, days, 45)] == labels


@given(st.lists(ANY_VALUE, max_size=50), st.integers(0, 30), ALPHABETS, ANY_VALUE)
def test_sparkline_has_exactly_the_width(
    values: list[float | None], width: int, alphabet: Alphabet, ceiling: float | None
) -> None:
    assert cell_width(sparkline(values, width, ceiling=ceiling, alphabet=alphabet)) == width


def test_sparkline_pictures() -> None:
    values = [None, 0, 0.01, 2, 4, 6, 8, None, 8]
    assert sparkline(values, 9) == " ▁▂▂▄▅▇ ▇"
    assert sparkline(values, 11) == "   ▁▂▂▄▅▇ ▇"
    assert sparkline(values, 9, ceiling=16) == " ▁▂▂▂▃▄ ▄"
    assert sparkline(values, 9, alphabet=ASCII) == " _...:# #"
    assert sparkline([0, 1, 2, 3, 4, 4, None, 4], 4, alphabet=BRAILLE) == "⣠⣴⣿⢸"
    assert sparkline([0, 0, 8, 8], 2) == "▁▇"


def test_alphabet_follows_the_terminal() -> None:
    assert choose_alphabet("auto", "UTF-8", "xterm-256color") is BLOCK
    assert choose_alphabet("auto", "latin-1", "xterm") is ASCII
    assert choose_alphabet("auto", "utf-8", "linux") is ASCII
    assert choose_alphabet("braille", "ascii", "dumb") is BRAILLE
    assert not BLOCK.has_patterns
    assert choose_alphabet("auto", "UTF-8", "xterm-256color", has_colour=False).has_patterns
    assert plot_columns(80) == 73
    assert plot_columns(80, BRAILLE) == 146
