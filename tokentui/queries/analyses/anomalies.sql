-- Sessions that cost far more than is usual: above the mean by more than two standard deviations.
-- `times_mean`: how many times the mean of all sessions in the range. Fewer than five sessions have no usual.
WITH runs AS (
    SELECT session, title, project, count(DISTINCT agent_row) AS agents, sum(responses) AS responses,
           sum(total_tokens) AS total_tokens, sum(cost_pico_usd) AS cost_pico_usd,
           sum(unpriced_responses) AS unpriced_responses,
           sum(lower_bound_responses) AS lower_bound_responses
    FROM quarter_usage
    WHERE at_ms >= coalesce(nullif(:since_ms, ''), 0) AND at_ms < coalesce(nullif(:until_ms, ''), 9e18)
      AND instr(lower(project), lower(coalesce(:project, '')))
      AND instr(lower(model), lower(coalesce(:model, '')))
      AND instr(session, coalesce(:session, '')) = 1
    GROUP BY session
),
usual AS (
    SELECT count(*) AS runs, avg(cost_pico_usd / 1e12) AS mean,
           max(avg(cost_pico_usd / 1e12 * cost_pico_usd / 1e12)
               - avg(cost_pico_usd / 1e12) * avg(cost_pico_usd / 1e12), 0) AS variance
    FROM runs
)
SELECT session, title, project, agents, responses, total_tokens, cost_pico_usd,
       cost_pico_usd / 1e12 / nullif(mean, 0) AS times_mean, unpriced_responses,
       lower_bound_responses
FROM runs, usual
WHERE usual.runs >= 5 AND cost_pico_usd / 1e12 > mean
  AND (cost_pico_usd / 1e12 - mean) * (cost_pico_usd / 1e12 - mean) > 4 * variance
ORDER BY cost_pico_usd DESC, session;
