-- What one agent of each type uses on average: responses, tokens and cost, and the largest of them.
WITH each AS (
    SELECT agent_kind, agent_type, agent_row, sum(responses) AS responses, sum(output_tokens) AS output_tokens,
           sum(total_tokens) AS total_tokens, sum(cost_pico_usd) AS cost_pico_usd,
           sum(unpriced_responses) AS unpriced_responses,
           sum(lower_bound_responses) AS lower_bound_responses
    FROM quarter_usage
    WHERE at_ms >= coalesce(nullif(:since_ms, ''), 0) AND at_ms < coalesce(nullif(:until_ms, ''), 9e18)
      AND instr(lower(project), lower(coalesce(:project, '')))
      AND instr(lower(model), lower(coalesce(:model, '')))
      AND instr(session, coalesce(:session, '')) = 1
    GROUP BY agent_row
)
SELECT agent_kind, agent_type, count(*) AS agents, avg(responses) AS average_responses,
       avg(output_tokens) AS average_output_tokens, avg(total_tokens) AS average_total_tokens,
       max(total_tokens) AS largest_total_tokens, sum(cost_pico_usd) / count(*) AS average_cost_pico_usd,
       max(cost_pico_usd) AS largest_cost_pico_usd, sum(unpriced_responses) AS unpriced_responses,
       sum(lower_bound_responses) AS lower_bound_responses
FROM each
GROUP BY agent_kind, agent_type
ORDER BY average_cost_pico_usd DESC, average_total_tokens DESC, agent_kind, agent_type;
