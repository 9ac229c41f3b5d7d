"""Figures in the words of the screen."""

from __future__ import annotations

import pytest

from tokentui.ui import words


@pytest.mark.parametrize(
    ("value", "told"),
    [
        (None, "–"), (0.0, "0%"), (0.000_1, "<1%"), (0.004_9, "<1%"), (0.006, "1%"), (0.478, "48%"), (0.994, "99%"),
        (0.999_9, "99%"), (1.0, "100%"), (1.5, "150%"), (1e9, "999%"),
    ],
)  # fmt: skip
def test_a_short_share_is_the_nearest_percent_and_neither_none_nor_all_by_rounding(
    value: float | None, told: str
) -> None:
    assert words.share_short(value) == told


def test_a_context_without_a_prompt_is_not_nought() -> None:
    assert [words.context(tokens) for tokens in (0, 1, 12_345)] == ["–", "1", "12.3k"]
