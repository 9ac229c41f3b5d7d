"""The schema of the database, one migration after another."""

from __future__ import annotations

import sqlite3

from sqlite_utils import Database, Migrations

from tokentui.store import alert_schema, anthropic_schema, finer_reports, plan_limits, rollups, title_keys, views

migrations = Migrations("tokentui")


@migrations()
def m001_logs(db: Database) -> None:
    """Where lines come from, and how far each log has been read."""
    _execute(
        db,
        """
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
        """,
    )


@migrations()
def m002_sessions(db: Database) -> None:
    """Who writes: sessions, their agents, how agents hang together, and what happened."""
    _execute(
        db,
        """
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
            setting_at_ms INTEGER NOT NULL DEFAULT 0, -- 0 for none
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
        """,
    )


@migrations()
def m003_responses(db: Database) -> None:
    """What was billed, and the quarter-hour sums that long ranges are answered from."""
    _execute(
        db,
        """
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
            part INTEGER NOT NULL DEFAULT 0,          -- 0 the answer, 1.. compactions and advisors billed beside it
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
        """,
    )


@migrations()
def m010_anthropic(db: Database) -> None:
    """What Anthropic reports and bills, the console's exports, and our own minutes in the console's columns."""
    _execute(db, anthropic_schema.USAGE_AND_COST)
    _execute(db, anthropic_schema.SYNCING)
    _execute(db, anthropic_schema.LOCAL_MINUTES)


@migrations()
def m020_alerts(db: Database) -> None:
    """What the rules raised, who was told, what is muted, and how budgets' windows ended."""
    _execute(db, alert_schema.ALERTS)


@migrations()
def m030_insight(db: Database) -> None:
    """Why a cache missed, what advice was waved away, and the views that people and tools may rely on."""
    _execute(
        db,
        """
        ALTER TABLE response ADD COLUMN cache_miss_reason TEXT NOT NULL DEFAULT '';  -- the API's own word, where logged
        CREATE TABLE dismissed_advice (
            finding_key TEXT PRIMARY KEY,
            dismissed_at_ms INTEGER NOT NULL
        ) WITHOUT ROWID;
        """,
    )
    for view in views.VIEWS:
        _execute(db, view)


@migrations()
def m040_rollups(db: Database) -> None:
    """Sums by day, so that long ranges cost no more as the history grows; worked out from what is stored."""
    _execute(db, rollups.TABLES)
    _execute(db, rollups.LOGS_THAT_SKIPPED)
    rollups.sum_anew(db.conn)


@migrations()
def m050_finer_reports(db: Database) -> None:
    """Usage by account too, the Claude Code report by person, key, terminal and model, and a cheaper minute table."""
    _execute(db, finer_reports.ACCOUNTS)
    _execute(db, finer_reports.CLAUDE_CODE)


@migrations()
def m060_plan_limits(db: Database) -> None:
    """How far the plan's limits were used, as Claude Code told its status line."""
    _execute(db, plan_limits.TABLE)


@migrations()
def m070_quarters_by_agent(db: Database) -> None:
    """Quarter-hour sums with an agent's together, so that sums by agent read them from one end to the other."""
    _execute(db, rollups.QUARTERS_BY_AGENT)


@migrations()
def m080_totals_by_hour(db: Database) -> None:
    """All sessions together by UTC hour too."""
    rollups.add_totals_by_hour(db.conn)


@migrations()
def m090_changed_spans(db: Database) -> None:
    """Where in time the last changes were, so that what is kept of the last minutes need not be worked out anew."""
    _execute(db, rollups.CHANGED_SPANS)


@migrations()
def m100_failed_calls(db: Database) -> None:
    """Tool calls that failed, for those who count them over many agents."""
    _execute(db, "CREATE INDEX tool_call_that_failed ON tool_call (agent_id, at_ms) WHERE is_error;")


@migrations()
def m110_orders_of_sessions(db: Database) -> None:
    """Sessions by their last line and by title, so that not all of them are looked at for those that come first."""
    _execute(db, "CREATE INDEX session_by_last_line ON session (last_at_ms);")
    title_keys.add_title_keys(db.conn)


@migrations()
def m120_large_results(db: Database) -> None:
    """Tool results that advice looks at."""
    _execute(
        db,
        """
        CREATE INDEX tool_call_with_large_result ON tool_call (at_ms, result_bytes, result_at_ms)
            WHERE result_bytes >= 40000;
        """,
    )


@migrations()
def m130_spawned_agents(db: Database) -> None:
    """Spawned agents by when they began, for how many are usual in a minute."""
    _execute(db, "CREATE INDEX agent_that_was_spawned ON agent (first_at_ms) WHERE agent_id <> '' AND background = '';")


@migrations()
def m140_notes(db: Database) -> None:
    """Which agents' logs had a file beside them that tells of the agent, for it may come after the log's last line."""
    _execute(db, "ALTER TABLE log ADD COLUMN has_note INTEGER NOT NULL DEFAULT 0;")


def _execute(db: Database, script: str) -> None:
    """Run each statement inside the migration's own transaction (`executescript` would commit it)."""
    statement = ""
    for line in script.splitlines():
        statement += line + "\n"
        if sqlite3.complete_statement(statement):
            db.conn.execute(statement)
            statement = ""
