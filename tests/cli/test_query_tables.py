"""Tables of `query` on a narrow terminal: names become shorter, figures stay whole."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.kit.command_line import Output, terminal_of
from tokentui.cli.printing.row_tables import print_rows
from tokentui.cli.run import run
from tokentui.queries.named import NAMES
from tokentui.widths import cell_width

COLUMNS = ("session", "model", "responses", "total_tokens", "cost_pico_usd")
ROWS = [
    ("5e55", "claude-opus-4-5-20251101", 12, 1_234_567, 2_500_000_000_000),
    ("5e55", "claude-haiku-4-5", 3, 89, 10_000_000_000),
]


def printed(cells: int, rows: list[tuple[object, ...]], monkeypatch: pytest.MonkeyPatch) -> list[str]:
    terminal = terminal_of(cells, monkeypatch)
    print_rows("All of it in detail, and then some more.", COLUMNS, rows)
    return terminal.getvalue().splitlines()


def test_with_room_every_name_is_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    assert printed(80, [*ROWS], monkeypatch) == [
        "All of it in detail, and then some more.",
        "session  model                     responses      total   cost",
        "5e55     claude-opus-4-5-20251101         12  1,234,567  $2.50",
        "5e55     claude-haiku-4-5                  3         89  $0.01",
    ]


def test_without_room_models_and_headers_are_short_and_the_session_asked_for_goes(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert printed(36, [*ROWS], monkeypatch) == [
        "All of it in detail, and then some",
        "  more.",
        "model      resp      total   cost",
        "opus-4-5     12  1,234,567  $2.50",
        "haiku-4-5     3         89  $0.01",
        "Left out for want of room: session.",
        "  A wider terminal shows all.",
    ]


def test_models_that_differ_in_their_date_alone_keep_it(monkeypatch: pytest.MonkeyPatch) -> None:
    other = ("5e55", "claude-opus-4-5-20260101", 1, 1, 0)
    lines = printed(40, [ROWS[0], other], monkeypatch)
    assert [line.split()[0] for line in lines[2:4]] == ["opus-4-5-20251101", "opus-4-5-20260101"]


@pytest.mark.parametrize("name", [name for name in NAMES if name != "run-detail"])
def test_on_120_cells_every_figure_is_whole(
    name: str, home: Path, output: Output, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert run(["query", name]) == 0
    whole = re.findall(r"(?<= )[≥$]*\d{1,3}(?:(?:,\d{3})+|\.\d+)(?=\s)", output.readouterr().out)
    terminal = terminal_of(120, monkeypatch)
    assert run(["query", name]) == 0
    text = terminal.getvalue()
    assert max(map(cell_width, text.splitlines())) <= 120
    assert [figure for figure in whole if figure not in text] == []
