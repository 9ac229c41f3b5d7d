-- Tokens and cost of each model, with its share of all tokens and how well the cache served it.
-- `cache_hit_rate`: reads / (reads + writes + uncached input); `cache_read_share`: reads / all tokens.
SELECT model, count(DISTINCT session) AS sessions, count(DISTINCT agent_row) AS agents,
       sum(responses) AS responses, sum(lower_bound_responses) AS lower_bound_responses,
       sum(input_tokens) AS input_tokens, sum(output_tokens) AS output_tokens,
       sum(cache_write_5m_tokens) AS cache_write_5m_tokens, sum(cache_write_1h_tokens) AS cache_write_1h_tokens,
       sum(cache_read_tokens) AS cache_read_tokens, sum(total_tokens) AS total_tokens,
       sum(cost_pico_usd) AS cost_pico_usd, sum(unpriced_responses) AS unpriced_responses,
       sum(total_tokens) * 1.0 / nullif(sum(sum(total_tokens)) OVER (), 0) AS token_share,
       sum(cache_read_tokens) * 1.0 / nullif(sum(total_tokens - output_tokens), 0) AS cache_hit_rate,
       sum(cache_read_tokens) * 1.0 / nullif(sum(total_tokens), 0) AS cache_read_share
FROM quarter_usage
WHERE at_ms >= coalesce(nullif(:since_ms, ''), 0) AND at_ms < coalesce(nullif(:until_ms, ''), 9e18)
  AND instr(lower(project), lower(coalesce(:project, '')))
  AND instr(lower(model), lower(coalesce(:model, '')))
  AND instr(session, coalesce(:session, '')) = 1
GROUP BY model
ORDER BY cost_pico_usd DESC, total_tokens DESC, model;
