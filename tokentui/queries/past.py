"""The store as it stood at a moment: what was logged later is hidden from every statement, here and nowhere else.

SQLite looks a table's name up among a connection's own temporary views first. So each table with a time in it gets a
view of the same name that ends at the moment, and the statements of all questions stay as they are.
"""

from __future__ import annotations

import sqlite3

from tokentui.batch import TURN_ENDS
from tokentui.instants import DAY_MS, HOUR_MS, QUARTER_MS
from tokentui.store.rollups import ALL_USED, SUMS, SUMS_OF_RESPONSES, TOTAL_SPANS_MS


def show_past(connection: sqlite3.Connection, moment_ms: int) -> None:
    """Let this connection see the store as it stood at a moment; a later call moves it to another one.

    What has no time of its own is seen as it is today: titles, links between agents, prices.
    """
    for name, select in _views(moment_ms).items():
        connection.execute(f"DROP VIEW IF EXISTS temp.{name}")
        connection.execute(f"CREATE TEMP VIEW {name} AS {select}")


def _views(moment_ms: int) -> dict[str, str]:
    return {
        "response": f"SELECT * FROM main.response WHERE at_ms <= {moment_ms}",
        "usage_quarter": _quarters(moment_ms),
        "usage_hour": _longer("usage_hour", "hour_ms", HOUR_MS, moment_ms, "usage_quarter", "quarter_ms"),
        "usage_day": _longer("usage_day", "day_ms", DAY_MS, moment_ms, "usage_hour", "hour_ms"),
        "usage_total": _totals(moment_ms),
        "event": f"SELECT * FROM main.event WHERE at_ms <= {moment_ms}",
        "tool_call": _tool_call(moment_ms),
        "agent": _agent(moment_ms),
        "session": _session(moment_ms),
        "alert": _alert(moment_ms),
        "alert_delivery": f"SELECT * FROM main.alert_delivery WHERE at_ms <= {moment_ms}",
        "plan_limit": f"SELECT * FROM main.plan_limit WHERE seen_at_ms <= {moment_ms}",
    }


def _quarters(moment_ms: int) -> str:
    """View of the quarter-hour sums: whole quarters from their sums, the running one from its responses."""
    running_ms = moment_ms // QUARTER_MS * QUARTER_MS
    return f"""
        SELECT quarter_ms, agent_id, model_id, {ALL_USED} FROM main.usage_quarter WHERE quarter_ms < {running_ms}
        UNION ALL
        SELECT {running_ms}, agent_id, model_id, {SUMS_OF_RESPONSES}
        FROM main.response WHERE at_ms >= {running_ms} AND at_ms <= {moment_ms} GROUP BY agent_id, model_id"""


def _longer(table: str, start: str, span_ms: int, moment_ms: int, finer: str, finer_start: str) -> str:
    """View of the sums by session and hour or day: the running one from the finer sums in it."""
    running_ms = moment_ms // span_ms * span_ms
    with_session = " JOIN main.agent ON agent.id = used.agent_id" if finer == "usage_quarter" else ""
    return f"""
        SELECT {start}, session_id, model_id, {ALL_USED} FROM main.{table} WHERE {start} < {running_ms}
        UNION ALL
        SELECT {running_ms}, session_id, model_id, {SUMS} FROM temp.{finer} AS used{with_session}
        WHERE {finer_start} >= {running_ms} GROUP BY session_id, model_id"""


def _totals(moment_ms: int) -> str:
    """View of the sums of all sessions together, for each span."""
    levels = zip(TOTAL_SPANS_MS, ("usage_quarter", "usage_hour", "usage_day"), ("quarter_ms", "hour_ms", "day_ms"),
                 strict=True)  # fmt: skip
    return " UNION ALL ".join(_total(span_ms, moment_ms, table, start) for span_ms, table, start in levels)


def _total(span_ms: int, moment_ms: int, table: str, start: str) -> str:
    running_ms = moment_ms // span_ms * span_ms
    return f"""
        SELECT start_ms, span_ms, model_id, 0 AS change, {ALL_USED} FROM main.usage_total
        WHERE start_ms < {running_ms} AND span_ms = {span_ms}
        UNION ALL
        SELECT {running_ms}, {span_ms}, model_id, 0, {SUMS} FROM temp.{table} WHERE {start} >= {running_ms}
        GROUP BY model_id"""


def _tool_call(moment_ms: int) -> str:
    """View of the tool calls: one whose result came later is still open."""
    results = ", ".join(
        f"iif(result_at_ms <= {moment_ms}, {column}, NULL) AS {column}"
        for column in ("is_error", "result_bytes", "result_at_ms")
    )
    return f"""
        SELECT id, tool_use_id, message_id, agent_id, name, at_ms, input_digest, prompt_digest, agent_type, task,
               owner_rank, log_id, {results}
        FROM main.tool_call WHERE at_ms <= {moment_ms}"""


def _agent(moment_ms: int) -> str:
    """View of the agents that had begun; one that went on after the moment has its last line before it."""
    begun = f"iif(prompt_at_ms BETWEEN first_at_ms AND {moment_ms}, prompt_at_ms, first_at_ms)"
    return f"""
        SELECT id, session_id, agent_id, agent_type, task, background, prompt_digest, prompt_at_ms, prompt_offset,
               iif(last_at_ms <= {moment_ms}, last_line, ifnull(({_last_sign("line", moment_ms)}), 'asked'))
               AS last_line,
               min(last_line_at_ms, {moment_ms}) AS last_line_at_ms, last_line_offset, first_at_ms,
               iif(last_at_ms <= {moment_ms}, last_at_ms,
                   max(ifnull(({_last_sign("at_ms", moment_ms)}), 0), {begun})) AS last_at_ms
        FROM main.agent AS stored WHERE first_at_ms <= {moment_ms}"""


def _last_sign(column: str, moment_ms: int) -> str:
    """SQL for the time of an agent's last line up to the moment, as `agent.last_line` would have had it.

    It takes the last of each kind of record, which an index finds, and then the last of these.
    """
    signs = (
        ("at_ms", _OF_ANSWER, 0, "response", "part = 0"),
        ("at_ms", "'tool'", 1, "tool_call", "true"),
        ("result_at_ms", "'asked'", 2, "tool_call", "true"),
        ("at_ms", "iif(kind = 'prompt', 'asked', 'done')", 3, "event", f"kind IN {_TELLING_EVENTS}"),
    )
    last_ones = (
        f"""SELECT * FROM (SELECT {at} AS at_ms, {line} AS line, {rank} AS rank FROM main.{table}
            WHERE agent_id = stored.id AND {at} <= {moment_ms} AND {condition} ORDER BY {at} DESC LIMIT 1)"""
        for at, line, rank, table, condition in signs
    )
    return f"SELECT {column} FROM ({' UNION ALL '.join(last_ones)}) ORDER BY at_ms DESC, rank DESC LIMIT 1"


_OF_ANSWER = f"iif(stop_reason IN {TURN_ENDS}, 'done', 'said')"
_TELLING_EVENTS = "('prompt', 'turn end', 'interrupt', 'limit', 'api error')"


def _session(moment_ms: int) -> str:
    return f"""
        SELECT id, session_id, title, title_key, title_rank, title_at_ms, title_offset, project, project_at_ms, branch,
               version, entrypoint, setting_at_ms, first_at_ms,
               iif(last_at_ms <= {moment_ms}, last_at_ms, ifnull((
                   SELECT max(agent.last_at_ms) FROM temp.agent WHERE agent.session_id = stored.id), first_at_ms))
               AS last_at_ms
        FROM main.session AS stored WHERE first_at_ms <= {moment_ms}"""


def _alert(moment_ms: int) -> str:
    """View of the alerts that had been raised. If the peak came later, the limit stands in for it."""
    peak = ", ".join(f"iif(peak_at_ms <= {moment_ms}, peak, limit_value) AS {column}" for column in ("value", "peak"))
    return f"""
        SELECT id, rule, subject, grade, session_id, agents, unit, evidence, limit_value, {peak},
               min(peak_at_ms, {moment_ms}) AS peak_at_ms,
               iif(peak_at_ms <= {moment_ms}, peak_evidence, '') AS peak_evidence,
               raised_at_ms, min(last_at_ms, {moment_ms}) AS last_at_ms,
               iif(ended_at_ms <= {moment_ms}, ended_at_ms, NULL) AS ended_at_ms, lasts_until_ms, times,
               iif(acknowledged_at_ms <= {moment_ms}, acknowledged_at_ms, NULL) AS acknowledged_at_ms
        FROM main.alert WHERE raised_at_ms <= {moment_ms}"""
