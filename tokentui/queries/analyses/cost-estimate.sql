-- What each model costs at list price, what it would have cost without the cache, and what is left out.
-- `saved_pico_usd` is negative where cache writes were not read often enough to pay.
SELECT model, sum(responses) AS responses, sum(lower_bound_responses) AS lower_bound_responses,
       sum(input_tokens) AS input_tokens, sum(output_tokens) AS output_tokens,
       sum(cache_write_5m_tokens) AS cache_write_5m_tokens, sum(cache_write_1h_tokens) AS cache_write_1h_tokens,
       sum(cache_read_tokens) AS cache_read_tokens, sum(total_tokens) AS total_tokens,
       sum(cost_pico_usd) AS cost_pico_usd, sum(unpriced_responses) AS unpriced_responses,
       sum(uncached_pico_usd) AS uncached_pico_usd,
       sum(uncached_pico_usd) - sum(cost_pico_usd) AS saved_pico_usd,
       sum(cost_pico_usd) / nullif(sum(responses) - sum(unpriced_responses), 0) AS cost_per_response_pico_usd
FROM quarter_usage
WHERE at_ms >= coalesce(nullif(:since_ms, ''), 0) AND at_ms < coalesce(nullif(:until_ms, ''), 9e18)
  AND instr(lower(project), lower(coalesce(:project, '')))
  AND instr(lower(model), lower(coalesce(:model, '')))
  AND instr(session, coalesce(:session, '')) = 1
GROUP BY model
ORDER BY cost_pico_usd DESC, total_tokens DESC, model;
