"""Cells of the terminal: how many a text takes, and how it is shortened to fit."""

from __future__ import annotations

import unicodedata

from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from tokentui.text import safe_text
from tokentui.widths import cell_width, shorten_end, shorten_middle, shorten_words

ANY_TEXT = st.text(st.characters(exclude_categories=()), max_size=300)


@given(st.text(st.characters(max_codepoint=0x2FFF) | st.sampled_from("字🙂가"), max_size=40))
def test_cell_width_agrees_with_the_screen(raw: str) -> None:
    clean = safe_text(raw)
    known = "".join(char for char in clean if unicodedata.category(char) != "Cn")
    assert cell_width(known) == cell_len(known)


@given(ANY_TEXT, st.integers(-1, 30))
def test_shortened_text_fits(raw: str, width: int) -> None:
    clean = safe_text(raw, 60)
    for shorten in (shorten_end, shorten_words, shorten_middle):
        short = shorten(clean, width)
        assert cell_width(short) <= max(width, 0)
        assert short == clean or width < 1 or "…" in short


def test_shortening_a_path_keeps_both_ends() -> None:
    assert shorten_middle("/home/ada/projects/tokentui/charts", 20) == "/home/…kentui/charts"
    assert shorten_end("日本語", 5) == "日本…"
    assert shorten_end("日本語", 4) == "日…"


def test_a_sentence_is_never_cut_to_another_figure() -> None:
    assert shorten_words("budget daily is at 1382 %: spent", 22) == "budget daily is at…"
    assert shorten_words("budget daily is at 1382 %: spent", 25) == "budget daily is at…"
    assert shorten_words('session "refactor", 94 % of it', 23) == 'session "refactor"…'
    assert shorten_words("budget daily is at 1382 %: spent", 26) == "budget daily is at 1382 %…"
    assert shorten_words("budget daily", 9) == "budget d…"
    assert shorten_words("budget daily is heading for $13", 29) == "budget daily is heading for…"
    assert shorten_words("budget daily is heading for ≥$131", 31) == "budget daily is heading for…"
    assert shorten_words("budget daily is at 75 %: ≥755k fresh", 26) == "budget daily is at 75 %…"
