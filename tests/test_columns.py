"""Tables as plain text: widths, narrow terminals, signs that take two cells, and any number of lines."""

from __future__ import annotations

import io
from collections.abc import Callable

import pytest

from tokentui.cli.columns import Column, print_lines
from tokentui.text import cell_width

COLUMNS = (Column("name"), Column("what it was about"), Column("cost", is_figure=True))
LINES = (("one", "a word", "1"), ("次の", "a much longer text than any other here", "12,345"))
Screen = Callable[[str], io.StringIO]


@pytest.fixture
def screen(monkeypatch: pytest.MonkeyPatch) -> Screen:
    """A terminal of so many cells."""

    def opened(width: str) -> io.StringIO:
        terminal = io.StringIO()
        monkeypatch.setattr(terminal, "isatty", lambda: True)
        monkeypatch.setattr("sys.stdout", terminal)
        monkeypatch.setenv("COLUMNS", width)
        monkeypatch.setenv("TERM", "dumb")
        return terminal

    return opened


def test_words_stand_left_and_figures_right(capsys: pytest.CaptureFixture[str]) -> None:
    print_lines(COLUMNS, LINES, ("total", "", "12,346"))
    assert capsys.readouterr().out.splitlines() == [
        "name   what it was about                         cost",
        "one    a word                                       1",
        "次の   a much longer text than any other here  12,345",
        "total                                          12,346",
    ]


@pytest.mark.parametrize("width", ["30", "40", "52", "60"])
def test_words_give_way_to_figures(screen: Screen, width: str) -> None:
    terminal = screen(width)
    print_lines(COLUMNS, LINES)
    lines = terminal.getvalue().splitlines()
    assert {cell_width(line) for line in lines} == {min(int(width), 52)}
    assert [line.split()[-1] for line in lines] == ["cost", "1", "12,345"]


def test_a_terminal_too_narrow_for_the_figures_gets_them_whole(screen: Screen) -> None:
    terminal = screen("10")
    print_lines(COLUMNS, LINES)
    assert [line.split()[-1] for line in terminal.getvalue().splitlines()] == ["cost", "1", "12,345"]


def test_any_number_of_lines(capsys: pytest.CaptureFixture[str]) -> None:
    lines = [(str(number), "", str(number * 7)) for number in range(2_500)]
    print_lines(COLUMNS, lines)
    assert [line.split() for line in capsys.readouterr().out.splitlines()[1:]] == [
        [one, three] for one, _, three in lines
    ]
