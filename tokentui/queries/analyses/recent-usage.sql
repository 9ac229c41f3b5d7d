-- The last 24 hours by quarter of an hour, session, agent and model, the newest first.
-- `since_ms` asks for another stretch; `agent` is empty for a session's main thread.
SELECT at_ms, session, title, project, agent, agent_type, model,
       responses, lower_bound_responses, input_tokens, output_tokens, cache_write_5m_tokens, cache_write_1h_tokens, cache_read_tokens,
       total_tokens, cost_pico_usd, unpriced_responses
FROM quarter_usage
WHERE at_ms >= coalesce(nullif(:since_ms, ''), coalesce(:now_ms, unixepoch() * 1000) - 86400000) AND at_ms < coalesce(nullif(:until_ms, ''), 9e18)
  AND instr(lower(project), lower(coalesce(:project, '')))
  AND instr(lower(model), lower(coalesce(:model, '')))
  AND instr(session, coalesce(:session, '')) = 1
ORDER BY at_ms DESC, cost_pico_usd DESC, session, agent, model;
