"""Reads a console export, of tokens or cost, in any generation of its header: columns are known by name."""

from __future__ import annotations

import csv
import hashlib
import io
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Literal, TypeVar

from tokentui.anthropic.errors import AnthropicError
from tokentui.anthropic.export_fields import COST_COLUMNS, TOKEN_COLUMNS, Fields, LineError, Moment, cost_row, usage_row
from tokentui.billed import DAY_S, HOUR_S, MINUTE_S, CostRow, Export, SkippedLine, UsageRow
from tokentui.figures import plural
from tokentui.text import safe_text

LARGEST_BYTES = 500_000_000
_HOUR_FILE = re.compile(r"_\d{1,2}h(_UTC)?\b", re.IGNORECASE)
_WANTED = "export one in the console under Usage or Cost"
_Row = TypeVar("_Row", UsageRow, CostRow)


class ExportError(AnthropicError):
    """The file is no export of the console, or cannot be read; the message is one line."""


def read_export(path: Path) -> Export:
    """The rows of a file, and the lines it had to skip. Raises ExportError."""
    text = _text(path)
    lines = _records(path, text)
    _, header = next(lines, (0, []))
    names = [name.strip().strip("\ufeff").lower() for name in header]
    kind = _kind(names)
    if kind is None:
        raise ExportError(f"{path} is no export of the console (its first line names no such columns): {_WANTED}")
    skipped: list[SkippedLine] = []
    usage = list(_rows(usage_row, names, lines, skipped)) if kind == "tokens" else []
    cost = list(_rows(cost_row, names, lines, skipped)) if kind == "cost" else []
    grain = _grain([moment for moment, _ in (*usage, *cost)], path.name)
    known = TOKEN_COLUMNS if kind == "tokens" else COST_COLUMNS
    return Export(
        kind=kind,
        digest=hashlib.sha256("\n".join(text.splitlines()).encode()).hexdigest(),
        file_name=safe_text(path.name),
        grain_s=grain,
        dimensions=("workspace" in names) + ("api_key" in names),
        usage=tuple(row._replace(grain_s=grain) if moment.has_time else row for moment, row in usage),
        cost=tuple(row._replace(grain_s=grain) if moment.has_time else row for moment, row in cost),
        skipped=tuple(skipped),
        lines=len(usage) + len(cost) + len(skipped),
        unknown_columns=tuple(safe_text(name, 60) for name in names if name and name not in known),
    )


def _text(path: Path) -> str:
    try:
        if path.stat().st_size > LARGEST_BYTES:
            raise ExportError(f"{path} is larger than {LARGEST_BYTES // 10**6} MB, no export is: {_WANTED}")
        return path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise ExportError(f"{path} cannot be read ({error.strerror}): check the name and its permissions") from None
    except UnicodeDecodeError:
        raise ExportError(f"{path} is no export of the console (not UTF-8 text): {_WANTED}") from None


def _records(path: Path, text: str) -> Iterator[tuple[int, list[str]]]:
    """(number of the line, fields) of every line that is not blank."""
    first = text.lstrip("\r\n").split("\n", 1)[0]
    delimiter = max(",;\t", key=first.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    try:
        for fields in reader:
            if any(field.strip() for field in fields):
                yield reader.line_num, fields
    except csv.Error as error:
        raise ExportError(f"{path}:{reader.line_num}: no CSV ({error}): {_WANTED}") from None


def _kind(names: list[str]) -> Literal["tokens", "cost"] | None:
    if "usage_date_utc" not in names:
        return None
    if "usage_output_tokens" in names and "model_version" in names:
        return "tokens"
    return "cost" if "cost_usd" in names and "model" in names else None


def _rows(
    read: Callable[[Fields], tuple[Moment, _Row]],
    names: list[str],
    lines: Iterator[tuple[int, list[str]]],
    skipped: list[SkippedLine],
) -> Iterator[tuple[Moment, _Row]]:
    """The lines that can be used; the others are added to those skipped."""
    for number, fields in lines:
        try:
            yield read(_fields(names, fields))
        except LineError as error:
            skipped.append(SkippedLine(number, str(error)))


def _fields(names: list[str], fields: list[str]) -> Fields:
    if len(fields) != len(names):
        raise LineError(f"it has {plural(len(fields), 'field')}, the first line names {len(names)}")
    return {name: field.strip() for name, field in zip(names, fields, strict=True)}


def _grain(moments: list[Moment], name: str) -> int:
    """Of rows with a time, else of all. A file of one hour holds minutes, also where all of them are :00; one whose
    times are midnight on more than one day holds days."""
    timed = [moment for moment in moments if moment.has_time]
    if not timed:
        return moments[0].grain_s if moments else DAY_S
    if _HOUR_FILE.search(name) or any(moment.ms % (HOUR_S * 1000) for moment in timed):
        return MINUTE_S
    is_by_day = len({moment.ms for moment in timed}) > 1 and not any(moment.ms % (DAY_S * 1000) for moment in timed)
    return DAY_S if is_by_day else HOUR_S
