"""The store as it stood at a moment: what was logged later is hidden from every statement, here and nowhere else.

SQLite looks a table's name up among a connection's own temporary views first. So each table with a time in it gets a
view of the same name that ends at the moment, and the statements of all questions stay as they are.
"""

from __future__ import annotations

import sqlite3

from tokentui.store.rollups import DAY_MS, HOUR_MS, OF_A_RESPONSE, QUARTER_MS, TOTAL_SPANS_MS, USED


def show_past(connection: sqlite3.Connection, moment_ms: int) -> None:
    """Let this connection see the store as it stood at that moment; a later call moves it to another one.

    What has no time of its own is as it is today: titles, links between agents, prices.
    """
    for name, select in _views(moment_ms).items():
        connection.execute(f"DROP VIEW IF EXISTS temp.{name}")
        connection.execute(f"CREATE TEMP VIEW {name} AS {select}")


def _views(moment_ms: int) -> dict[str, str]:
    return {
        "response": f"SELECT * FROM main.response WHERE at_ms <= {moment_ms}",
        "usage_quarter": _usage("usage_quarter", _BY_AGENT, "quarter_ms", QUARTER_MS, moment_ms),
        "usage_hour": _usage("usage_hour", _BY_SESSION, "hour_ms", HOUR_MS, moment_ms),
        "usage_day": _usage("usage_day", _BY_SESSION, "day_ms", DAY_MS, moment_ms),
        "usage_total": _usage_total(moment_ms),
        "event": f"SELECT * FROM main.event WHERE at_ms <= {moment_ms}",
        "tool_call": _tool_call(moment_ms),
        "sign": _sign(moment_ms),
        "agent": _agent(moment_ms),
        "session": _session(moment_ms),
        "alert": _alert(moment_ms),
        "alert_delivery": f"SELECT * FROM main.alert_delivery WHERE at_ms <= {moment_ms}",
        "plan_limit": f"SELECT * FROM main.plan_limit WHERE seen_at_ms <= {moment_ms}",
    }


def _usage(table: str, keys: dict[str, str], start: str, span_ms: int, moment_ms: int, condition: str = "") -> str:
    """Whole stretches of a length from their sums, the running one from its responses.

    `keys` tells each column besides the start as it is worked out from a response and its agent.
    """
    running_ms = moment_ms // span_ms * span_ms
    groups = [value for value in keys.values() if not value.isdigit()]
    return f"""
        SELECT {start}, {", ".join((*keys, *USED))}
        FROM main.{table} WHERE {start} < {running_ms}{condition}
        UNION ALL
        SELECT {running_ms}, {", ".join((*keys.values(), *(f"sum({OF_A_RESPONSE.get(name, name)})" for name in USED)))}
        FROM main.response CROSS JOIN main.agent ON agent.id = response.agent_id
        WHERE response.at_ms >= {running_ms} AND response.at_ms <= {moment_ms} GROUP BY {", ".join(groups)}"""


def _usage_total(moment_ms: int) -> str:
    spans = (
        _usage("usage_total", {"span_ms": str(span), "model_id": "model_id", "change": "0"}, "start_ms", span,
               moment_ms, f" AND span_ms = {span}")
        for span in TOTAL_SPANS_MS
    )  # fmt: skip
    return " UNION ALL ".join(spans)


_BY_AGENT = {"agent_id": "response.agent_id", "model_id": "model_id"}
_BY_SESSION = {"session_id": "agent.session_id", "model_id": "model_id"}


def _tool_call(moment_ms: int) -> str:
    """A call whose result came later is still open."""
    results = ", ".join(
        f"iif(result_at_ms <= {moment_ms}, {column}, NULL) AS {column}"
        for column in ("is_error", "result_bytes", "result_at_ms")
    )
    return f"""
        SELECT id, tool_use_id, message_id, agent_id, name, at_ms, input_digest, prompt_digest, agent_type, task,
               owner_rank, log_id, {results}
        FROM main.tool_call WHERE at_ms <= {moment_ms}"""


def _sign(moment_ms: int) -> str:
    """What is known of an agent's lines up to then, as `agent.last_line` would have told it."""
    return f"""
        SELECT agent_id, at_ms, iif(stop_reason IN ('end_turn', 'stop_sequence', 'max_tokens', 'refusal'), 'done',
               'said') AS line, 0 AS rank
        FROM main.response WHERE at_ms <= {moment_ms} AND part = 0
        UNION ALL SELECT agent_id, at_ms, 'tool', 1 FROM main.tool_call WHERE at_ms <= {moment_ms}
        UNION ALL SELECT agent_id, result_at_ms, 'asked', 2 FROM main.tool_call WHERE result_at_ms <= {moment_ms}
        UNION ALL SELECT agent_id, at_ms, iif(kind = 'prompt', 'asked', 'done'), 3 FROM main.event
        WHERE at_ms <= {moment_ms} AND kind IN ('prompt', 'turn end', 'interrupt', 'limit', 'api error')"""


def _agent(moment_ms: int) -> str:
    """Agents that had begun; of one that went on after the moment, the last line before it."""
    last = "SELECT {} FROM temp.sign WHERE sign.agent_id = stored.id ORDER BY sign.at_ms DESC, sign.rank DESC LIMIT 1"
    begun = f"iif(prompt_at_ms BETWEEN first_at_ms AND {moment_ms}, prompt_at_ms, first_at_ms)"
    return f"""
        SELECT id, session_id, agent_id, agent_type, task, background, prompt_digest, prompt_at_ms, prompt_offset,
               iif(last_at_ms <= {moment_ms}, last_line, ifnull(({last.format("line")}), 'asked')) AS last_line,
               min(last_line_at_ms, {moment_ms}) AS last_line_at_ms, last_line_offset, first_at_ms,
               iif(last_at_ms <= {moment_ms}, last_at_ms, max(ifnull(({last.format("at_ms")}), 0), {begun}))
               AS last_at_ms
        FROM main.agent AS stored WHERE first_at_ms <= {moment_ms}"""


def _session(moment_ms: int) -> str:
    return f"""
        SELECT id, session_id, title, title_rank, title_at_ms, title_offset, project, project_at_ms, branch, version,
               entrypoint, setting_at_ms, first_at_ms,
               iif(last_at_ms <= {moment_ms}, last_at_ms, ifnull((
                   SELECT max(agent.last_at_ms) FROM temp.agent WHERE agent.session_id = stored.id), first_at_ms))
               AS last_at_ms
        FROM main.session AS stored WHERE first_at_ms <= {moment_ms}"""


def _alert(moment_ms: int) -> str:
    """Alerts that had been raised. A peak of later is not known yet: then the limit is what was reached."""
    peak = ", ".join(f"iif(peak_at_ms <= {moment_ms}, peak, limit_value) AS {column}" for column in ("value", "peak"))
    return f"""
        SELECT id, rule, subject, grade, session_id, agents, unit, evidence, limit_value, {peak},
               min(peak_at_ms, {moment_ms}) AS peak_at_ms,
               iif(peak_at_ms <= {moment_ms}, peak_evidence, '') AS peak_evidence,
               raised_at_ms, min(last_at_ms, {moment_ms}) AS last_at_ms,
               iif(ended_at_ms <= {moment_ms}, ended_at_ms, NULL) AS ended_at_ms, lasts_until_ms, times,
               iif(acknowledged_at_ms <= {moment_ms}, acknowledged_at_ms, NULL) AS acknowledged_at_ms
        FROM main.alert WHERE raised_at_ms <= {moment_ms}"""
