"""A month of minutes from a real server: 43,200 buckets of several models and keys."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from tests.kit.admin_api import HAIKU, MESSAGES, SONNET, Server, Time, asked, run_sync, usage_row
from tokentui.ingest.sync import SyncPlan
from tokentui.records import Tokens


def test_a_month_of_minutes_is_stored_whole_by_thirty_requests(
    server: Server, new_database: Callable[[], Path]
) -> None:
    first = datetime(2026, 10, 24, tzinfo=UTC)
    groups = ((SONNET, "apikey_1"), (HAIKU, "apikey_2"), (SONNET, "apikey_2"))
    tokens = Tokens(1000, 200, 300, 40, 50_000)
    server.tell(usage=[], every_minute=[usage_row(0, tokens, model, key) for model, key in groups])
    database = new_database()
    result = run_sync(server, database, Time(first + timedelta(days=29, hours=23, minutes=59, seconds=30)), SyncPlan())
    assert result.outcome == "done"
    assert len(server.seen(MESSAGES)) == 30
    stored = asked(database, "SELECT count(*), count(DISTINCT start_ms), sum(cache_read_tokens) FROM billed_usage")
    assert stored == [(43_200, 43_200, 43_200 * 50_000)]
