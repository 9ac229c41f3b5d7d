"""The named analyses: one SQL statement each in `analyses/`, documented in its first lines, run with a scope.

Parameters are `since_ms`, `until_ms`, `project`, `model`, `session`, `now_ms` and `offsets`; NULL asks for all, so
that the same text runs in sqlite3 and Datasette. Columns that end in `_pico_usd` are money, in `_at_ms` times.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable

from tokentui.instants import QUARTER_MS, moment_of, moment_or_none, ms_of

NAMES = (
    "totals-per-run", "recent-usage", "by-agent", "daily-trend", "cost-estimate", "by-model", "top-10",
    "average-per-agent", "by-user", "by-type", "run-detail", "anomalies", "monthly-cost", "agent-performance",
    "verification", "cache-efficiency", "tools",
)  # fmt: skip
"""In the order of `tokentui query`'s list."""

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Analysis:
    """One statement, and what it answers."""

    name: str
    title: str
    """One line."""
    notes: str
    """Further lines about it; may be empty."""
    statement: str
    """The SQL with its comments, ready to be pasted elsewhere."""

    @property
    def takes_quarters(self) -> bool:
        """Whether an analysis counts in whole quarters of an hour."""
        return "quarter_usage" in self.statement


@dataclass(frozen=True, slots=True)
class AnalysisScope:
    """What an analysis is asked about; empty means all."""

    since: datetime | None = None
    until: datetime | None = None
    """End of the range, exclusive."""
    project: str = ""
    """Part of a project's directory."""
    model: str = ""
    """Part of a model's name."""
    session: str = ""
    """How the id of a session begins."""


@dataclass(frozen=True, eq=False, slots=True)
class AnalysisResult:
    """Rows as SQLite gives them, under the statement's own column names."""

    as_of: datetime
    analysis: Analysis
    scope: AnalysisScope
    """The scope as it was counted: analyses of quarter-hour sums widen the range to whole quarters."""
    columns: tuple[str, ...]
    rows: tuple[tuple[object, ...], ...]


@cache
def analyses() -> dict[str, Analysis]:
    """All analyses by name, in order."""
    folder = files("tokentui.queries") / "analyses"
    return {name: _read(name, folder / f"{name}.sql") for name in NAMES}


def _read(name: str, path: Traversable) -> Analysis:
    text = path.read_text(encoding="utf-8")
    notes = []
    for line in text.splitlines():
        if not line.startswith("--"):
            break
        notes.append(line.removeprefix("--").strip())
    return Analysis(name, notes[0], "\n".join(notes[1:]), text)


def run_analysis(
    connection: sqlite3.Connection, name: str, scope: AnalysisScope, now: datetime, zone: tzinfo = UTC
) -> AnalysisResult:
    """Run an analysis. Raises KeyError if there is none of this name."""
    analysis = analyses()[name]
    if analysis.takes_quarters:
        scope = _whole_quarters(scope)
    values = {
        "since_ms": _milliseconds(scope.since),
        "until_ms": _milliseconds(scope.until),
        "project": scope.project or None,
        "model": scope.model or None,
        "session": scope.session or None,
        "now_ms": _milliseconds(now),
        "offsets": offsets(connection, zone, now),
    }
    found = connection.execute(analysis.statement, values)
    columns = tuple(column[0] for column in found.description)
    return AnalysisResult(now, analysis, scope, columns, tuple(found.fetchall()))


def _milliseconds(moment: datetime | None) -> int | None:
    return None if moment is None else ms_of(moment)


def _whole_quarters(scope: AnalysisScope) -> AnalysisScope:
    """The range widened to whole quarters of an hour, in which the sums are kept."""
    since, until = _milliseconds(scope.since), _milliseconds(scope.until)
    if since is not None:
        since = since // QUARTER_MS * QUARTER_MS
    if until is not None:
        until = -(-until // QUARTER_MS) * QUARTER_MS
    return AnalysisScope(moment_or_none(since), moment_or_none(until), scope.project, scope.model, scope.session)


def offsets(connection: sqlite3.Connection, zone: tzinfo, now: datetime) -> str:
    """JSON list of [from_ms, seconds east of UTC] over the time that the store knows, oldest first."""
    first = connection.execute("SELECT min(quarter_ms) FROM usage_quarter").fetchone()[0]
    start = min(moment_of(first or 0), now) if first else now
    return json.dumps(list(_changes(zone, start - _DAY, now + _DAY)))


def _changes(zone: tzinfo, start: datetime, end: datetime) -> Iterator[tuple[int, int]]:
    """The offset at the start, and each later one with the quarter of an hour in which it begins."""
    known = _offset(zone, start)
    yield 0, known
    at = start
    while at < end:
        later = at + _DAY
        if _offset(zone, later) != known:
            while _offset(zone, at) == known:
                at = datetime.fromtimestamp(at.timestamp() // 900 * 900 + 900, UTC)
            known = _offset(zone, at)
            yield ms_of(at), known
        at = later


def _offset(zone: tzinfo, at: datetime) -> int:
    offset = at.astimezone(zone).utcoffset()
    return round(offset.total_seconds()) if offset is not None else 0
