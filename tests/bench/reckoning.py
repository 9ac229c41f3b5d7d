"""How fast reconcile, billing and the minute table are on a million responses: `python -m tests.bench.reckoning`."""

from __future__ import annotations

import argparse
import sqlite3
import tempfile
import time
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from tests.bench.rows import START_MS, write_rows
from tokentui.instants import moment_of, ms_of
from tokentui.pricing.book import RateBook
from tokentui.queries.export import export
from tokentui.queries.reckoning.billing import billing
from tokentui.queries.reckoning.local_minutes import console_minutes
from tokentui.queries.reckoning.reconcile import reconcile
from tokentui.store.database import open_reader

SESSIONS = 1_000
_DAYS = 90
_NOW = moment_of(START_MS) + timedelta(days=_DAYS)


def main() -> None:
    """Make the database unless it is given, and print how long each answer takes."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--database", type=Path, help="kept between runs")
    path = parser.parse_args().database or Path(tempfile.mkdtemp(prefix="tokentui-bench-")) / "rows.db"
    if not path.exists():
        print(f"{write_rows(path, sessions=SESSIONS):,} responses")  # noqa: T201
        _bill(path)
    end = _NOW.date() + timedelta(days=1)
    with closing(open_reader(path)) as reader:
        for days in (1, 7, 30, _DAYS):
            since = end - timedelta(days=days + 1)
            for name, answer in _answers(reader, since, end):
                took = min(_seconds(answer) for _ in range(2))
                print(f"{name:<24} {days:>3} days {took * 1000:>9,.0f} ms")  # noqa: T201


def _answers(reader: sqlite3.Connection, since: date, end: date) -> list[tuple[str, Callable[[], object]]]:
    first, last = (datetime(day.year, day.month, day.day, tzinfo=UTC) for day in (since, end))
    return [
        ("minutes", lambda: list(console_minutes(reader, first, last))),
        ("export minutes", lambda: list(export(reader, "minutes", ms_of(first), ms_of(last)).rows)),
        ("view, by its text", lambda: reader.execute(
            "SELECT * FROM local_minutes WHERE usage_date_utc >= ? ORDER BY 1", (f"{since} 00:00",)).fetchall()),
        ("reconcile", lambda: reconcile(reader, RateBook(), _NOW, since, end)),
        ("billing by day", lambda: billing(reader, RateBook(), _NOW, "day", since, end)),
    ]  # fmt: skip


def _seconds(answer: Callable[[], object]) -> float:
    started = time.perf_counter()
    answer()
    return time.perf_counter() - started


def _bill(path: Path) -> None:
    """Everything of the database as billed, by the minute."""
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(
            "INSERT INTO billed_group SELECT id, 'apikey_' || id, '', '', '', name, 'standard', '0-200k', 'global', "
            "'standard', '', '' FROM model"
        )
        connection.execute(
            "INSERT INTO billed_usage SELECT at_ms / 60000 * 60000, 60, 0, model_id, sum(input_tokens), "
            "sum(output_tokens), sum(cache_write_5m_tokens), sum(cache_write_1h_tokens), sum(cache_read_tokens), 0 "
            "FROM response GROUP BY 1, model_id"
        )
        now_ms = START_MS + _DAYS * 86_400_000
        connection.execute("INSERT INTO sync_coverage VALUES ('usage 1m', ?, ?, ?)", (START_MS, now_ms, now_ms))
        connection.commit()


if __name__ == "__main__":
    main()
