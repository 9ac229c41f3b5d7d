"""Tables for Anthropic's side: usage and cost as reported, where each series stands, runs, imports, and a view."""

USAGE_AND_COST = """
CREATE TABLE api_key (                            -- names, as the Admin API has them; never a key itself
    api_key_id TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    workspace_id TEXT NOT NULL,                   -- empty for the default workspace
    status TEXT NOT NULL
) WITHOUT ROWID;
CREATE TABLE workspace (
    workspace_id TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    archived INTEGER NOT NULL
) WITHOUT ROWID;
CREATE TABLE billed_group (                       -- whose usage: one combination of all that it is reported by
    id INTEGER PRIMARY KEY,
    api_key_id TEXT NOT NULL,                     -- empty for the Workbench, and where only the name is known
    api_key TEXT NOT NULL,                        -- name of the key in a console file, else empty
    workspace_id TEXT NOT NULL,                   -- empty for the default one, and where only the name is known
    workspace TEXT NOT NULL,                      -- name of the workspace in a console file, else empty
    model TEXT NOT NULL,                          -- as reported; empty where it is not about a model
    service_tier TEXT NOT NULL,
    context_window TEXT NOT NULL,                 -- '0-200k', '200k-1M', or empty where not told
    inference_geo TEXT NOT NULL,
    speed TEXT NOT NULL,
    UNIQUE (model, api_key_id, api_key, workspace_id, workspace, service_tier, context_window, inference_geo, speed)
);
CREATE TABLE console_import (
    id INTEGER PRIMARY KEY AUTOINCREMENT,         -- a number is never given to another file after an undo
    digest TEXT NOT NULL UNIQUE,                  -- of the file's bytes: the same file counts once
    kind TEXT NOT NULL,                           -- tokens, cost
    file_name TEXT NOT NULL,
    imported_at_ms INTEGER NOT NULL,
    dimensions INTEGER NOT NULL,                  -- how many of workspace and api_key the file has
    first_ms INTEGER NOT NULL,
    until_ms INTEGER NOT NULL,
    rows INTEGER NOT NULL,
    skipped_lines INTEGER NOT NULL
);
CREATE TABLE billed_usage (
    start_ms INTEGER NOT NULL,                    -- UTC
    grain_s INTEGER NOT NULL,                     -- 60, 3600, 86400; 2678400 for a calendar month
    import_id INTEGER NOT NULL,                   -- 0 for the Usage API, else console_import.id
    group_id INTEGER NOT NULL REFERENCES billed_group(id),
    input_tokens INTEGER NOT NULL,
    output_tokens INTEGER NOT NULL,
    cache_write_5m_tokens INTEGER NOT NULL,
    cache_write_1h_tokens INTEGER NOT NULL,
    cache_read_tokens INTEGER NOT NULL,
    web_searches INTEGER NOT NULL,
    PRIMARY KEY (start_ms, grain_s, import_id, group_id)
) WITHOUT ROWID;
CREATE TABLE billed_cost (
    start_ms INTEGER NOT NULL,
    grain_s INTEGER NOT NULL,
    import_id INTEGER NOT NULL,                   -- 0 for the Cost API
    group_id INTEGER NOT NULL REFERENCES billed_group(id),
    cost_type TEXT NOT NULL,                      -- tokens, web_search, code_execution, session_usage, ...
    token_type TEXT NOT NULL,                     -- input, output, cache_write_5m, ..., or empty
    description TEXT NOT NULL,
    cost_pico_usd INTEGER NOT NULL,               -- as billed, after discounts
    list_pico_usd INTEGER,                        -- before discounts; NULL where not told
    lines INTEGER NOT NULL,                       -- lines summed; each of a console file is rounded to the cent
    PRIMARY KEY (start_ms, grain_s, import_id, group_id, cost_type, token_type, description)
) WITHOUT ROWID;
CREATE TABLE claude_code_day (                    -- Anthropic's Claude Code report; people are left out
    start_ms INTEGER NOT NULL,
    api_key TEXT NOT NULL,                        -- name of a key; empty for all people together
    customer_type TEXT NOT NULL,                  -- api, subscription
    terminal_type TEXT NOT NULL,
    is_remote INTEGER NOT NULL,
    records INTEGER NOT NULL,
    sessions INTEGER NOT NULL,
    lines_added INTEGER NOT NULL,
    lines_removed INTEGER NOT NULL,
    commits INTEGER NOT NULL,
    pull_requests INTEGER NOT NULL,
    accepted_edits INTEGER NOT NULL,
    rejected_edits INTEGER NOT NULL,
    PRIMARY KEY (start_ms, api_key, customer_type, terminal_type, is_remote)
) WITHOUT ROWID;
CREATE TABLE claude_code_model (
    start_ms INTEGER NOT NULL,
    api_key TEXT NOT NULL,
    customer_type TEXT NOT NULL,
    model TEXT NOT NULL,
    input_tokens INTEGER NOT NULL,
    output_tokens INTEGER NOT NULL,
    cache_write_tokens INTEGER NOT NULL,          -- of both lifetimes: this report does not split them
    cache_read_tokens INTEGER NOT NULL,
    estimated_pico_usd INTEGER NOT NULL,          -- Anthropic's own estimate
    PRIMARY KEY (start_ms, api_key, customer_type, model)
) WITHOUT ROWID;
"""

SYNCING = """
CREATE TABLE sync_coverage (                      -- what is stored of each series, without gaps inside a row
    series TEXT NOT NULL,                         -- usage 1m, usage 1h, usage 1d, cost, claude code
    from_ms INTEGER NOT NULL,
    until_ms INTEGER NOT NULL,
    asked_at_ms INTEGER NOT NULL,                 -- when the end was asked for
    PRIMARY KEY (series, from_ms)
) WITHOUT ROWID;
CREATE TABLE sync_run (
    id INTEGER PRIMARY KEY,
    started_at_ms INTEGER NOT NULL,
    finished_at_ms INTEGER,                       -- NULL while it runs, or after it was killed
    from_ms INTEGER,                              -- earliest moment asked for
    to_ms INTEGER,                                -- end of the last bucket stored
    pages INTEGER NOT NULL DEFAULT 0,
    rows_new INTEGER NOT NULL DEFAULT 0,
    rows_changed INTEGER NOT NULL DEFAULT 0,      -- removed ones included
    duration_ms INTEGER,
    outcome TEXT NOT NULL,                        -- running, done, incomplete, failed, broken off
    error TEXT NOT NULL DEFAULT ''
);
"""


_MINUTES = """\
SELECT strftime('%Y-%m-%d %H:%M', at_ms / 60000 * 60, 'unixepoch') AS usage_date_utc,
       model.name AS model_version,
       '' AS api_key,
       '' AS workspace,
       CASE service_tier WHEN '' THEN 'standard' ELSE service_tier END AS usage_type,
       CASE WHEN input_tokens + cache_write_5m_tokens + cache_write_1h_tokens + cache_read_tokens > 200000
            THEN '> 200k' ELSE '≤ 200k' END AS context_window,
       sum(input_tokens) AS usage_input_tokens_no_cache,
       sum(cache_write_5m_tokens) AS usage_input_tokens_cache_write_5m,
       sum(cache_write_1h_tokens) AS usage_input_tokens_cache_write_1h,
       sum(cache_read_tokens) AS usage_input_tokens_cache_read,
       sum(output_tokens) AS usage_output_tokens,
       sum(web_searches) AS web_search_count,
       inference_geo,
       speed,
       sum(part = 0) AS responses
FROM response JOIN model ON model.id = response.model_id
{where}GROUP BY at_ms / 60000, model.name, 5, 6, inference_geo, speed"""
LOCAL_MINUTES = f"""
-- What the logs say, minute by minute, in the columns of the console's token export: to be laid beside one.
-- Claude Code's logs name neither key nor workspace; `responses` is ours and has no counterpart there.
CREATE VIEW local_minutes AS
{_MINUTES.format(where="")};
"""
_WITHIN = """WHERE at_ms >= :since_ms / 60000 * 60000 AND at_ms < (:until_ms + 59999) / 60000 * 60000
"""
MINUTES_OF_RANGE = _MINUTES.format(where=_WITHIN)
"""The view's rows from `:since_ms` to `:until_ms`, whole minutes of them. Through the view every response would be
read: its time is text, which no index knows."""
