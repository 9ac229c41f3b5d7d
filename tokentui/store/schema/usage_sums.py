"""Tables for the sums of usage: by agent and quarter of an hour, by session and hour or day, and of all together."""

from __future__ import annotations

from tokentui.store.rollups import USED

_COLUMNS = ",\n".join(f"    {name} INTEGER NOT NULL" for name in USED)
TABLES = f"""
CREATE TABLE usage_hour (                         -- what each session used, by UTC hour
    hour_ms INTEGER NOT NULL,                     -- its start
    session_id INTEGER NOT NULL REFERENCES session(id),
    model_id INTEGER NOT NULL REFERENCES model(id),
{_COLUMNS},
    PRIMARY KEY (hour_ms, session_id, model_id)
) WITHOUT ROWID;
CREATE TABLE usage_day (                          -- the same by UTC day, a session's days together
    session_id INTEGER NOT NULL REFERENCES session(id),
    day_ms INTEGER NOT NULL,
    model_id INTEGER NOT NULL REFERENCES model(id),
{_COLUMNS},
    PRIMARY KEY (session_id, day_ms, model_id)
) WITHOUT ROWID;
CREATE INDEX usage_day_by_day ON usage_day (day_ms);
CREATE TABLE usage_total (                        -- all sessions together
    span_ms INTEGER NOT NULL,                     -- length: a quarter of an hour, a UTC hour or a UTC day
    start_ms INTEGER NOT NULL,
    model_id INTEGER NOT NULL REFERENCES model(id),
    change INTEGER NOT NULL,                      -- number of the last one; rows stay at 0, so that none is missed
{_COLUMNS},
    PRIMARY KEY (span_ms, start_ms, model_id)
) WITHOUT ROWID;
CREATE TABLE usage_change (number INTEGER NOT NULL);
INSERT INTO usage_change (number) VALUES (0);
"""
QUARTERS_BY_AGENT = f"""
CREATE TEMP TABLE quarter AS SELECT * FROM usage_quarter ORDER BY agent_id, quarter_ms, model_id;
DROP TABLE usage_quarter;
CREATE TABLE usage_quarter (                      -- what each agent used, an agent's quarters together
    quarter_ms INTEGER NOT NULL,                  -- start of a quarter of an hour, UTC
    agent_id INTEGER NOT NULL REFERENCES agent(id),
    model_id INTEGER NOT NULL REFERENCES model(id),
{_COLUMNS},
    PRIMARY KEY (agent_id, quarter_ms, model_id)
) WITHOUT ROWID;
INSERT INTO usage_quarter SELECT * FROM quarter;
DROP TABLE temp.quarter;
CREATE INDEX usage_quarter_by_time ON usage_quarter (quarter_ms);
"""
CHANGED_SPANS = """
CREATE TABLE usage_changed_span (                 -- where in time the last changes were; of one without a row, anywhere
    number INTEGER PRIMARY KEY,                   -- as in usage_change
    first_ms INTEGER NOT NULL,                    -- of the responses that came, changed or went, before and after
    last_ms INTEGER NOT NULL
);
"""
