"""Figures in few cells: how wide they may get, how close they are, and when they say that they are not all."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tokentui.figures import (
    format_age,
    format_bytes,
    format_count,
    format_duration_ms,
    format_share,
    format_usd,
    plural,
)
from tokentui.records import PICO_PER_USD
from tokentui.widths import cell_width

ANY_NUMBER = st.floats() | st.integers() | st.integers(min_value=0, max_value=10**18)


def test_one_of_a_kind_is_no_plural() -> None:
    assert [plural(number, "log") for number in (0, 1, 1284)] == ["0 logs", "1 log", "1,284 logs"]


@given(ANY_NUMBER)
def test_formats_keep_their_width(number: float) -> None:
    assert cell_width(format_count(number)) <= 5
    assert cell_width(format_count(number, lower_bound=True)) <= 6
    assert cell_width(format_bytes(number)) <= 7


@given(st.floats() | st.none())
def test_formats_of_unsure_numbers_keep_their_width(number: float | None) -> None:
    assert cell_width(format_share(number)) <= 6
    assert cell_width(format_age(number)) <= 4
    assert cell_width(format_duration_ms(number)) <= 6


@given(st.integers(min_value=0, max_value=10**30), st.booleans(), st.booleans())
def test_money_keeps_its_width(pico_usd: int, unpriced: bool, lower_bound: bool) -> None:
    assert cell_width(format_usd(pico_usd, unpriced, lower_bound)) <= 8
    assert (format_usd(pico_usd) == "$0.00") == (pico_usd == 0)


def _as_number(shown: str) -> float:
    for sign, unit in (("k", 1e3), ("M", 1e6), ("G", 1e9), ("T", 1e12)):
        shown = shown.replace(sign, f"*{unit}")
    factors = shown.strip("≥$<>").replace(",", "").split("*")
    return float(factors[0]) * float(factors[1] if len(factors) > 1 else 1)


@given(st.integers(0, 10**14), st.integers(0, 10**14))
def test_counts_are_close_and_in_order(one: int, other: int) -> None:
    low, high = sorted((one, other))
    assert _as_number(format_count(low)) <= _as_number(format_count(high))
    assert _as_number(format_count(one)) == pytest.approx(one, rel=0.051)
    assert _as_number(format_count(one, lower_bound=True)) <= one


@given(st.integers(1, 10**24))
def test_a_lower_bound_of_money_is_never_more_than_the_sum(pico_usd: int) -> None:
    assert _as_number(format_usd(pico_usd, lower_bound=True)) * PICO_PER_USD <= pico_usd * (1 + 1e-9)


@pytest.mark.parametrize(
    ("count", "shown"),
    [
        (0, "0"),
        (999, "999"),
        (1_000, "1.0k"),
        (1_234, "1.2k"),
        (12_345, "12.3k"),
        (99_949, "99.9k"),
        (99_950, "100k"),
        (999_499, "999k"),
        (999_500, "1.00M"),
        (1_234_567, "1.23M"),
        (12_345_678, "12.3M"),
        (999_600_000, "1.0G"),
        (4_500_000_000, "4.5G"),
        (10**400, ">999T"),
        (0.5, "0.5"),
        (-5, "0"),
        (float("nan"), "–"),
        (float("inf"), ">999T"),
    ],
)
def test_count_examples(count: float, shown: str) -> None:
    assert format_count(count) == shown


@pytest.mark.parametrize(
    ("usd", "shown"),
    [
        (0, "$0.00"),
        (0.001, "<$0.01"),
        (0.01, "$0.01"),
        (12.34, "$12.34"),
        (999.996, "$1,000"),
        (1234.4, "$1,234"),
        (9999.6, "$10.0k"),
        (12_345, "$12.3k"),
        (1_234_000, "$1.23M"),
        (-3.2, "-$3.20"),
        (-0.001, ">-$0.01"),
    ],
)
def test_money_examples(usd: float, shown: str) -> None:
    assert format_usd(round(usd * PICO_PER_USD)) == shown


def test_money_says_when_it_is_not_all() -> None:
    assert format_usd(None) == "?"
    assert format_usd(0, unpriced=True) == "?"
    assert format_usd(12_349 * PICO_PER_USD // 1000, unpriced=True) == "≥$12.34"
    assert format_usd(12_349 * PICO_PER_USD // 1000, lower_bound=True) == "≥$12.34"


def test_shares_ages_durations_and_sizes_are_written_as_promised() -> None:
    shares = (0.844, None, 1.0, 0.9999, 0.0, 0.0001, 1.5, -1.0)
    assert [format_share(share) for share in shares] == [
        "84.4 %",
        "–",
        "100 %",
        "99.9 %",
        "0.0 %",
        "<0.1 %",
        "150 %",
        "–",
    ]
    ages = (-5, 0.4, 3, 59.9, 120, 5 * 3600, 12 * 86_400, 3 * 365.25 * 86_400, None)
    assert [format_age(age) for age in ages] == ["now", "now", "3s", "59s", "2m", "5h", "12d", "3y", "–"]
    durations = (0, 850, 4200, 42_000, 192_000, 7_500_000, 273_600_000, None)
    assert [format_duration_ms(duration) for duration in durations] == [
        "0ms",
        "850ms",
        "4.2s",
        "42s",
        "3m12s",
        "2h05m",
        "3d04h",
        "–",
    ]
    sizes = (512, 1000, 12_300, 99_960, 4.1e9, 1e20)
    assert [format_bytes(size) for size in sizes] == [
        "512 B",
        "1.0 kB",
        "12.3 kB",
        "100 kB",
        "4.1 GB",
        ">999 TB",
    ]
