-- Tool calls: how often, how often in vain, how long, and how much their results put into prompts.
-- `server` is the MCP server of a tool named mcp__server__tool. `result_tokens` are bytes / 4: an estimate.
-- `model` does not matter here.
SELECT call.name AS tool,
       CASE WHEN substr(call.name, 1, 5) = 'mcp__' AND instr(substr(call.name, 6), '__')
            THEN substr(call.name, 6, instr(substr(call.name, 6), '__') - 1) ELSE '' END AS server,
       count(*) AS calls, sum(ifnull(is_error, 0)) AS errors,
       sum(ifnull(is_error, 0)) * 1.0 / count(*) AS error_share,
       sum(result_at_ms IS NULL) AS unanswered,
       avg(max(result_at_ms - call.at_ms, 0)) / 1000 AS average_seconds,
       max(max(result_at_ms - call.at_ms, 0)) / 1000.0 AS longest_seconds,
       sum(ifnull(result_bytes, 0)) AS result_bytes, max(ifnull(result_bytes, 0)) AS largest_result_bytes,
       sum(ifnull(result_bytes, 0)) / 4 AS result_tokens
FROM tool_call AS call JOIN agent ON agent.id = call.agent_id JOIN session ON session.id = agent.session_id
WHERE call.at_ms >= coalesce(nullif(:since_ms, ''), 0) AND call.at_ms < coalesce(nullif(:until_ms, ''), 9e18)
  AND instr(lower(project), lower(coalesce(:project, '')))
  AND instr(session.session_id, coalesce(:session, '')) = 1
GROUP BY call.name
ORDER BY calls DESC, tool;
