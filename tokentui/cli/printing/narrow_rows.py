"""What gives way where a table of rows is wider than the terminal, one step after the other until it fits.

Names become shorter, tokens are rounded, the least telling columns are left out. Where nothing helps, all is whole
again, and `columns.print_lines` prints a block for each row.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tokentui.cli.printing.columns import Column, fits
from tokentui.figures import format_bytes, format_count, model_name

NOTE = "Tokens are rounded for want of room; `--json` and `--csv` have them whole."
_SHORT_WORDS = {"responses": "resp", "response": "resp", "average": "avg", "seconds": "s", "minutes": "min"}
_LEAST_TELLING = (
    "unpriced_responses", "lower_bound_responses", "response_row", "cache_read_share", "unanswered", "api_ms", "source",
    "cache_miss_reason", "largest_result_bytes", "uncached_pico_usd", "cache_write_5m_tokens", "input_tokens",
    "cache_write_1h_tokens", "by", "project", "longest_ms", "longest_seconds", "sessions", "output_tokens_per_response",
    "responses_per_agent", "average_ms", "average_minutes", "agent_kind",
)  # fmt: skip
"""Columns that may be left out, in this order."""
_Rows = Sequence[Sequence[Any]]


def narrowed(
    names: Sequence[str], rows: _Rows, columns: Sequence[Column], lines: Sequence[list[str]]
) -> tuple[list[Column], list[list[str]], bool]:
    """The columns and lines that fit, or at least the whole ones with short names; and whether tokens are rounded."""
    short = [column if column.gives_way else Column(_short_header(column.header), *column[1:]) for column in columns]
    named = with_short_models(lines, names.index("model")) if "model" in names else list(lines)
    if fits(short, named):
        return short, named, False
    rounded = [_rounded(names, row, line) for row, line in zip(rows, named, strict=True)]
    fewer = list(short)
    for name in filter(names.__contains__, _LEAST_TELLING):
        if fits(fewer, rounded):
            break
        fewer[names.index(name)] = fewer[names.index(name)]._replace(gives_way=1)
    return (fewer, rounded, True) if fits(fewer, rounded) else (short, named, False)


def _short_header(header: str) -> str:
    return " ".join(_SHORT_WORDS.get(word, word) for word in header.split(" "))


def with_short_models(lines: Sequence[Sequence[str]], place: int) -> list[list[str]]:
    """The lines with models as people call them, with their dates where some differ in nothing else."""
    models = {line[place] for line in lines}
    short = {model: model_name(model) for model in models}
    if len(set(short.values())) < len(models):
        short = {model: model.removeprefix("claude-") for model in models}
    return [[*line[:place], short[line[place]], *line[place + 1 :]] for line in lines]


def _rounded(names: Sequence[str], row: Sequence[Any], line: Sequence[str]) -> list[str]:
    """The cells with tokens as `12.3M` and bytes as `1.2 MB`."""
    return [_round(name, value, cell) for name, value, cell in zip(names, row, line, strict=True)]


def _round(name: str, value: Any, cell: str) -> str:
    """A count of tokens or bytes in few cells; a lower bound is rounded down, so that it stays true."""
    if not isinstance(value, int | float):
        return cell
    if "tokens" in name:
        return format_count(value, lower_bound=cell.startswith("≥"))
    return format_bytes(value) if name.endswith("bytes") else cell
