"""Pasted text, whole and in pieces."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tokentui.ui.terminal.pastes import Pastes

START, END = "\x1b[200~", "\x1b[201~"
TYPED = f"a\x1b[A{START}Kill \x1b[31mred\x1by\x1b{END}\x1bOPq\x1b{START}two\x1b[201{END}\x1b"
TAMED = f"a\x1b[A{START}Kill [31mredy{END}\x1bOPq\x1b{START}two[201{END}\x1b"


def test_only_pasted_text_loses_its_escapes() -> None:
    assert Pastes().tame(TYPED) == TAMED


@given(st.lists(st.integers(0, len(TYPED)), max_size=8))
def test_where_it_is_split_changes_nothing_within_a_paste(cuts: list[int]) -> None:
    starts = [TYPED.index(START), TYPED.rindex(START)]
    edges = sorted({0, *(cut for cut in cuts if not any(0 < cut - start < len(START) for start in starts)), len(TYPED)})
    pastes = Pastes()
    pieces = (TYPED[one:other] for one, other in pairwise(edges))
    assert "".join(pastes.tame(piece) for piece in pieces) == TAMED


@pytest.mark.parametrize("text", ["", "plain", "\x1b", "\x1b[A", START])
def test_all_else_passes_as_it_is(text: str) -> None:
    assert Pastes().tame(text) == text


def test_text_that_is_left_open_is_held_no_longer_than_it_may_be_the_end() -> None:
    pastes = Pastes()
    assert pastes.tame(START + "x\x1b[20") == START + "x"
    assert pastes.tame("2~") == "[202~"
    assert pastes.tame("\x1b[201~q") == END + "q"
