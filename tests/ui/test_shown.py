"""What the terminal is told: enough to show the same, and no more."""

from __future__ import annotations

import re
from collections.abc import Sequence

import pyte
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tokentui.ui.terminal.shown import Shown
from tokentui.ui.terminal.styles import PLAIN, change_of_style

COLUMNS, ROWS = SIZE = 64, 5
STYLES = (
    "38;2;230;230;230;48;2;16;20;24",
    "38;2;74;79;83;48;2;16;20;24",
    "1;38;2;230;230;230;48;2;16;20;24",
    "1;3;38;5;33;48;2;76;155;232",
    "7;31",
    "4;94;103",
    "1",
)
TEXTS = ("", "a", "12.5k", "    ", "$0.14 ≥", "⣿⣶ ┃", "語", "日本 fresh", "e\u0301t\u00e9", "👩‍🚀", "❤️ ok")
Part = tuple[str, str]


def strip_of(row: int, column: int, parts: Sequence[Part]) -> str:
    """Text in a place, as Textual writes it."""
    return f"\x1b[{row + 1};{column + 1}H" + "".join(f"\x1b[{style}m{text}\x1b[0m" for style, text in parts)


def picture_of(strips: Sequence[tuple[int, int, Sequence[Part]]]) -> str:
    """Strips from top to bottom, and the cursor where it belongs."""
    ends = ["\n" if row < strips[-1][0] else "" for row, _, _ in strips]
    return "".join(strip_of(*strip) + end for strip, end in zip(strips, ends, strict=True)) + "\x1b[2;3H"


class Glass:
    """A terminal that can be looked at."""

    def __init__(self) -> None:
        self._screen = pyte.Screen(COLUMNS, ROWS)
        self._stream = pyte.Stream(self._screen)

    def write(self, text: str) -> None:
        self._stream.feed(text)

    def seen(self) -> tuple[object, ...]:
        cells = [[self._screen.buffer[row][column] for column in range(COLUMNS)] for row in range(ROWS)]
        return cells, self._screen.cursor.x, self._screen.cursor.y


parts = st.lists(st.tuples(st.sampled_from(STYLES), st.sampled_from(TEXTS)), max_size=4)
strips = st.lists(
    st.tuples(st.integers(0, ROWS - 1), st.integers(0, 2).map((8).__mul__), parts), min_size=1, max_size=6
)
pictures = strips.map(lambda found: picture_of(sorted(found, key=lambda strip: strip[:2])))
others = st.sampled_from(
    ["\x1b[2J", "\x1b[?1049h\x1b[H", "\x07", "\x1b]2;title\x07", "\x1b[?2026h", "\x1b[3;4Hx\x1b[K"]
)


@given(st.lists(pictures | others, max_size=8))
def test_the_terminal_shows_what_it_would_with_all_of_it(written: list[str]) -> None:
    whole, told, shown = Glass(), Glass(), Shown()
    for text in written:
        whole.write(text)
        told.write(shown.changes(text, SIZE))
        assert told.seen() == whole.seen()


def test_nothing_is_said_twice() -> None:
    shown = Shown()
    picture = picture_of([(0, 0, [(STYLES[0], "tokens/min"), (STYLES[1], " 日本 ")]), (1, 0, [(STYLES[1], "é")])])
    assert shown.changes(picture, SIZE)
    assert shown.changes(picture, SIZE) == ""


def test_of_a_line_only_what_differs_is_written() -> None:
    shown = Shown()
    shown.changes(picture_of([(0, 0, [(STYLES[0], "tokens/min   36.0k")])]), SIZE)
    changed = shown.changes(picture_of([(0, 0, [(STYLES[0], "tokens/min   36.4k")])]), SIZE)
    assert changed == f"\x1b[1;17H\x1b[{STYLES[0]}m4\x1b[0m\x1b[2;3H"


def test_of_a_style_only_what_differs_is_written() -> None:
    parts = [(STYLES[0], "bright"), (STYLES[0], " and "), (STYLES[1], "dim"), (STYLES[2], "bold"), (STYLES[1], "dim")]
    assert Shown().changes(strip_of(0, 0, parts), SIZE) == (
        f"\x1b[1;1H\x1b[{STYLES[0]}mbright and \x1b[38;2;74;79;83mdim"
        f"\x1b[1;38;2;230;230;230mbold\x1b[0;{STYLES[1]}mdim\x1b[0m\x1b[1;1H"
    )


@pytest.mark.parametrize("between", ["\x1b[?1049h", "\x1b[2J", "plain text", "\x1b[1;1Hx\x1b[K"])
def test_what_may_have_changed_cells_is_written_as_it_is_and_all_after_it_anew(between: str) -> None:
    shown = Shown()
    picture = picture_of([(0, 0, [(STYLES[0], "tokens/min")])])
    first = shown.changes(picture, SIZE)
    assert shown.changes(between, SIZE) == between
    assert shown.changes(picture, SIZE) == first


def test_in_a_terminal_of_another_size_all_is_written_anew() -> None:
    shown = Shown()
    picture = picture_of([(0, 0, [(STYLES[0], "tokens/min")])])
    first = shown.changes(picture, SIZE)
    assert shown.changes(picture, (COLUMNS - 1, ROWS)) == first


@pytest.mark.parametrize("place", [(ROWS, 0), (0, COLUMNS - 3)])
def test_what_was_drawn_for_a_larger_terminal_tells_nothing_of_this_one(place: tuple[int, int]) -> None:
    shown = Shown()
    picture, late = picture_of([(0, 0, [(STYLES[0], "tokens/min")])]), strip_of(*place, [(STYLES[0], "late")])
    first = shown.changes(picture, SIZE)
    assert shown.changes(late, SIZE) == late
    assert shown.changes(picture, SIZE) == first


@given(st.sampled_from((PLAIN, *STYLES)), st.sampled_from((PLAIN, *STYLES)))
def test_a_change_of_style_leads_to_it(before: str, after: str) -> None:
    whole, told = Glass(), Glass()
    whole.write(f"\x1b[0;{after}mx")
    told.write(f"\x1b[0;{before}m{change_of_style(before, after)}x")
    assert told.seen() == whole.seen()


def test_an_unknown_style_is_told_whole() -> None:
    unknown = "58;5;3"
    assert change_of_style(STYLES[0], unknown) == f"\x1b[0;{unknown}m"
    assert re.fullmatch(r"\x1b\[0;.*m", change_of_style(unknown, STYLES[0]))
