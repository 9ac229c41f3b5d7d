"""Tables of what the rules raised, who was told, what is muted, and how budgets' windows ended."""

from __future__ import annotations

ALERTS = """
CREATE TABLE alert (
    id INTEGER PRIMARY KEY,
    rule TEXT NOT NULL,
    subject TEXT NOT NULL,                    -- session id, budget and mark, day; empty for everything
    grade TEXT NOT NULL,                      -- note, warn, alarm
    session_id TEXT NOT NULL,                 -- the culprit's, as logged; empty where there is none
    agents TEXT NOT NULL,                     -- JSON list of ids; the empty one is the main thread
    unit TEXT NOT NULL,
    evidence TEXT NOT NULL,                   -- when it was raised
    value REAL NOT NULL,                      -- the newest
    limit_value REAL NOT NULL,
    peak REAL NOT NULL,
    peak_at_ms INTEGER NOT NULL,
    peak_evidence TEXT NOT NULL,
    raised_at_ms INTEGER NOT NULL,
    last_at_ms INTEGER NOT NULL,              -- when it was last seen to hold
    ended_at_ms INTEGER,                      -- NULL while it holds
    lasts_until_ms INTEGER NOT NULL,          -- until then the same subject is the same alert
    times INTEGER NOT NULL DEFAULT 1,         -- how often it came back, the first time included
    acknowledged_at_ms INTEGER
);
CREATE INDEX alert_by_subject ON alert (rule, subject, raised_at_ms);
CREATE INDEX alert_by_time ON alert (raised_at_ms);
CREATE INDEX alert_that_holds ON alert (last_at_ms) WHERE ended_at_ms IS NULL;
CREATE TABLE alert_delivery (
    id INTEGER PRIMARY KEY,
    alert_id INTEGER NOT NULL REFERENCES alert(id),
    channel TEXT NOT NULL,
    at_ms INTEGER NOT NULL,
    attempts INTEGER NOT NULL,
    error TEXT NOT NULL                       -- empty where it went through
);
CREATE INDEX alert_delivery_by_alert ON alert_delivery (alert_id);
CREATE TABLE alert_mute (
    rule TEXT NOT NULL,                       -- empty: every rule
    session_id TEXT NOT NULL,                 -- empty: every session
    muted_at_ms INTEGER NOT NULL,
    until_ms INTEGER,                         -- NULL: for good
    PRIMARY KEY (rule, session_id)
) WITHOUT ROWID;
CREATE TABLE budget_window (                  -- as it ended, with the limit that held then
    name TEXT NOT NULL,
    scope TEXT NOT NULL,
    unit TEXT NOT NULL,
    window TEXT NOT NULL,
    start_ms INTEGER NOT NULL,
    end_ms INTEGER NOT NULL,
    limit_value REAL NOT NULL,
    spent REAL NOT NULL,
    is_lower_bound INTEGER NOT NULL,
    PRIMARY KEY (name, scope, unit, window, start_ms)
) WITHOUT ROWID;
"""
