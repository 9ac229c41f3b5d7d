"""Rows for export, one at a time and in a stable order: responses, minutes, sessions, alerts.

Columns keep their names and order from version to version; new ones are added at the end.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal, get_args

from tokentui.store.schema.anthropic import MINUTES_OF_RANGE

ExportKind = Literal["responses", "minutes", "sessions", "alerts"]
EXPORT_KINDS: tuple[ExportKind, ...] = get_args(ExportKind)


@dataclass(frozen=True, eq=False, slots=True)
class Export:
    """Rows and their column names; `…_at_ms` is UTC milliseconds, `…_pico_usd` pico-dollars at list price."""

    columns: tuple[str, ...]
    rows: Iterator[tuple[Any, ...]]
    """Read from the database as they are iterated."""


_RESPONSES = """
SELECT response.at_ms, response.first_at_ms, names.session, names.project, names.agent, names.agent_type,
       agent.background, model.name AS model, message_id, request_id, part, part_kind,
       input_tokens, output_tokens, cache_write_5m_tokens, cache_write_1h_tokens, cache_read_tokens,
       input_tokens + output_tokens + cache_write_5m_tokens + cache_write_1h_tokens + cache_read_tokens
           AS total_tokens,
       cost_pico_usd, price_basis.name AS price_basis, is_lower_bound, stop_reason, service_tier, speed,
       inference_geo, web_searches, cache_miss_reason
FROM response JOIN agent ON agent.id = response.agent_id JOIN agent_names AS names ON names.agent_row = agent.id
JOIN model ON model.id = model_id LEFT JOIN price_basis ON price_basis.id = price_basis_id
WHERE response.at_ms >= :since_ms AND response.at_ms < :until_ms
ORDER BY response.at_ms, message_id, request_id, variant, part
"""

_MINUTES = f"""
SELECT usage_date_utc, model_version, api_key, workspace, usage_type, context_window, usage_input_tokens_no_cache,
       usage_input_tokens_cache_write_5m, usage_input_tokens_cache_write_1h, usage_input_tokens_cache_read,
       usage_output_tokens, web_search_count, inference_geo, speed, responses
FROM ({MINUTES_OF_RANGE})
ORDER BY usage_date_utc, model_version, usage_type, context_window, inference_geo, speed
"""

_SESSIONS = """
WITH used AS (
    SELECT agent.session_id AS session_row, count(DISTINCT agent.id) AS agents, sum(responses) AS responses,
           sum(lower_bound_responses) AS lower_bound_responses, sum(unpriced_responses) AS unpriced_responses,
           sum(input_tokens) AS input_tokens, sum(output_tokens) AS output_tokens,
           sum(cache_write_5m_tokens) AS cache_write_5m_tokens, sum(cache_write_1h_tokens) AS cache_write_1h_tokens,
           sum(cache_read_tokens) AS cache_read_tokens, sum(cost_pico_usd) AS cost_pico_usd
    FROM agent JOIN usage_quarter ON usage_quarter.agent_id = agent.id GROUP BY agent.session_id
)
SELECT session.session_id AS session, title, project, branch, version, entrypoint,
       first_at_ms AS first_line_at_ms, last_at_ms AS last_line_at_ms,
       ifnull(agents, 0) AS agents, ifnull(responses, 0) AS responses,
       ifnull(lower_bound_responses, 0) AS lower_bound_responses, ifnull(input_tokens, 0) AS input_tokens,
       ifnull(output_tokens, 0) AS output_tokens, ifnull(cache_write_5m_tokens, 0) AS cache_write_5m_tokens,
       ifnull(cache_write_1h_tokens, 0) AS cache_write_1h_tokens, ifnull(cache_read_tokens, 0) AS cache_read_tokens,
       ifnull(input_tokens + output_tokens + cache_write_5m_tokens + cache_write_1h_tokens + cache_read_tokens, 0)
           AS total_tokens,
       ifnull(cost_pico_usd, 0) AS cost_pico_usd, ifnull(unpriced_responses, 0) AS unpriced_responses
FROM session LEFT JOIN used ON used.session_row = session.id
WHERE last_at_ms >= :since_ms AND first_at_ms < :until_ms
ORDER BY first_at_ms, session.session_id
"""

_ALERTS = """
SELECT raised_at_ms, last_at_ms AS last_seen_at_ms, ended_at_ms, acknowledged_at_ms, rule, grade, subject,
       session_id AS session, agents, unit, value, limit_value, peak, peak_at_ms, times, evidence
FROM alert
WHERE raised_at_ms >= :since_ms AND raised_at_ms < :until_ms
ORDER BY raised_at_ms, rule, subject
"""

_STATEMENTS: dict[ExportKind, str] = {
    "responses": _RESPONSES, "minutes": _MINUTES, "sessions": _SESSIONS, "alerts": _ALERTS,
}  # fmt: skip
_LATEST_MS = 253_402_300_740_000  # the last minute of 9999: later ones have no text


def export(
    connection: sqlite3.Connection, kind: ExportKind, since_ms: int | None = None, until_ms: int | None = None
) -> Export:
    """Rows of one kind in a range: by the response's time, the minute, the session's lines, or when it was raised."""
    bounds = {"since_ms": since_ms or 0, "until_ms": _LATEST_MS if until_ms is None else until_ms}
    found = connection.execute(_STATEMENTS[kind], bounds)
    return Export(tuple(column[0] for column in found.description), found)
