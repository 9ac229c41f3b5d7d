"""Tables for what logs tell: the logs themselves, who writes in them, what happened, and what was billed."""

from __future__ import annotations

LOGS = """
CREATE TABLE source (
    id INTEGER PRIMARY KEY,
    path TEXT NOT NULL UNIQUE
);
CREATE TABLE log (
    id INTEGER PRIMARY KEY,
    source_id INTEGER NOT NULL REFERENCES source(id),
    path TEXT NOT NULL UNIQUE,
    offset_bytes INTEGER NOT NULL DEFAULT 0,  -- whole lines up to here are stored
    inode INTEGER NOT NULL DEFAULT 0,
    mark TEXT NOT NULL DEFAULT '',            -- digest by which the same file is recognised
    size_bytes INTEGER NOT NULL DEFAULT 0,    -- when it was last read
    modified_ns INTEGER NOT NULL DEFAULT 0,   -- likewise; 0 where more is left to read
    last_at_ms INTEGER NOT NULL DEFAULT 0,    -- stands in for lines without a time
    lines INTEGER NOT NULL DEFAULT 0,
    skipped_lines INTEGER NOT NULL DEFAULT 0,
    skipped_first_offset INTEGER,
    skipped_reason TEXT NOT NULL DEFAULT '',
    restarts INTEGER NOT NULL DEFAULT 0,
    error TEXT NOT NULL DEFAULT ''            -- why it could not be read, the last time
);
"""

SESSIONS = """
CREATE TABLE session (
    id INTEGER PRIMARY KEY,
    session_id TEXT NOT NULL UNIQUE,
    title TEXT NOT NULL DEFAULT '',
    title_rank INTEGER NOT NULL DEFAULT 0,    -- the greatest holds; 0 for none
    title_at_ms INTEGER NOT NULL DEFAULT 0,
    title_offset INTEGER NOT NULL DEFAULT 0,
    project TEXT NOT NULL DEFAULT '',         -- working directory of the first line that names one
    project_at_ms INTEGER NOT NULL DEFAULT 0, -- 0 for none
    branch TEXT NOT NULL DEFAULT '',          -- this and the next two: of the last line that names them
    version TEXT NOT NULL DEFAULT '',
    entrypoint TEXT NOT NULL DEFAULT '',
    setting_at_ms INTEGER NOT NULL DEFAULT 0, -- 0 for none, below 0 from a sub-agent
    first_at_ms INTEGER NOT NULL,             -- this and the next: 0 where no line has a time
    last_at_ms INTEGER NOT NULL
);
CREATE TABLE agent (
    id INTEGER PRIMARY KEY,
    session_id INTEGER NOT NULL REFERENCES session(id),
    agent_id TEXT NOT NULL,                   -- empty for the main thread
    agent_type TEXT NOT NULL DEFAULT '',
    task TEXT NOT NULL DEFAULT '',
    background TEXT NOT NULL DEFAULT '',
    prompt_digest TEXT NOT NULL DEFAULT '',   -- this and `task`: of its first prompt
    prompt_at_ms INTEGER NOT NULL DEFAULT 0,
    prompt_offset INTEGER NOT NULL DEFAULT 0,
    last_line TEXT NOT NULL DEFAULT '',       -- asked, tool, said, done
    last_line_at_ms INTEGER NOT NULL DEFAULT 0,
    last_line_offset INTEGER NOT NULL DEFAULT 0,
    first_at_ms INTEGER NOT NULL,
    last_at_ms INTEGER NOT NULL,
    UNIQUE (session_id, agent_id)
);
CREATE INDEX agent_by_last_line ON agent (last_at_ms);
CREATE TABLE agent_link (                     -- how an agent's spawning call is known; lowest rank first
    session_id INTEGER NOT NULL REFERENCES session(id),
    agent_id TEXT NOT NULL,
    rank INTEGER NOT NULL,
    kind TEXT NOT NULL,                       -- meta, result, progress, notification, folder
    tool_use_id TEXT NOT NULL DEFAULT '',
    parent_agent_id TEXT NOT NULL DEFAULT '',
    spawn_depth INTEGER NOT NULL DEFAULT 0,
    agent_type TEXT NOT NULL DEFAULT '',
    name TEXT NOT NULL DEFAULT '',
    description TEXT NOT NULL DEFAULT '',
    status TEXT NOT NULL DEFAULT '',
    is_fork INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (session_id, agent_id, rank)
) WITHOUT ROWID;
CREATE TABLE event (
    id INTEGER PRIMARY KEY,
    event_id TEXT NOT NULL UNIQUE,
    agent_id INTEGER NOT NULL REFERENCES agent(id),
    kind TEXT NOT NULL,
    at_ms INTEGER NOT NULL,
    detail TEXT NOT NULL,                     -- JSON
    owner_rank INTEGER NOT NULL,              -- 0 an original, more a copy
    log_id INTEGER NOT NULL REFERENCES log(id)
);
CREATE INDEX event_by_time ON event (at_ms);
CREATE INDEX event_by_agent ON event (agent_id, kind, at_ms);
"""

RESPONSES = """
CREATE TABLE model (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE                 -- as logged
);
CREATE TABLE price_basis (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE
);
CREATE TABLE response (
    id INTEGER PRIMARY KEY,
    message_id TEXT NOT NULL,
    request_id TEXT NOT NULL,                 -- empty where the log has none
    variant INTEGER NOT NULL DEFAULT 0,       -- tells answers apart that share a message id
    part INTEGER NOT NULL DEFAULT 0,          -- 0 the answer, 1.. earlier prompts, compactions, advisors
    part_kind TEXT NOT NULL DEFAULT '',
    at_ms INTEGER NOT NULL,                   -- its last line in the owner's log
    first_at_ms INTEGER NOT NULL,
    agent_id INTEGER NOT NULL REFERENCES agent(id),
    model_id INTEGER NOT NULL REFERENCES model(id),
    input_tokens INTEGER NOT NULL,
    output_tokens INTEGER NOT NULL,
    cache_write_5m_tokens INTEGER NOT NULL,
    cache_write_1h_tokens INTEGER NOT NULL,
    cache_read_tokens INTEGER NOT NULL,
    cost_pico_usd INTEGER,                    -- NULL: no known price
    uncached_pico_usd INTEGER,                -- what it would have cost without the cache
    price_basis_id INTEGER REFERENCES price_basis(id),
    is_lower_bound INTEGER NOT NULL,
    stop_reason TEXT NOT NULL,
    service_tier TEXT NOT NULL,
    speed TEXT NOT NULL,
    inference_geo TEXT NOT NULL,
    web_searches INTEGER NOT NULL,
    log_id INTEGER NOT NULL REFERENCES log(id),
    owner_rank INTEGER NOT NULL,
    usage_at_ms INTEGER NOT NULL,             -- of the line whose usage holds
    usage_offset INTEGER NOT NULL,
    trace TEXT,                               -- JSON, only without a request id
    UNIQUE (message_id, request_id, variant, part)
);
CREATE INDEX response_by_time ON response (at_ms);
CREATE INDEX response_by_agent ON response (agent_id, at_ms);
CREATE TABLE usage_quarter (
    quarter_ms INTEGER NOT NULL,              -- start of a quarter of an hour, UTC
    agent_id INTEGER NOT NULL REFERENCES agent(id),
    model_id INTEGER NOT NULL REFERENCES model(id),
    responses INTEGER NOT NULL,
    lower_bound_responses INTEGER NOT NULL,
    unpriced_responses INTEGER NOT NULL,
    input_tokens INTEGER NOT NULL,
    output_tokens INTEGER NOT NULL,
    cache_write_5m_tokens INTEGER NOT NULL,
    cache_write_1h_tokens INTEGER NOT NULL,
    cache_read_tokens INTEGER NOT NULL,
    cost_pico_usd INTEGER NOT NULL,
    uncached_pico_usd INTEGER NOT NULL,
    PRIMARY KEY (quarter_ms, agent_id, model_id)
) WITHOUT ROWID;
CREATE INDEX usage_quarter_by_agent ON usage_quarter (agent_id, quarter_ms);
CREATE TABLE tool_call (
    id INTEGER PRIMARY KEY,
    tool_use_id TEXT NOT NULL UNIQUE,
    message_id TEXT NOT NULL DEFAULT '',
    agent_id INTEGER REFERENCES agent(id),    -- NULL while only its result was seen
    name TEXT NOT NULL DEFAULT '',
    at_ms INTEGER,
    input_digest TEXT NOT NULL DEFAULT '',
    prompt_digest TEXT NOT NULL DEFAULT '',
    agent_type TEXT NOT NULL DEFAULT '',
    task TEXT NOT NULL DEFAULT '',
    owner_rank INTEGER NOT NULL DEFAULT 0,    -- 0 an original, more a copy
    log_id INTEGER REFERENCES log(id),        -- NULL likewise
    result_at_ms INTEGER,
    is_error INTEGER,
    result_bytes INTEGER
);
CREATE INDEX tool_call_by_message ON tool_call (message_id);
CREATE INDEX tool_call_by_agent ON tool_call (agent_id, at_ms);
CREATE TABLE memo (                           -- what is costly to work out anew, by name
    name TEXT PRIMARY KEY,
    value TEXT NOT NULL                       -- JSON
) WITHOUT ROWID;
"""
