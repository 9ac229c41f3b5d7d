-- Tokens and cost of each type of agent, the costliest first.
-- `main` are the sessions' own threads; background agents go by their kind, such as compaction.
SELECT agent_kind, agent_type, count(DISTINCT agent_row) AS agents, count(DISTINCT session) AS sessions,
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
GROUP BY agent_kind, agent_type
ORDER BY cost_pico_usd DESC, total_tokens DESC, agent_kind, agent_type;
