"""Rows with named columns as a table for people; as in `rows`, the names say what a value is."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from tokentui.cli.printing.rows import is_money, plain_name
from tokentui.figures import format_duration_ms, format_share
from tokentui.records import PICO_PER_CENT, PICO_PER_USD
from tokentui.text import safe_text
from tokentui.widths import shorten_end, shorten_middle

if TYPE_CHECKING:
    from tokentui.cli.printing.columns import Column

_WIDEST = {"title": 36, "task": 32, "models": 40, "project": 36, "agent_type": 24, "user": 40}


def print_rows(title: str, names: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    """Print a table: names on the left, figures on the right; `narrow_rows` says what gives way without room."""
    from tokentui.cli.printing.columns import has_room, print_lines
    from tokentui.cli.printing.folding import print_folded
    from tokentui.cli.printing.narrow_rows import NOTE, narrowed

    names, rows = _worth_showing(names, rows)
    columns = [_column(name, [row[place] for row in rows]) for place, name in enumerate(names)]
    lines = [row_cells(names, row) for row in rows]
    is_rounded = False
    if not has_room(columns, lines):
        columns, lines, is_rounded = narrowed(names, rows, columns, lines)
    if title:
        print_folded(title)
    print_lines(columns, lines)
    if is_rounded:
        print_folded(NOTE)


def _column(name: str, values: Sequence[Any]) -> Column:
    """How a column is printed. The session may be left out where it is the same in all rows, having been asked for."""
    from tokentui.cli.printing.columns import Column

    is_figure = any(isinstance(value, int | float) for value in values)
    may_go = name in _MARKS or (name == "session" and len(values) > len(set(values)) == 1)
    return Column(_header(name), is_figure, name in _WHOLE, int(may_go))


_OPEN_COSTS = (
    "cost_pico_usd", "average_cost_pico_usd", "largest_cost_pico_usd", "cost_per_agent_pico_usd",
    "cost_per_day_pico_usd", "uncached_pico_usd",
)  # fmt: skip
"""Columns that are lower bounds if a response has no price."""
_OPEN = (
    "output_tokens", "output_tokens_per_response", "average_output_tokens", "total_tokens", "total_tokens_per_agent",
    "average_total_tokens", "largest_total_tokens", "cost_per_response_pico_usd", *_OPEN_COSTS,
)  # fmt: skip
"""Columns that are lower bounds if a response has no final count."""
_MARKS = ("lower_bound_responses", "unpriced_responses")
"""Counts that the marks `≥` and `?` stand for, which may be left out."""
_WHOLE = ("day", "month", "model")
"""Columns of words that are never cut."""


def _worth_showing(
    columns: Sequence[str], rows: Sequence[Sequence[Any]]
) -> tuple[Sequence[str], Sequence[Sequence[Any]]]:
    """The table without the columns of `_MARKS` in which all counts are 0."""
    kept = [i for i, name in enumerate(columns) if name not in _MARKS or any(row[i] for row in rows)]
    return [columns[i] for i in kept], [[row[i] for i in kept] for row in rows]


def row_cells(columns: Sequence[str], row: Sequence[Any]) -> list[str]:
    """The cells of a row; `≥` marks lower bounds, `?` what could not be priced at all."""
    said = dict(zip(columns, row, strict=True))
    cells = {name: _cell(name, value) for name, value in said.items()}
    is_open, unpriced = bool(said.get("lower_bound_responses")), bool(said.get("unpriced_responses"))
    for name in _OPEN:
        if said.get(name) is not None and (is_open or (unpriced and name in _OPEN_COSTS)):
            cells[name] = f"≥{_cents_down(said[name]) if is_money(name) else cells[name]}"
    money = [name for name in columns if is_money(name)]
    if unpriced and money and not said[money[0]]:
        cells |= dict.fromkeys(money, "?")
    return list(cells.values())


def _header(name: str) -> str:
    short = plain_name(name).removesuffix("_usd").removesuffix("_ms").removesuffix("_estimate")
    unit = " UTC" if name.endswith("at_ms") else ""
    return short.replace("_tokens", "").replace("_", " ") + unit


def _cell(name: str, value: Any) -> str:
    if value is None:
        return "–"
    for ending, form in _FORMS:
        if name.endswith(ending):
            return form(value)
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int | float):
        return f"{value:,}" if isinstance(value, int) else f"{value:,.1f}"
    clean = safe_text(str(value)) or "–"
    return (shorten_middle if name in ("project", "user") else shorten_end)(clean, _WIDEST.get(name, 60))


def _cents_down(pico_usd: int) -> str:
    """Dollars and cents rounded down, so that a lower bound stays true."""
    return _cents(pico_usd - pico_usd % (PICO_PER_CENT if pico_usd >= PICO_PER_CENT else PICO_PER_CENT // 100))


def _cents(pico_usd: int) -> str:
    """Dollars and cents; sums below a cent with four decimals."""
    if pico_usd and abs(pico_usd) < PICO_PER_CENT:
        return f"{'-' if pico_usd < 0 else ''}${abs(pico_usd) / PICO_PER_USD:.4f}"
    return f"{'-' if pico_usd < 0 else ''}${abs(pico_usd) / PICO_PER_USD:,.2f}"


def _minute(at_ms: int) -> str:
    return datetime.fromtimestamp(at_ms / 1000, UTC).strftime("%Y-%m-%d %H:%M") if at_ms else "–"


_FORMS: tuple[tuple[str, Callable[[Any], str]], ...] = (
    ("pico_usd", _cents), ("at_ms", _minute), ("_ms", format_duration_ms), ("_share", format_share),
    ("_rate", format_share),
)  # fmt: skip
"""How a cell is written, by the ending of its column's name; the first match counts."""
