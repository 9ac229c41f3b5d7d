"""The views of the database: stable, so that sqlite3, Datasette and scripts may rely on names and columns.

Times are milliseconds since 1970 in UTC; days and months of the views are UTC (`tokentui query daily-trend` counts
them in your time zone). Money is at list price: whole pico-dollars (10^-12) where exact, `cost_usd` for reading.
Sums leave out what has no known price; `unpriced_responses` says how much that is. The minute table in the console's
columns, `local_minutes`, stands with the rest of Anthropic's side.
"""

from __future__ import annotations

AGENT_NAMES = """
CREATE VIEW agent_names AS
-- Agents with their session, and what kind they are. `agent_kind`: main, sub-agent, fork or background.
-- `agent_type`: as the log or its spawning call names it; the kind of background agent; `main` for main threads.
SELECT agent.id AS agent_row,
       session.session_id AS session,
       session.title AS title,
       session.project AS project,
       session.branch AS branch,
       session.entrypoint AS entrypoint,
       agent.agent_id AS agent,
       CASE WHEN agent.background <> '' THEN 'background'
            WHEN agent.agent_id = '' THEN 'main'
            WHEN EXISTS (SELECT 1 FROM agent_link AS link WHERE link.session_id = agent.session_id
                         AND link.agent_id = agent.agent_id AND link.is_fork) THEN 'fork'
            ELSE 'sub-agent' END AS agent_kind,
       coalesce(nullif(agent.background, ''), nullif(agent.agent_type, ''), (
           SELECT link.agent_type FROM agent_link AS link
           WHERE link.session_id = agent.session_id AND link.agent_id = agent.agent_id AND link.agent_type <> ''
           ORDER BY link.rank LIMIT 1
       ), CASE agent.agent_id WHEN '' THEN 'main' ELSE '' END) AS agent_type,
       agent.task AS task,
       agent.first_at_ms AS first_at_ms,
       agent.last_at_ms AS last_at_ms
FROM agent JOIN session ON session.id = agent.session_id;
"""

QUARTER_USAGE = """
CREATE VIEW quarter_usage AS
-- Usage by quarter of an hour (`at_ms` is its start), agent and model: the base of the other views and of the
-- named analyses. Some twenty times smaller than the responses, and exactly their sums.
SELECT used.quarter_ms AS at_ms,
       names.agent_row, names.session, names.title, names.project, names.branch, names.entrypoint,
       names.agent, names.agent_kind, names.agent_type, names.task,
       model.name AS model,
       responses, lower_bound_responses, unpriced_responses,
       input_tokens, output_tokens, cache_write_5m_tokens, cache_write_1h_tokens, cache_read_tokens,
       input_tokens + output_tokens + cache_write_5m_tokens + cache_write_1h_tokens + cache_read_tokens
           AS total_tokens,
       cost_pico_usd, uncached_pico_usd
FROM usage_quarter AS used
JOIN agent_names AS names ON names.agent_row = used.agent_id
JOIN model ON model.id = used.model_id;
"""

DAILY_SPEND = """
CREATE VIEW daily_spend AS
-- Responses, tokens and cost of each UTC day and project.
SELECT date(quarter_ms / 1000, 'unixepoch') AS day, session.project AS project,
       sum(responses) AS responses, sum(unpriced_responses) AS unpriced_responses,
       sum(input_tokens + output_tokens + cache_write_5m_tokens + cache_write_1h_tokens + cache_read_tokens)
           AS total_tokens,
       sum(cost_pico_usd) AS cost_pico_usd, sum(cost_pico_usd) / 1e12 AS cost_usd
FROM usage_quarter JOIN agent ON agent.id = usage_quarter.agent_id JOIN session ON session.id = agent.session_id
GROUP BY 1, 2;
"""

MODEL_USAGE = """
CREATE VIEW model_usage AS
-- All usage of each model, as logged.
SELECT model.name AS model, sum(responses) AS responses, sum(unpriced_responses) AS unpriced_responses,
       sum(input_tokens) AS input_tokens, sum(output_tokens) AS output_tokens,
       sum(cache_write_5m_tokens) AS cache_write_5m_tokens, sum(cache_write_1h_tokens) AS cache_write_1h_tokens,
       sum(cache_read_tokens) AS cache_read_tokens,
       sum(input_tokens + output_tokens + cache_write_5m_tokens + cache_write_1h_tokens + cache_read_tokens)
           AS total_tokens,
       sum(cost_pico_usd) AS cost_pico_usd, sum(cost_pico_usd) / 1e12 AS cost_usd
FROM usage_quarter JOIN model ON model.id = model_id
GROUP BY model.id;
"""

CACHE_EFFICIENCY = """
CREATE VIEW cache_efficiency AS
-- The cache by UTC day and model. `cache_hit_rate`: reads / (reads + writes + uncached input); `cache_read_share`:
-- reads / all tokens, output included; `saved_pico_usd`: without a cache it would have cost so much more.
SELECT date(quarter_ms / 1000, 'unixepoch') AS day, model.name AS model,
       sum(input_tokens) AS input_tokens, sum(output_tokens) AS output_tokens,
       sum(cache_write_5m_tokens) AS cache_write_5m_tokens, sum(cache_write_1h_tokens) AS cache_write_1h_tokens,
       sum(cache_read_tokens) AS cache_read_tokens,
       sum(cache_read_tokens) * 1.0
           / nullif(sum(input_tokens + cache_write_5m_tokens + cache_write_1h_tokens + cache_read_tokens), 0)
           AS cache_hit_rate,
       sum(cache_read_tokens) * 1.0 / nullif(sum(input_tokens + output_tokens + cache_write_5m_tokens
           + cache_write_1h_tokens + cache_read_tokens), 0) AS cache_read_share,
       sum(uncached_pico_usd) - sum(cost_pico_usd) AS saved_pico_usd,
       sum(cost_pico_usd) AS cost_pico_usd, sum(cost_pico_usd) / 1e12 AS cost_usd
FROM usage_quarter JOIN model ON model.id = model_id
GROUP BY 1, model.id;
"""

AGENT_MATRIX = """
CREATE VIEW agent_matrix AS
-- What agents of each type cost with each model, all in all and each.
SELECT agent_kind, agent_type, model, count(DISTINCT agent_row) AS agents, sum(responses) AS responses,
       sum(unpriced_responses) AS unpriced_responses, sum(output_tokens) AS output_tokens,
       sum(total_tokens) AS total_tokens,
       sum(total_tokens) / count(DISTINCT agent_row) AS tokens_per_agent,
       sum(cost_pico_usd) AS cost_pico_usd, sum(cost_pico_usd) / 1e12 AS cost_usd,
       sum(cost_pico_usd) / count(DISTINCT agent_row) AS cost_per_agent_pico_usd
FROM quarter_usage
GROUP BY agent_kind, agent_type, model;
"""

VIEWS = (AGENT_NAMES, QUARTER_USAGE, DAILY_SPEND, MODEL_USAGE, CACHE_EFFICIENCY, AGENT_MATRIX)
