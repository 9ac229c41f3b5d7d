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


WIDE = ("session", "model", "responses", "input_tokens", "output_tokens", "cache_read_tokens", "result_bytes",
        "lower_bound_responses", "cost_pico_usd")  # fmt: skip
WIDE_ROWS = [
    ("5e55", "claude-opus-4-5", 1_284, 1_999_999, 123_456_789, 2_345_678_901, 40_960, 7, 2_500_000_000_000),
    ("6e66", "claude-haiku-4-5", 3, 12, 345, 6_789, 0, 0, 10_000_000_000),
]


def wide(cells: int, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    terminal = terminal_of(cells, monkeypatch)
    print_rows("", WIDE, WIDE_ROWS)
    return terminal.getvalue().splitlines()


def test_then_tokens_are_rounded_and_lower_bounds_down(monkeypatch: pytest.MonkeyPatch) -> None:
    assert wide(60, monkeypatch) == [
        "                                     cache  result",
        "session model      resp input output  read   bytes   cost",
        "5e55    opus-4-5  1,284 2.00M  ≥123M  2.3G 41.0 kB ≥$2.50",
        "6e66    haiku-4-5     3    12    345  6.8k     0 B  $0.01",
        "Left out for want of room: lower bound responses. A wider",
        "  terminal shows all.",
        "Tokens are rounded for want of room; `--json` and `--csv`",
        "  have them whole.",
    ]


def test_then_the_least_telling_columns_are_left_out_and_named(monkeypatch: pytest.MonkeyPatch) -> None:
    lines = wide(52, monkeypatch)
    assert lines[1] == "session model      resp output  read   bytes   cost"
    assert " ".join(lines).count("Left out for want of room: input, lower bound   responses.") == 1


def test_and_last_each_row_is_a_block_with_every_figure_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    assert wide(40, monkeypatch)[:11] == [
        "session                5e55",
        "model                  opus-4-5",
        "resp                   1,284",
        "input                  1,999,999",
        "output                 ≥123,456,789",
        "cache read             2,345,678,901",
        "result bytes           40,960",
        "lower bound responses  7",
        "cost                   ≥$2.50",
        "",
        "session                6e66",
    ]


@pytest.mark.parametrize("cells", [120, 80, 60, 40])
@pytest.mark.parametrize("name", [name for name in NAMES if name != "run-detail"])
def test_on_any_terminal_lines_fit_and_no_figure_is_cut(
    name: str, cells: int, home: Path, output: Output, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert run(["query", name]) == 0
    whole = re.findall(r"(?<= )[≥$]*\d{1,3}(?:(?:,\d{3})+|\.\d+)(?=\s)", output.readouterr().out)
    terminal = terminal_of(cells, monkeypatch)
    assert run(["query", name]) == 0
    text = terminal.getvalue()
    assert max(map(cell_width, text.splitlines())) <= cells
    assert not re.search(r"[≥$]\d[\d,.]*…", text)
    if "rounded" not in text and "Left out" not in text:
        assert [figure for figure in whole if figure not in text] == []
