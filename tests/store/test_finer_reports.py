"""A database of before reports were told apart by account, person and terminal: what is in it stays, and goes on."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest
from sqlite_utils import Database

from tests.anthropic.test_sync import BUILD, code_record, person
from tests.kit.admin_api import NOW, SONNET, Server, Time, asked, minute_of, run_sync, usage_row
from tokentui.ingest.sync import SyncPlan
from tokentui.records import Tokens
from tokentui.store.database import APPLICATION_ID, open_writer
from tokentui.store.schema.migrations import migrations

DAY_MS = 86_400_000
TODAY_MS = int(NOW.timestamp() * 1000) // DAY_MS * DAY_MS
OLD_MS = TODAY_MS - 40 * DAY_MS


@pytest.fixture
def old(tmp_path: Path) -> Path:
    """A store of the version before, with one row of everything 40 days ago and yesterday."""
    path = tmp_path / "old.db"
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        migrations.apply(Database(connection), stop_before="m050_finer_reports")
        connection.execute(
            "INSERT INTO billed_group "
            "VALUES (7, 'apikey_1', '', '', '', ?, 'standard', '0-200k', 'global', 'standard')",
            (SONNET,),
        )
        for start_ms in (OLD_MS, TODAY_MS - DAY_MS):
            connection.execute("INSERT INTO billed_usage VALUES (?, 60, 0, 7, 1, 2, 3, 4, 5, 6)", (start_ms,))
            for key in ("", "build"):
                day, model = (start_ms, key, "api", "tmux", 0), (start_ms, key, "api", SONNET)
                connection.execute(f"INSERT INTO claude_code_day VALUES ({', '.join('?' * 5)}{', 9' * 8})", day)
                connection.execute(f"INSERT INTO claude_code_model VALUES ({', '.join('?' * 4)}{', 8' * 5})", model)
        connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        connection.execute("PRAGMA user_version = 1")
    open_writer(path).close()
    return path


def test_what_was_stored_stays(old: Path) -> None:
    assert asked(old, "SELECT start_ms, group_id, input_tokens, cache_read_tokens FROM billed_usage") == [
        (OLD_MS, 7, 1, 5),
        (TODAY_MS - DAY_MS, 7, 1, 5),
    ]
    assert asked(old, "SELECT api_key_id, model, speed, account_id, service_account_id FROM billed_group") == [
        ("apikey_1", SONNET, "standard", "", "")
    ]
    whose = [("key", "build"), ("people", "")]
    days = asked(old, "SELECT actor_kind, actor, terminal_type, sessions FROM claude_code_day WHERE start_ms < "
                 f"{TODAY_MS - DAY_MS} ORDER BY 1")  # fmt: skip
    assert days == [(*who, "tmux", 9) for who in whose]
    models = asked(old, "SELECT actor_kind, actor, terminal_type, model, estimated_pico_usd FROM claude_code_model "
                   f"WHERE start_ms = {OLD_MS} ORDER BY 1")  # fmt: skip
    assert models == [(*who, "", SONNET, 8) for who in whose]


def test_a_sync_replaces_what_it_asks_for_again_and_nothing_else(old: Path, server: Server) -> None:
    yesterday = usage_row(minute_of(NOW) - 1440, Tokens(9), SONNET, None, account_id="user_1")
    code = {"2026-11-21": [code_record(person(1), 1), code_record(BUILD, 2)]}
    server.reset(usage=[yesterday], code=code)
    assert run_sync(server, old, Time(), SyncPlan(days=3)).outcome == "done"
    usage = asked(
        old, "SELECT account_id, input_tokens FROM billed_usage JOIN billed_group ON id = group_id ORDER BY 1"
    )
    assert usage == [("", 1), ("user_1", 9)]
    kinds = asked(old, "SELECT start_ms, actor_kind, terminal_type FROM claude_code_model ORDER BY 1, 2")
    assert kinds == [
        (OLD_MS, "key", ""), (OLD_MS, "people", ""),
        (TODAY_MS - DAY_MS, "key", "tmux"), (TODAY_MS - DAY_MS, "person", "tmux"),
    ]  # fmt: skip
    assert minute_of(NOW - timedelta(days=1)) == yesterday["minute"]
