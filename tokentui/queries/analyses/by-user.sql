-- Tokens and cost by whose logs they are.
-- Logs name no account: `user` is the configuration directory in which the session was found.
SELECT coalesce((
           SELECT source.path FROM response JOIN log ON log.id = response.log_id
           JOIN source ON source.id = log.source_id WHERE response.agent_id = quarter_usage.agent_row LIMIT 1
       ), '') AS user,
       count(DISTINCT session) AS sessions, count(DISTINCT agent_row) AS agents,
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
GROUP BY user
ORDER BY cost_pico_usd DESC, total_tokens DESC, user;
