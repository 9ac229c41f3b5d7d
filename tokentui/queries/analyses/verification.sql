-- Whether counting works: what is stored, how fresh it is, and that sums agree with what they are sums of.
-- `ok` is 1 or 0; NULL where a figure is only told. Looks at everything, whatever the range.
WITH exact AS (
    SELECT count(*) AS rows, sum(part = 0) AS responses, sum(is_lower_bound AND part = 0) AS lower_bounds,
           sum(cost_pico_usd IS NULL) AS unpriced, max(at_ms) AS newest_ms,
           sum(input_tokens + output_tokens + cache_write_5m_tokens + cache_write_1h_tokens + cache_read_tokens)
               AS tokens, sum(ifnull(cost_pico_usd, 0)) AS cost
    FROM response
),
summed AS (
    SELECT sum(responses) AS responses, sum(cost_pico_usd) AS cost,
           sum(input_tokens + output_tokens + cache_write_5m_tokens + cache_write_1h_tokens + cache_read_tokens)
               AS tokens
    FROM usage_quarter
)
SELECT 'responses stored' AS "check", exact.responses AS value, exact.responses > 0 AS ok FROM exact
UNION ALL
SELECT 'quarter sums: responses', summed.responses, summed.responses IS exact.responses FROM exact, summed
UNION ALL
SELECT 'quarter sums: tokens', summed.tokens, summed.tokens IS exact.tokens FROM exact, summed
UNION ALL
SELECT 'quarter sums: cost in pico-dollars', summed.cost, summed.cost IS exact.cost FROM exact, summed
UNION ALL
SELECT 'newest response, minutes ago', (coalesce(:now_ms, unixepoch() * 1000) - newest_ms) / 60000, NULL FROM exact
UNION ALL
SELECT 'responses without their final count', lower_bounds, NULL FROM exact
UNION ALL
SELECT 'responses without a price', unpriced, unpriced = 0 FROM exact
UNION ALL
SELECT 'logs', count(*), count(*) > 0 FROM log
UNION ALL
SELECT 'logs that cannot be read', sum(error <> ''), sum(error <> '') = 0 FROM log
UNION ALL
SELECT 'lines that could not be understood', sum(skipped_lines), sum(skipped_lines) = 0 FROM log;
