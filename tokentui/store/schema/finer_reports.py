"""Anthropic's reports in more detail: usage by account, and Claude Code by person, key, terminal and model."""

from __future__ import annotations

ACCOUNTS = """
CREATE TABLE finer_group (                        -- whose usage: one combination of all that it is reported by
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
    account_id TEXT NOT NULL,                     -- who signed in; empty for keys, and where it was not asked for
    service_account_id TEXT NOT NULL,
    UNIQUE (model, api_key_id, api_key, workspace_id, workspace, service_tier, context_window, inference_geo, speed,
            account_id, service_account_id)
);
INSERT INTO finer_group
SELECT id, api_key_id, api_key, workspace_id, workspace, model, service_tier, context_window, inference_geo, speed,
       '', '' FROM billed_group;
DROP TABLE billed_group;
ALTER TABLE finer_group RENAME TO billed_group;
"""

CLAUDE_CODE = """
CREATE TABLE finer_code_day (                     -- what was done with Claude Code, as Anthropic reports it
    start_ms INTEGER NOT NULL,
    actor_kind TEXT NOT NULL,                     -- person, key; people: all of them together, from older versions
    actor TEXT NOT NULL,                          -- name of a key, made-up name of a person, or the address
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
    PRIMARY KEY (start_ms, actor_kind, actor, customer_type, terminal_type, is_remote)
) WITHOUT ROWID;
INSERT INTO finer_code_day
SELECT start_ms, CASE api_key WHEN '' THEN 'people' ELSE 'key' END, api_key, customer_type, terminal_type, is_remote,
       records, sessions, lines_added, lines_removed, commits, pull_requests, accepted_edits, rejected_edits
FROM claude_code_day;
DROP TABLE claude_code_day;
ALTER TABLE finer_code_day RENAME TO claude_code_day;
CREATE TABLE finer_code_model (                   -- what it used, by model
    start_ms INTEGER NOT NULL,
    actor_kind TEXT NOT NULL,
    actor TEXT NOT NULL,
    customer_type TEXT NOT NULL,
    terminal_type TEXT NOT NULL,                  -- empty for all terminals together, from older versions
    is_remote INTEGER NOT NULL,
    model TEXT NOT NULL,
    input_tokens INTEGER NOT NULL,
    output_tokens INTEGER NOT NULL,
    cache_write_tokens INTEGER NOT NULL,          -- of both lifetimes: this report does not split them
    cache_read_tokens INTEGER NOT NULL,
    estimated_pico_usd INTEGER NOT NULL,          -- Anthropic's own estimate
    PRIMARY KEY (start_ms, actor_kind, actor, customer_type, terminal_type, is_remote, model)
) WITHOUT ROWID;
INSERT INTO finer_code_model
SELECT start_ms, CASE api_key WHEN '' THEN 'people' ELSE 'key' END, api_key, customer_type, '', 0, model,
       input_tokens, output_tokens, cache_write_tokens, cache_read_tokens, estimated_pico_usd
FROM claude_code_model;
DROP TABLE claude_code_model;
ALTER TABLE finer_code_model RENAME TO claude_code_model;
"""
