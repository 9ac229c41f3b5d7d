"""Hostile text: what is removed, what is kept, and which secrets never pass."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tokentui.text import redact_secrets, safe_text, title_text

ANY_TEXT = st.text(st.characters(exclude_categories=()), max_size=300)
SPICY_TEXT = st.text(
    "a 字é\u0301\t\n\x1b\x9b[31m]0;\x07\u202e\u2066\u200b\u200d\ufe0f\ud800\U0001f600\u0e33", max_size=60
)
SECRET_BODY = st.text("abcdefABCDEF0123456789", min_size=20, max_size=40)


@given(ANY_TEXT | SPICY_TEXT, st.integers(-1, 80))
def test_safe_text_leaves_nothing_that_steers_a_terminal(raw: str, limit: int) -> None:
    clean = safe_text(raw, limit)
    assert len(clean) <= max(limit, 0)
    assert not [char for char in clean if unicodedata.category(char) in ("Cc", "Cf", "Cs", "Zl", "Zp")]
    assert clean.encode().decode() == clean
    assert safe_text(clean, limit) == clean


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
    assert safe_text(raw) == clean


def test_safe_text_marks_where_it_was_cut() -> None:
    assert safe_text("abcdef", 4) == "abc…"
    assert safe_text("abcd", 4) == "abcd"
    assert safe_text("x" * 10**6, 10) == "x" * 9 + "…"


@given(SECRET_BODY, st.sampled_from(["sk-ant-api03-", "ghp_", "xoxb-", "Bearer ", "github_pat_"]))
def test_no_secret_survives(body: str, prefix: str) -> None:
    assert body not in redact_secrets(f"use {prefix}{body} please")
    assert redact_secrets(f"use {prefix}{body} please") == "use [secret] please"


def test_secrets_of_fixed_shapes_go_and_ordinary_words_stay() -> None:
    assert redact_secrets("AKIAIOSFODNN7EXAMPLE") == "[secret]"
    assert redact_secrets("sk-proj-abc123def456ghi789") == "[secret]"
    assert redact_secrets("git clone https://me:pw@host/x") == "git clone https://[secret]@host/x"
    for harmless in (
        "task-force-2023-planning-notes",
        "sk-learn-pipeline-for-everyone",
        "the bearer of news",
    ):
        assert redact_secrets(harmless) == harmless


def test_title_is_the_first_line_that_shows_anything() -> None:
    assert title_text("\n \x1b[0m\u200b\n  Fix it \nmore") == "Fix it"
    assert title_text("use sk-ant-\u200babcdefghijkl now") == "use [secret] now"
    assert title_text("say sk-ant-abcdefghijklmnop", 12) == "say [secret]"
    assert title_text("\n\n") == ""
