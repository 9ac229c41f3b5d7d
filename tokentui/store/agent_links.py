"""Writes what logs say of who spawned an agent, with the agent's type from its spawning call where they name none."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence

from msgspec import json

from tokentui.batch import Batch
from tokentui.store.bulk import insert_rows
from tokentui.store.names import Names


def add_links(connection: sqlite3.Connection, names: Names, batches: Sequence[Batch]) -> None:
    """Add the links of batches. Runs inside a transaction, after their tool calls were added."""
    links = [link for batch in batches for link in batch.links]
    rows = [
        (names.session_row(link.session_id), link.agent_id, link.rank, link.kind, link.tool_use_id,
         link.parent_agent_id, link.spawn_depth, link.agent_type, link.name, link.description, link.status,
         link.is_fork, link.at_ms)
        for link in links
    ]  # fmt: skip
    insert_rows(connection, _INTO_LINK, rows, _UPSERT_LINK)
    calls = {link.tool_use_id for link in links if link.tool_use_id and not link.agent_type}
    calls |= {call.tool_use_id for batch in batches for call in batch.tool_calls if call.agent_type}
    if calls:  # a link may be read before its call, or after it
        wanted = json.encode(list(calls)).decode()
        connection.execute(f"{_TYPE_BY_CALL} AND tool_use_id IN (SELECT value FROM json_each(?))", (wanted,))


def type_links_by_calls(connection: sqlite3.Connection) -> None:
    """Give every stored link without a type that of its call, and index those left. Runs inside a transaction."""
    connection.execute(_TYPE_BY_CALL)
    connection.execute(
        "CREATE INDEX agent_link_without_type ON agent_link (tool_use_id) WHERE agent_type = '' AND tool_use_id <> ''"
    )


_TYPE_BY_CALL = """
UPDATE agent_link SET agent_type = ifnull(
    (SELECT call.agent_type FROM tool_call AS call WHERE call.tool_use_id = agent_link.tool_use_id), '')
WHERE agent_type = '' AND tool_use_id <> ''
"""
_INTO_LINK = """
INSERT INTO agent_link (session_id, agent_id, rank, kind, tool_use_id, parent_agent_id, spawn_depth, agent_type,
                        name, description, status, is_fork, at_ms)
"""
_IS_EARLIER = (
    "excluded.tool_use_id <> '' AND (agent_link.tool_use_id = ''"
    " OR (excluded.at_ms, excluded.tool_use_id) < (agent_link.at_ms, agent_link.tool_use_id))"
)
_UPSERT_LINK = f"""
ON CONFLICT (session_id, agent_id, rank) DO UPDATE SET
    tool_use_id = iif({_IS_EARLIER}, excluded.tool_use_id, tool_use_id),
    at_ms = iif({_IS_EARLIER}, excluded.at_ms, at_ms),
    parent_agent_id = excluded.parent_agent_id, spawn_depth = excluded.spawn_depth,
    agent_type = CASE WHEN excluded.agent_type <> '' THEN excluded.agent_type ELSE agent_type END,
    name = excluded.name, description = excluded.description,
    status = CASE WHEN excluded.status <> '' THEN excluded.status ELSE status END,
    is_fork = max(is_fork, excluded.is_fork)
"""
