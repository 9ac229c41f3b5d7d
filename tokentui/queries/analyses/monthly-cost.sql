-- The cost of each month: estimate at list price, per day with any use, and what the cache saved.
-- `offsets`: a JSON list of [from_ms, seconds east of UTC] where days are to be counted in a time zone; else UTC.
WITH quarters AS (
    SELECT at_ms, sum(responses) AS responses, sum(lower_bound_responses) AS lower_bound_responses,
           sum(unpriced_responses) AS unpriced_responses,
           sum(input_tokens) AS input_tokens, sum(output_tokens) AS output_tokens,
           sum(cache_write_5m_tokens) AS cache_write_5m_tokens, sum(cache_write_1h_tokens) AS cache_write_1h_tokens,
           sum(cache_read_tokens) AS cache_read_tokens, sum(total_tokens) AS total_tokens,
           sum(cost_pico_usd) AS cost_pico_usd, sum(uncached_pico_usd) AS uncached_pico_usd
    FROM quarter_usage
    WHERE at_ms >= coalesce(nullif(:since_ms, ''), 0) AND at_ms < coalesce(nullif(:until_ms, ''), 9e18)
      AND instr(lower(project), lower(coalesce(:project, '')))
      AND instr(lower(model), lower(coalesce(:model, '')))
      AND instr(session, coalesce(:session, '')) = 1
    GROUP BY at_ms
),
local AS (
    SELECT date(at_ms / 1000 + coalesce((SELECT json_extract(value, '$[1]') FROM json_each(coalesce(:offsets, '[]'))
            WHERE json_extract(value, '$[0]') <= quarters.at_ms ORDER BY json_extract(value, '$[0]') DESC LIMIT 1), 0), 'unixepoch') AS day, * FROM quarters
)
SELECT substr(day, 1, 7) AS month, count(DISTINCT day) AS days, sum(responses) AS responses, sum(lower_bound_responses) AS lower_bound_responses,
       sum(input_tokens) AS input_tokens, sum(output_tokens) AS output_tokens,
       sum(cache_write_5m_tokens) AS cache_write_5m_tokens, sum(cache_write_1h_tokens) AS cache_write_1h_tokens,
       sum(cache_read_tokens) AS cache_read_tokens, sum(total_tokens) AS total_tokens,
       sum(cost_pico_usd) AS cost_pico_usd, sum(unpriced_responses) AS unpriced_responses,
       sum(cost_pico_usd) / count(DISTINCT day) AS cost_per_day_pico_usd,
       sum(uncached_pico_usd) - sum(cost_pico_usd) AS saved_pico_usd
FROM local
GROUP BY month
ORDER BY month DESC;
