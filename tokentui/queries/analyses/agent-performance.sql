-- The agent performance matrix: how each type of agent works, what it costs each time, and how often its tools fail.
-- `average_minutes` runs from an agent's first line to its last, idle time included. Tool calls are those of the
-- agents that used anything in the range.
WITH each AS (
    SELECT agent_kind, agent_type, agent_row, group_concat(DISTINCT model) AS models,
           sum(responses) AS responses, sum(output_tokens) AS output_tokens, sum(total_tokens) AS total_tokens,
           sum(cache_read_tokens) AS cache_read_tokens, sum(cost_pico_usd) AS cost_pico_usd,
           sum(unpriced_responses) AS unpriced_responses,
           sum(lower_bound_responses) AS lower_bound_responses
    FROM quarter_usage
    WHERE at_ms >= coalesce(nullif(:since_ms, ''), 0) AND at_ms < coalesce(nullif(:until_ms, ''), 9e18)
      AND instr(lower(project), lower(coalesce(:project, '')))
      AND instr(lower(model), lower(coalesce(:model, '')))
      AND instr(session, coalesce(:session, '')) = 1
    GROUP BY agent_row
),
worked AS (
    SELECT each.*, agent.last_at_ms - agent.first_at_ms AS duration_ms, calls.calls, calls.errors
    FROM each JOIN agent ON agent.id = agent_row
    LEFT JOIN (SELECT agent_id, count(*) AS calls, sum(ifnull(is_error, 0)) AS errors
               FROM tool_call GROUP BY agent_id) AS calls ON calls.agent_id = agent_row
)
SELECT agent_kind, agent_type, count(*) AS agents, sum(responses) AS responses,
       sum(responses) * 1.0 / count(*) AS responses_per_agent,
       sum(output_tokens) * 1.0 / nullif(sum(responses), 0) AS output_tokens_per_response,
       sum(total_tokens) / count(*) AS total_tokens_per_agent,
       sum(cache_read_tokens) * 1.0 / nullif(sum(total_tokens - output_tokens), 0) AS cache_hit_rate,
       ifnull(sum(calls), 0) AS tool_calls, ifnull(sum(errors), 0) AS tool_errors,
       sum(errors) * 1.0 / nullif(sum(calls), 0) AS tool_error_share,
       avg(duration_ms) / 60000 AS average_minutes, sum(cost_pico_usd) AS cost_pico_usd,
       sum(cost_pico_usd) / count(*) AS cost_per_agent_pico_usd, sum(unpriced_responses) AS unpriced_responses,
       sum(lower_bound_responses) AS lower_bound_responses
FROM worked
GROUP BY agent_kind, agent_type
ORDER BY cost_pico_usd DESC, agent_kind, agent_type;
