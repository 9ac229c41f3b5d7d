"""How far each report reaches: what was asked of the API and when, which exports there are, and the last runs."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from tokentui.instants import HOUR_MS, moment_of, moment_or_none
from tokentui.queries.reckoning.compared import meets

SETTLED_AFTER_MS = HOUR_MS
"""Reports come within minutes, now and then later: what is missing counts as missing only after an hour."""
Stretches = tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class Standing:
    """Which stretches of time are known from which origin, in UTC milliseconds."""

    api_usage: Stretches
    api_cost: Stretches
    csv_usage: Stretches
    csv_cost: Stretches
    api_settled_ms: int
    """Up to here no late data are expected from the Usage API."""
    csv_settled_ms: int
    code: Stretches = ()
    """Known from the Claude Code report."""
    code_settled_ms: int = 0

    def has_api_usage(self, day_ms: int) -> bool:
        """Whether the Usage API was asked for any part of a day."""
        return meets(self.api_usage, day_ms)

    def has_api_cost(self, day_ms: int) -> bool:
        """Whether the Cost API was asked for any part of a day."""
        return meets(self.api_cost, day_ms)

    def has_code(self, day_ms: int) -> bool:
        """Whether the Claude Code report was asked for any part of a day."""
        return meets(self.code, day_ms)

    def has_csv_usage(self, day_ms: int) -> bool:
        """Whether a token export tells of any part of a day."""
        return meets(self.csv_usage, day_ms)

    def has_csv_cost(self, day_ms: int) -> bool:
        """Whether a cost export tells of any part of a day."""
        return meets(self.csv_cost, day_ms)


@dataclass(frozen=True, slots=True)
class SyncRun:
    """One run of `tokentui sync`."""

    started_at: datetime
    finished_at: datetime | None
    """None while it runs, or where it was killed."""
    pages: int
    rows_new: int
    duration_ms: int | None
    outcome: Literal["running", "done", "incomplete", "failed", "broken off"]
    error: str


@dataclass(frozen=True, slots=True)
class SyncState:
    """How sync stands: for the status line and the pane."""

    last: SyncRun | None
    """None before the first run."""
    last_done_at: datetime | None
    """When the last complete run ended."""
    usage_until: datetime | None
    """Up to here the Usage API was asked for."""
    cost_until: datetime | None


@dataclass(frozen=True, slots=True)
class ImportedFile:
    """One console export in the store."""

    import_id: int
    kind: Literal["tokens", "cost"]
    file_name: str
    imported_at: datetime
    since: datetime
    until: datetime
    rows: int
    skipped_lines: int


def standing(connection: sqlite3.Connection) -> Standing:
    """How far each report and the exports reach."""
    covered: dict[str, list[tuple[int, int, int]]] = {}
    for series, *stretch in connection.execute(
        "SELECT CASE WHEN series LIKE 'usage %' THEN 'usage' ELSE series END, from_ms, until_ms, asked_at_ms "
        "FROM sync_coverage ORDER BY from_ms"
    ):
        covered.setdefault(series, []).append((stretch[0], stretch[1], stretch[2]))
    files: dict[str, list[tuple[int, int, int]]] = {}
    for kind, *stretch in connection.execute("SELECT kind, first_ms, until_ms, imported_at_ms FROM console_import"):
        files.setdefault(kind, []).append((stretch[0], stretch[1], stretch[2]))
    return Standing(
        api_usage=_plain(covered.get("usage", [])),
        api_cost=_plain(covered.get("cost", [])),
        csv_usage=_plain(files.get("tokens", [])),
        csv_cost=_plain(files.get("cost", [])),
        api_settled_ms=_settled(covered.get("usage", [])),
        csv_settled_ms=_settled(files.get("tokens", [])),
        code=_plain(covered.get("claude code", [])),
        code_settled_ms=_settled(covered.get("claude code", [])),
    )


def _plain(stretches: list[tuple[int, int, int]]) -> Stretches:
    return tuple((start, end) for start, end, _ in stretches)


def _settled(stretches: list[tuple[int, int, int]]) -> int:
    """Until when a report is complete: to the end of its latest stretch, or to an hour before it was asked for."""
    if not stretches:
        return 0
    _, end, asked_at_ms = max(stretches, key=lambda stretch: stretch[1])
    return min(end, asked_at_ms - SETTLED_AFTER_MS)


_RUN = (
    "SELECT started_at_ms, finished_at_ms, pages, rows_new, duration_ms, outcome, error FROM sync_run "
    "ORDER BY id DESC LIMIT ?"
)


def sync_runs(connection: sqlite3.Connection, limit: int = 20) -> tuple[SyncRun, ...]:
    """The last runs, newest first."""
    rows = connection.execute(_RUN, (limit,))
    return tuple(SyncRun(moment_of(started), moment_or_none(finished), *rest) for started, finished, *rest in rows)


def sync_state(connection: sqlite3.Connection) -> SyncState:
    """How sync stands now."""
    runs = sync_runs(connection, 1)
    done = connection.execute("SELECT max(finished_at_ms) FROM sync_run WHERE outcome = 'done'").fetchone()[0]
    reach = "SELECT max(until_ms) FROM sync_coverage WHERE series LIKE ?"
    usage, cost = (connection.execute(reach, (series,)).fetchone()[0] for series in ("usage %", "cost"))
    return SyncState(runs[0] if runs else None, moment_or_none(done), moment_or_none(usage), moment_or_none(cost))


def imported_files(connection: sqlite3.Connection) -> tuple[ImportedFile, ...]:
    """Every export in the store, oldest first."""
    rows = connection.execute(
        "SELECT id, kind, file_name, imported_at_ms, first_ms, until_ms, rows, skipped_lines FROM console_import "
        "ORDER BY id"
    )
    return tuple(
        ImportedFile(r[0], r[1], r[2], moment_of(r[3]), moment_of(r[4]), moment_of(r[5]), r[6], r[7]) for r in rows
    )
