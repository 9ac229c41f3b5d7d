-- One session in detail: each of its agents with each of its models, in the order in which they began.
-- Needs `session`: how its id begins. Sums of the rows are the session's.
SELECT session, agent, agent_kind, agent_type, task, model, min(at_ms) AS first_quarter_at_ms,
       sum(responses) AS responses, sum(lower_bound_responses) AS lower_bound_responses,
       sum(input_tokens) AS input_tokens, sum(output_tokens) AS output_tokens,
       sum(cache_write_5m_tokens) AS cache_write_5m_tokens, sum(cache_write_1h_tokens) AS cache_write_1h_tokens,
       sum(cache_read_tokens) AS cache_read_tokens, sum(total_tokens) AS total_tokens,
       sum(cost_pico_usd) AS cost_pico_usd, sum(unpriced_responses) AS unpriced_responses
FROM quarter_usage
WHERE at_ms >= coalesce(nullif(:since_ms, ''), 0) AND at_ms < coalesce(nullif(:until_ms, ''), 9e18)
  AND instr(lower(project), lower(coalesce(:project, '')))
  AND instr(lower(model), lower(coalesce(:model, '')))
  AND instr(session, coalesce(:session, '')) = 1
  AND coalesce(:session, '') <> ''
GROUP BY session, agent_row, model
ORDER BY session, first_quarter_at_ms, agent, model;
