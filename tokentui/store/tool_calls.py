"""Writes tool calls and their results: one row for both, whichever comes first."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from typing import NamedTuple

from tokentui.batch import Batch, ToolCall, ToolResult
from tokentui.store.bulk import insert_rows
from tokentui.store.names import Names
from tokentui.store.owners import owns_before


class _Row(NamedTuple):
    tool_use_id: str
    message_id: str
    agent_id: int
    name: str
    at_ms: int
    input_digest: str
    prompt_digest: str
    agent_type: str
    task: str
    owner_rank: int
    log_id: int


def add_tool_calls(connection: sqlite3.Connection, names: Names, batches: Iterable[Batch]) -> None:
    """Add the calls and results of batches. Runs inside a transaction.

    Most calls are new and their result follows closely: one statement inserts both. If any call was known already, all
    go through the statements that decide which sighting holds, and that change nothing for the others.
    """
    rows: list[_Row] = []
    answers: dict[str, ToolResult] = {}
    for batch in batches:
        log_id = names.log(batch.place)
        rows += (_row(call, names, log_id) for call in batch.tool_calls)
        for result in batch.tool_results:
            known = answers.get(result.tool_use_id)
            if known is None or result.at_ms < known.at_ms:
                answers[result.tool_use_id] = result
    if _insert(connection, rows, answers) == len(rows):
        for row in rows:
            answers.pop(row.tool_use_id, None)
    else:
        insert_rows(connection, _INTO_CALL, rows, _UPSERT_CALL)
    insert_rows(connection, _INTO_RESULT, list(answers.values()), _UPSERT_RESULT)


def _row(call: ToolCall, names: Names, log_id: int) -> _Row:
    return _Row(
        call.tool_use_id, call.message_id, names.agent_row(call.session_id, call.agent_id, call.at_ms), call.name,
        call.at_ms, call.input_digest, call.prompt_digest, call.agent_type, call.task, call.owner_rank, log_id,
    )  # fmt: skip


def _insert(connection: sqlite3.Connection, rows: list[_Row], answers: dict[str, ToolResult]) -> int:
    """Insert the calls that are new, with their results; how many they were."""
    before = connection.total_changes
    insert_rows(connection, _INSERT, [(*row, *answers.get(row.tool_use_id, _NO_RESULT)[1:]) for row in rows])
    return connection.total_changes - before


_NO_RESULT = ("", None, None, None)
_RESULT = ("result_at_ms", "is_error", "result_bytes")
_INTO_CALL = f"INSERT INTO tool_call ({', '.join(_Row._fields)})"
_INTO_RESULT = f"INSERT INTO tool_call (tool_use_id, {', '.join(_RESULT)})"
_INSERT = f"INSERT OR IGNORE INTO tool_call ({', '.join(_Row._fields + _RESULT)})"
_UPSERT_CALL = f"""
ON CONFLICT (tool_use_id) DO UPDATE SET {", ".join(f"{name} = excluded.{name}" for name in _Row._fields[1:])}
WHERE tool_call.agent_id IS NULL OR {owns_before("tool_call")}
"""
_UPSERT_RESULT = f"""
ON CONFLICT (tool_use_id) DO UPDATE SET {", ".join(f"{name} = excluded.{name}" for name in _RESULT)}
WHERE tool_call.result_at_ms IS NULL OR excluded.result_at_ms < tool_call.result_at_ms
"""
