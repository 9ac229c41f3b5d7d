"""The migrations, one after another: each is applied to a database once."""

from __future__ import annotations

import sqlite3

from sqlite_utils import Database, Migrations

from tokentui.store import agent_links, plan_limits, rollups, title_keys
from tokentui.store.schema import alerts, anthropic, finer_reports, history, usage_sums, views

migrations = Migrations("tokentui")


@migrations()
def m001_logs(db: Database) -> None:
    """Where lines come from, and how far each log has been read."""
    _execute(db, history.LOGS)


@migrations()
def m002_sessions(db: Database) -> None:
    """Who writes: sessions, their agents, how agents hang together, and what happened."""
    _execute(db, history.SESSIONS)


@migrations()
def m003_responses(db: Database) -> None:
    """What was billed, and the quarter-hour sums that long ranges are answered from."""
    _execute(db, history.RESPONSES)


@migrations()
def m010_anthropic(db: Database) -> None:
    """What Anthropic reports and bills, the console's exports, and our own minutes in the console's columns."""
    _execute(db, anthropic.USAGE_AND_COST)
    _execute(db, anthropic.SYNCING)
    _execute(db, anthropic.LOCAL_MINUTES)


@migrations()
def m020_alerts(db: Database) -> None:
    """What the rules raised, who was told, what is muted, and how budgets' windows ended."""
    _execute(db, alerts.ALERTS)


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
    _execute(db, usage_sums.TABLES)
    _execute(db, "CREATE INDEX log_that_skipped ON log (skipped_lines) WHERE skipped_lines > 0;")
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
    _execute(db, usage_sums.QUARTERS_BY_AGENT)


@migrations()
def m080_totals_by_hour(db: Database) -> None:
    """All sessions together by UTC hour too."""
    rollups.add_totals_by_hour(db.conn)


@migrations()
def m090_changed_spans(db: Database) -> None:
    """Where in time the last changes were, so that what is kept of the last minutes need not be worked out anew."""
    _execute(db, usage_sums.CHANGED_SPANS)


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


@migrations()
def m150_types_by_calls(db: Database) -> None:
    """The types of agents that only their spawning calls name."""
    agent_links.type_links_by_calls(db.conn)


@migrations()
def m160_earliest_calls(db: Database) -> None:
    """When a link was logged: of several calls to one agent the earliest spawned it."""
    _execute(db, "ALTER TABLE agent_link ADD COLUMN at_ms INTEGER NOT NULL DEFAULT 0;")


def _execute(db: Database, script: str) -> None:
    """Run each statement inside the migration's own transaction (`executescript` would commit it)."""
    statement = ""
    for line in script.splitlines():
        statement += line + "\n"
        if sqlite3.complete_statement(statement):
            db.conn.execute(statement)
            statement = ""
