"""Writes console exports: each file once, and removable without a trace."""

from __future__ import annotations

import sqlite3
from typing import NamedTuple

from tokentui.billed import CostRow, Export, UsageRow
from tokentui.store.billed_groups import Groups
from tokentui.store.billing import cost_by_key, insert_cost, insert_usage, usage_by_key, writing


class Imported(NamedTuple):
    """The result of storing a file."""

    import_id: int
    rows: int
    """Rows stored: lines of the same key are summed."""
    is_new: bool
    """False if the same file was imported before; then nothing was changed."""


def add_export(connection: sqlite3.Connection, export: Export, now_ms: int) -> Imported:
    """Store a file in one transaction."""
    groups = Groups(connection)
    with writing(connection, groups):
        known = connection.execute("SELECT id, rows FROM console_import WHERE digest = ?", (export.digest,)).fetchone()
        if known:
            return Imported(known[0], known[1], is_new=False)
        first_ms, until_ms = _span(export)
        import_id = connection.execute(
            "INSERT INTO console_import (digest, kind, file_name, imported_at_ms, dimensions, first_ms, until_ms, "
            "rows, skipped_lines) VALUES (?, ?, ?, ?, ?, ?, ?, 0, ?) RETURNING id",
            (export.digest, export.kind, export.file_name, now_ms, export.dimensions, first_ms, until_ms,
             len(export.skipped)),
        ).fetchone()[0]  # fmt: skip
        usage, cost = usage_by_key(export.usage, groups, import_id), cost_by_key(export.cost, groups, import_id)
        insert_usage(connection, usage)
        insert_cost(connection, cost)
        rows = len(usage) + len(cost)
        connection.execute("UPDATE console_import SET rows = ? WHERE id = ?", (rows, import_id))
    return Imported(import_id, rows, is_new=True)


def undo_import(connection: sqlite3.Connection, import_id: int) -> int | None:
    """Delete a file's rows; how many there were, or None if there is no such import."""
    with writing(connection, Groups(connection)):
        known = connection.execute("SELECT rows FROM console_import WHERE id = ?", (import_id,)).fetchone()
        for table in ("billed_usage", "billed_cost"):
            connection.execute(f"DELETE FROM {table} WHERE import_id = ? AND import_id > 0", (import_id,))
        connection.execute("DELETE FROM console_import WHERE id = ?", (import_id,))
    return int(known[0]) if known else None


def _span(export: Export) -> tuple[int, int]:
    """From the first row's start to the last one's end; a month counts as 31 days."""
    rows: list[UsageRow | CostRow] = [*export.usage, *export.cost]
    if not rows:
        return 0, 0
    grain_s = max(row.grain_s for row in rows)
    return min(row.start_ms for row in rows), max(row.start_ms for row in rows) + grain_s * 1000
