"""Tables as plain text: widths, narrow terminals, signs that take two cells, and any number of lines."""

from __future__ import annotations

import io
from collections.abc import Callable

import pytest

from tests.kit.command_line import terminal_of
from tokentui.cli.printing.columns import Column, print_lines
from tokentui.widths import cell_width

COLUMNS = (Column("name"), Column("what it was about"), Column("cost", is_figure=True))
LINES = (("one", "a word", "1"), ("次の", "a much longer text than any other here", "12,345"))
Screen = Callable[[str], io.StringIO]


@pytest.fixture
def screen(monkeypatch: pytest.MonkeyPatch) -> Screen:
    """A terminal of so many cells."""

    return lambda width: terminal_of(int(width), monkeypatch)


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
    lines = terminal.getvalue().splitlines()[-3:]
    assert {cell_width(line) for line in lines} == {min(int(width), 52)}
    assert [line.split()[-1] for line in lines] == ["cost", "1", "12,345"]


def test_a_terminal_too_narrow_for_the_figures_gets_a_block_for_each_line(screen: Screen) -> None:
    terminal = screen("27")
    print_lines([*COLUMNS, Column("tokens", is_figure=True)], [(*line, "1,234,567") for line in LINES])
    assert terminal.getvalue().splitlines() == [
        "name               one",
        "what it was about  a word",
        "cost               1",
        "tokens             1,234,567",
        "",
        "name               次の",
        "what it was about  a much …",
        "cost               12,345",
        "tokens             1,234,567",
    ]


def test_one_blank_between_columns_does_where_two_have_no_room(screen: Screen) -> None:
    columns = (Column("day", is_whole=True), Column("tokens", is_figure=True), Column("cost", is_figure=True))
    terminal = screen("26")
    print_lines(columns, [("2026-11-22", "1,234,567", "$1.20")])
    assert terminal.getvalue().splitlines()[-1] == "2026-11-22 1,234,567 $1.20"


def test_headers_fold_before_anything_gives_way(screen: Screen) -> None:
    columns = (Column("type of agent"), Column("cost per response", is_figure=True), Column("calls", is_figure=True))
    terminal = screen("31")
    print_lines(columns, [("code-reviewer", "$0.12", "7")])
    assert terminal.getvalue().splitlines() == [
        "               cost per",
        "type of agent  response  calls",
        "code-reviewer     $0.12      7",
    ]


def test_what_may_be_left_out_goes_before_words_do_and_is_named(screen: Screen) -> None:
    may_go = [Column(name, is_figure=True, gives_way=rank) for name, rank in (("spare", 1), ("sparest", 2))]
    columns = (Column("day", is_whole=True), *may_go, Column("about"), Column("cost", is_figure=True))
    lines = [("2026-11-22", "12,345", "23,456", "a long text", "$1.20")]
    terminal = screen("38")
    print_lines(columns, lines)
    assert terminal.getvalue().splitlines() == [
        "day          spare  about         cost",
        "2026-11-22  12,345  a long text  $1.20",
        "Left out for want of room: sparest. A",
        "  wider terminal shows all.",
    ]
    terminal = screen("27")
    print_lines(columns, lines)
    assert terminal.getvalue().splitlines()[:2] == [
        "day         about      cost",
        "2026-11-22  a long …  $1.20",
    ]


def test_any_number_of_lines(capsys: pytest.CaptureFixture[str]) -> None:
    lines = [(str(number), "", str(number * 7)) for number in range(2_500)]
    print_lines(COLUMNS, lines)
    assert [line.split() for line in capsys.readouterr().out.splitlines()[1:]] == [
        [one, three] for one, _, three in lines
    ]
