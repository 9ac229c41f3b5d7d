"""Rows with named columns as JSON or as CSV, for programs; the names say what a value is.

`…_pico_usd` becomes `…_usd`, a decimal string that is exact; `…_at_ms` becomes `…_at`, UTC to the millisecond.
"""

from __future__ import annotations

import csv
import json
import sys
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from typing import Any

from tokentui.cli.printing.dollars import exact_usd

Plain = Callable[[Any], Any]


def plain_names(columns: Iterable[str]) -> list[str]:
    """The columns' names as JSON and CSV have them."""
    return [plain_name(name) for name in columns]


def plain_name(name: str) -> str:
    """A column's name as JSON and CSV have it."""
    if name.endswith("pico_usd"):
        return f"{name.removesuffix('pico_usd')}usd"
    return f"{name.removesuffix('_ms')}" if name.endswith("at_ms") else name


def plain_values(columns: Sequence[str]) -> Callable[[Sequence[Any]], list[Any]]:
    """A function that turns a row into values for JSON or CSV."""
    forms = [_form(name) for name in columns]
    unpriced = columns.index("unpriced_responses") if "unpriced_responses" in columns else -1
    money = [place for place, name in enumerate(columns) if is_money(name)]

    def values(row: Sequence[Any]) -> list[Any]:
        found = [form(value) if form else value for form, value in zip(forms, row, strict=True)]
        if unpriced >= 0 and money and row[unpriced] and not row[money[0]]:
            for place in money:
                found[place] = None  # nothing was priced, which is not $0
        return found

    return values


def is_money(name: str) -> bool:
    """Whether a column holds money; the first of a row is the cost of all of it, or the average cost."""
    return name.endswith("pico_usd")


def _form(name: str) -> Plain | None:
    if is_money(name):
        return exact_usd
    return utc_millis if name.endswith("at_ms") else None


def utc_millis(at_ms: int | None) -> str | None:
    """`2026-11-22T10:00:00.000Z`; None for none."""
    if not at_ms:
        return None
    text = datetime.fromtimestamp(at_ms / 1000, UTC).isoformat(timespec="milliseconds")
    return text.replace("+00:00", "Z")


def rows_json(head: dict[str, Any], columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    """One JSON object: the head, and rows as objects."""
    names, values = plain_names(columns), plain_values(columns)
    return json.dumps({**head, "rows": [dict(zip(names, values(row), strict=True)) for row in rows]}, indent=2)


def write_csv(columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Write the rows as CSV to standard output, one at a time."""
    writer, values = csv.writer(sys.stdout, lineterminator="\n"), plain_values(columns)
    writer.writerow(plain_names(columns))
    writer.writerows(values(row) for row in rows)


def write_json_lines(columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Write the rows to standard output, one JSON object a line."""
    names, values = plain_names(columns), plain_values(columns)
    for row in rows:
        sys.stdout.write(json.dumps(dict(zip(names, values(row), strict=True)), ensure_ascii=False) + "\n")
