"""Text for the screen: what is removed, what is kept, and how wide it may get."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from tokentui import text

PICO = 10**12
ANY_TEXT = st.text(st.characters(exclude_categories=()), max_size=300)
SPICY_TEXT = st.text(
    "a 字é\u0301\t\n\x1b\x9b[31m]0;\x07\u202e\u2066\u200b\u200d\ufe0f\ud800\U0001f600\u0e33", max_size=60
)
ANY_NUMBER = st.floats() | st.integers() | st.integers(min_value=0, max_value=10**18)
SECRET_BODY = st.text("abcdefABCDEF0123456789", min_size=20, max_size=40)


@given(ANY_TEXT | SPICY_TEXT, st.integers(-1, 80))
def test_safe_text_leaves_nothing_that_steers_a_terminal(raw: str, limit: int) -> None:
    clean = text.safe_text(raw, limit)
    assert len(clean) <= max(limit, 0)
    assert not [char for char in clean if unicodedata.category(char) in ("Cc", "Cf", "Cs", "Zl", "Zp")]
    assert clean.encode().decode() == clean
    assert text.safe_text(clean, limit) == clean


@pytest.mark.parametrize(
    ("raw", "clean"),
    [
        ("plain", "plain"),
        ("a\r\n\tb", "a b"),
        ("\x1b[31mred\x1b[0m", "red"),
        ("\x1b]0;owned\x07title", "title"),
        ("\x9b2Jgone", "gone"),
        ("a\u202egnp.exe", "agnp.exe"),
        ("in\u200bvis\u2060ible\ufeff", "invisible"),
        ("half \ud83d", "half \ufffd"),
        ("e\u0301" + "\u0301" * 50, "e\u0301\u0301\u0301"),
        ("[/b] stays [bold]", "[/b] stays [bold]"),
        ("日本語", "日本語"),
        ("a \U0001f469\U0001f3fd\u200d\U0001f4bb b", "a \U0001f469\U0001f4bb b"),
    ],
)
def test_safe_text_examples(raw: str, clean: str) -> None:
    assert text.safe_text(raw) == clean


def test_one_of_a_kind_is_no_plural() -> None:
    assert [text.plural(number, "log") for number in (0, 1, 1284)] == ["0 logs", "1 log", "1,284 logs"]


def test_safe_text_marks_where_it_was_cut() -> None:
    assert text.safe_text("abcdef", 4) == "abc…"
    assert text.safe_text("abcd", 4) == "abcd"
    assert text.safe_text("x" * 10**6, 10) == "x" * 9 + "…"


@given(SECRET_BODY, st.sampled_from(["sk-ant-api03-", "ghp_", "xoxb-", "Bearer ", "github_pat_"]))
def test_no_secret_survives(body: str, prefix: str) -> None:
    assert body not in text.redact_secrets(f"use {prefix}{body} please")
    assert text.redact_secrets(f"use {prefix}{body} please") == "use [secret] please"


def test_secrets_of_fixed_shapes_go_and_ordinary_words_stay() -> None:
    assert text.redact_secrets("AKIAIOSFODNN7EXAMPLE") == "[secret]"
    assert text.redact_secrets("sk-proj-abc123def456ghi789") == "[secret]"
    assert text.redact_secrets("git clone https://me:pw@host/x") == "git clone https://[secret]@host/x"
    for harmless in (
        "task-force-2023-planning-notes",
        "sk-learn-pipeline-for-everyone",
        "the bearer of news",
    ):
        assert text.redact_secrets(harmless) == harmless


def test_title_is_the_first_line_that_shows_anything() -> None:
    assert text.title_text("\n \x1b[0m\u200b\n  Fix it \nmore") == "Fix it"
    assert text.title_text("use sk-ant-\u200babcdefghijkl now") == "use [secret] now"
    assert text.title_text("say sk-ant-abcdefghijklmnop", 12) == "say [secret]"
    assert text.title_text("\n\n") == ""


@given(st.text(st.characters(max_codepoint=0x2FFF) | st.sampled_from("字🙂가"), max_size=40))
def test_cell_width_agrees_with_the_screen(raw: str) -> None:
    clean = text.safe_text(raw)
    known = "".join(char for char in clean if unicodedata.category(char) != "Cn")
    assert text.cell_width(known) == cell_len(known)


@given(ANY_TEXT, st.integers(-1, 30))
def test_shortened_text_fits(raw: str, width: int) -> None:
    clean = text.safe_text(raw, 60)
    for shorten in (text.shorten_end, text.shorten_words, text.shorten_middle):
        short = shorten(clean, width)
        assert text.cell_width(short) <= max(width, 0)
        assert short == clean or width < 1 or "…" in short


def test_shortening_a_path_keeps_both_ends() -> None:
    assert text.shorten_middle("/home/ada/projects/tokentui/charts", 20) == "/home/…kentui/charts"
    assert text.shorten_end("日本語", 5) == "日本…"
    assert text.shorten_end("日本語", 4) == "日…"


def test_a_sentence_is_never_cut_to_another_figure() -> None:
    assert text.shorten_words("budget daily is at 1382 %: spent", 22) == "budget daily is at…"
    assert text.shorten_words("budget daily is at 1382 %: spent", 26) == "budget daily is at 1382 %…"
    assert text.shorten_words("budget daily", 9) == "budget d…"


@given(ANY_NUMBER)
def test_formats_keep_their_width(number: float) -> None:
    assert text.cell_width(text.format_count(number)) <= 5
    assert text.cell_width(text.format_count(number, lower_bound=True)) <= 6
    assert text.cell_width(text.format_bytes(number)) <= 7


@given(st.floats() | st.none())
def test_formats_of_unsure_numbers_keep_their_width(number: float | None) -> None:
    assert text.cell_width(text.format_share(number)) <= 6
    assert text.cell_width(text.format_age(number)) <= 4
    assert text.cell_width(text.format_duration_ms(number)) <= 6


@given(st.integers(min_value=0, max_value=10**30), st.booleans(), st.booleans())
def test_money_keeps_its_width(pico_usd: int, unpriced: bool, lower_bound: bool) -> None:
    assert text.cell_width(text.format_usd(pico_usd, unpriced, lower_bound)) <= 8
    assert (text.format_usd(pico_usd) == "$0.00") == (pico_usd == 0)


def _as_number(shown: str) -> float:
    for sign, unit in (("k", 1e3), ("M", 1e6), ("G", 1e9), ("T", 1e12)):
        shown = shown.replace(sign, f"*{unit}")
    factors = shown.strip("≥$<>").replace(",", "").split("*")
    return float(factors[0]) * float(factors[1] if len(factors) > 1 else 1)


@given(st.integers(0, 10**14), st.integers(0, 10**14))
def test_counts_are_close_and_in_order(one: int, other: int) -> None:
    low, high = sorted((one, other))
    assert _as_number(text.format_count(low)) <= _as_number(text.format_count(high))
    assert _as_number(text.format_count(one)) == pytest.approx(one, rel=0.051)
    assert _as_number(text.format_count(one, lower_bound=True)) <= one


@given(st.integers(1, 10**24))
def test_a_lower_bound_of_money_is_never_more_than_the_sum(pico_usd: int) -> None:
    assert _as_number(text.format_usd(pico_usd, lower_bound=True)) * PICO <= pico_usd * (1 + 1e-9)


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
    assert text.format_count(count) == shown


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
    assert text.format_usd(round(usd * PICO)) == shown


def test_money_says_when_it_is_not_all() -> None:
    assert text.format_usd(None) == "?"
    assert text.format_usd(0, unpriced=True) == "?"
    assert text.format_usd(12_349 * PICO // 1000, unpriced=True) == "≥$12.34"
    assert text.format_usd(12_349 * PICO // 1000, lower_bound=True) == "≥$12.34"


def test_shares_ages_durations_and_sizes_are_written_as_promised() -> None:
    shares = (0.844, None, 1.0, 0.9999, 0.0, 0.0001, 1.5, -1.0)
    assert [text.format_share(share) for share in shares] == [
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
    assert [text.format_age(age) for age in ages] == ["now", "now", "3s", "59s", "2m", "5h", "12d", "3y", "–"]
    durations = (0, 850, 4200, 42_000, 192_000, 7_500_000, 273_600_000, None)
    assert [text.format_duration_ms(duration) for duration in durations] == [
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
    assert [text.format_bytes(size) for size in sizes] == [
        "512 B",
        "1.0 kB",
        "12.3 kB",
        "100 kB",
        "4.1 GB",
        ">999 TB",
    ]
