"""The figures as a table, with the machine they were taken on."""

from __future__ import annotations

import os
import platform
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from rich.console import Console
from rich.table import Table


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured figure and what was aimed at."""

    name: str
    value: str
    aim: str = ""
    note: str = ""


def machine() -> str:
    """Where and when: processor, cores, Python, day."""
    model = platform.processor() or platform.machine()
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            model = line.partition(":")[2].strip()
            break
    return f"{model}, {os.cpu_count()} cores, Python {platform.python_version()}, {datetime.now(UTC):%Y-%m-%d}"


def show(figures: Sequence[Figure], where: str, *, markdown: bool) -> None:
    """Print the table."""
    if markdown:
        rows = [f"| {f.name} | {f.value} | {f.aim} | {f.note} |" for f in figures]
        print("\n".join(["| figure | measured | aim | how |", "| --- | --- | --- | --- |", *rows, "", where]))  # noqa: T201
        return
    table = Table("figure", "measured", "aim", "how", title=where)
    for figure in figures:
        table.add_row(figure.name, figure.value, figure.aim, figure.note)
    Console(width=140).print(table)
