"""A database of two million generated responses, made in the database itself: seconds instead of minutes.

Two thousand sessions of ten agents with a hundred responses each over half a year, a tool call for every other
response, and one session of 500 agents with 40 responses each for the drill-down.
"""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

from tokentui.store.database import open_writer
from tokentui.store.rollups import sum_anew

BIG = "ffffffff-5e55-4000-8000-000000000000"
"""The session of 500 agents."""
START_MS = 1_779_840_000_000  # 2026-05-27
SPACING_MS = 7_776_000
"""Between the starts of two sessions: half a year for 2,000."""


def write_rows(path: Path, sessions: int = 2_000, agents: int = 10, responses: int = 100) -> int:
    """Make the database; returns how many responses it holds."""
    with closing(open_writer(path)) as connection:
        connection.execute("PRAGMA synchronous = OFF")
        connection.execute("BEGIN")
        values = {"sessions": sessions, "agents": agents, "responses": responses, "start": START_MS,
                  "spacing": SPACING_MS, "big": BIG}  # fmt: skip
        for statement in _STATEMENTS:
            connection.execute(statement, values)
        sum_anew(connection)
        connection.execute("COMMIT")
        connection.execute("PRAGMA optimize")
        return int(connection.execute("SELECT count(*) FROM response").fetchone()[0])


_NUMBERS = "WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < {last})"
_SOURCES = (
    "INSERT INTO source (id, path) VALUES (1, '/bench/projects')",
    "INSERT INTO log (id, source_id, path, lines) VALUES (1, 1, '/bench/projects/p/1.jsonl', 1)",
    "INSERT INTO model (id, name) VALUES (1, 'claude-opus-4-8'), (2, 'claude-sonnet-5-5'), (3, 'claude-haiku-4-5')",
    "INSERT INTO price_basis (id, name) VALUES (1, 'bench')",
)
_SESSIONS = (
    f"""{_NUMBERS.format(last=":sessions")}
    INSERT INTO session (id, session_id, title, title_key, project, entrypoint, first_at_ms, last_at_ms)
    SELECT i + 1, CASE i WHEN :sessions THEN :big ELSE printf('%08x-5e55-4000-8000-000000000000', i) END,
           printf('session %d', i), printf('session %d', i), printf('/home/sam/work/p%d', i % 40), 'cli',
           :start + i * :spacing, :start + i * :spacing + :responses * 60000
    FROM n""",
    f"""{_NUMBERS.format(last=":sessions * :agents - 1")}
    INSERT INTO agent (id, session_id, agent_id, agent_type, first_at_ms, last_at_ms)
    SELECT i + 1, i / :agents + 1, CASE i % :agents WHEN 0 THEN '' ELSE printf('a%x', i) END,
           CASE i % :agents WHEN 0 THEN '' WHEN 1 THEN 'Explore' WHEN 2 THEN 'Plan' ELSE 'worker' END,
           :start + i / :agents * :spacing, :start + i / :agents * :spacing + :responses * 60000
    FROM n""",
    f"""{_NUMBERS.format(last="499")}
    INSERT INTO agent (id, session_id, agent_id, agent_type, first_at_ms, last_at_ms)
    SELECT :sessions * :agents + i + 1, :sessions + 1, CASE i WHEN 0 THEN '' ELSE printf('b%x', i) END,
           CASE i WHEN 0 THEN '' ELSE 'worker' END, :start + :sessions * :spacing + i * 1000,
           :start + :sessions * :spacing + 4000000
    FROM n""",
)
_COLUMNS = """(message_id, request_id, at_ms, first_at_ms, agent_id, model_id, input_tokens, output_tokens,
    cache_write_5m_tokens, cache_write_1h_tokens, cache_read_tokens, cost_pico_usd, uncached_pico_usd, price_basis_id,
    is_lower_bound, stop_reason, service_tier, speed, inference_geo, web_searches, log_id, owner_rank, usage_at_ms,
    usage_offset)"""
_VALUES = """printf('msg_%d', id), printf('req_%d', id), at, at - 4000, agent, agent % 3 + 1, 3, 100 + seq * 37 % 900,
    CASE WHEN agent % 2 THEN written ELSE 0 END, CASE WHEN agent % 2 THEN 0 ELSE written END,
    CASE written WHEN 900 THEN 20000 + seq * 900 ELSE 0 END, 9000000000 + seq * 450000000,
    100000000000 + seq * 4500000000, 1, 0, 'tool_use', 'standard', '', '', 0, 1, 0, at, 0"""
_RESPONSES = (
    f"""{_NUMBERS.format(last=":sessions * :agents * :responses - 1")},
    placed AS (
        SELECT i AS id, i % (:sessions * :agents) + 1 AS agent, i / (:sessions * :agents) AS seq,
               :start + i % (:sessions * :agents) / :agents * :spacing + i / (:sessions * :agents) * 60000
                   + i / (:sessions * :agents) / 25 * 600000 + i % :agents * 7000 AS at,
               CASE i / (:sessions * :agents) % 25 WHEN 0 THEN 20000 + i / (:sessions * :agents) * 900
                   ELSE 900 END AS written
        FROM n)
    INSERT INTO response {_COLUMNS} SELECT {_VALUES} FROM placed""",
    f"""{_NUMBERS.format(last="19999")},
    placed AS (
        SELECT i + 1000000000 AS id, :sessions * :agents + i % 500 + 1 AS agent, i / 500 AS seq,
               :start + :sessions * :spacing + i / 500 * 60000 + i % 500 * 100 AS at,
               CASE i / 500 % 25 WHEN 0 THEN 20000 + i / 500 * 900 ELSE 900 END AS written
        FROM n)
    INSERT INTO response {_COLUMNS} SELECT {_VALUES} FROM placed""",
)
_REST = (
    """INSERT INTO tool_call (tool_use_id, message_id, agent_id, name, at_ms, input_digest, log_id, result_at_ms,
                              is_error, result_bytes)
    SELECT printf('toolu_%d', id), message_id, agent_id,
           CASE id % 5 WHEN 0 THEN 'Read' WHEN 1 THEN 'Bash' WHEN 2 THEN 'mcp__web__fetch' WHEN 3 THEN 'Edit'
               ELSE 'Grep' END,
           at_ms, printf('%x', id % 5000), 1, at_ms + id % 9000, id % 20 = 0, id * 7919 % 60000
    FROM response WHERE id % 2""",
    """INSERT INTO event (event_id, agent_id, kind, at_ms, detail, owner_rank, log_id)
    SELECT printf('e%d', response.id), agent.id, CASE response.id % 3 WHEN 0 THEN 'turn end' ELSE 'prompt' END,
           response.at_ms - 5000, CASE response.id % 3 WHEN 0 THEN '{"duration_ms": 90000}'
               ELSE '{"source":"typed"}' END, 0, 1
    FROM response JOIN agent ON agent.id = response.agent_id
    WHERE agent.agent_id = '' AND cache_read_tokens / 900 % 5 = 0""",
    """INSERT INTO usage_quarter
    SELECT at_ms / 900000 * 900000, agent_id, model_id, count(*), 0, 0, sum(input_tokens), sum(output_tokens),
           sum(cache_write_5m_tokens), sum(cache_write_1h_tokens), sum(cache_read_tokens), sum(cost_pico_usd),
           sum(uncached_pico_usd)
    FROM response GROUP BY 1, 2, 3""",
)
_STATEMENTS = (*_SOURCES, *_SESSIONS, *_RESPONSES, *_REST)
