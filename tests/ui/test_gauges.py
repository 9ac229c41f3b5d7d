"""Gauges: exact size, and words beside colours."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tokentui.ui.charts.alphabet import ASCII, BLOCK, BRAILLE, Alphabet
from tokentui.ui.charts.gauge import gauge, gauge_state
from tokentui.ui.charts.segments import plain
from tokentui.widths import cell_width

ANY_VALUE = st.none() | st.floats()
ALPHABETS = st.sampled_from([BLOCK, BRAILLE, ASCII])


@given(ANY_VALUE, st.integers(0, 60), st.none() | st.floats(), st.lists(st.integers(-10, 200)), ALPHABETS)
def test_gauge_has_exactly_the_width(
    share: float | None, width: int, pace: float | None, thresholds: list[int], alphabet: Alphabet
) -> None:
    row = gauge(share, width, pace=pace, thresholds=thresholds, alphabet=alphabet)
    assert cell_width(plain(row)) == width


def test_gauge_pictures() -> None:
    assert plain(gauge(0.0, 20)) == "▁▁▁▁▁▁▁▁▁▁│▁▁▁▁│▁▁│▁"
    assert plain(gauge(0.33, 20)) == "▄▄▄▄▄▄▖▁▁▁│▁▁▁▁│▁▁│▁"
    assert plain(gauge(0.33, 20, pace=0.5)) == "▄▄▄▄▄▄▖▁▁▁┃▁▁▁▁│▁▁│▁"
    assert plain(gauge(1.0, 20)) == "▄" * 20
    assert plain(gauge(1.3, 20, pace=0.25)) == "▄▄▄▄▄┃▄▄▄▄▄▄▄▄▄▄▄▄▄+"
    assert plain(gauge(None, 8, thresholds=())) == "▁▁▁▁▁▁▁▁"
    assert plain(gauge(0.5, 10, alphabet=ASCII)) == "#####+--++"
    assert gauge(0.8, 10)[0].style == "gauge-warn"


@pytest.mark.parametrize(
    ("share", "words"),
    [
        (0.0, "0% ok"),
        (0.29, "29% ok"),
        (0.7499, "74% ok"),
        (0.82, "▲ 82% warn"),
        (0.999999, "▲ 99% warn"),
        (1.0, "✖ 100% over"),
        (1.12, "✖ 112% over"),
        (1e300, "✖ 9999% over"),
        (None, "?"),
        (float("nan"), "?"),
    ],
)
def test_gauge_states_have_words(share: float | None, words: str) -> None:
    assert gauge_state(share).text == words


def test_gauge_warns_at_the_users_own_thresholds() -> None:
    assert gauge_state(0.6, (60,)).level == "warn"
    assert gauge_state(0.6, (50, 80)).level == "ok"
    assert gauge_state(0.99, ()).level == "ok"
