"""Plan limits as Claude Code tells them: kept once for each window, without waiting, and shown by doctor."""

from __future__ import annotations

import json
import sqlite3
import time
from contextlib import closing
from pathlib import Path

from tests.kit.answer_logs import session_id
from tests.kit.command_line import Output
from tests.kit.status_line import SESSION, StatusLine, held, limits_in, told
from tokentui.cli.run import run
from tokentui.store.plan_limits import last_plan_limits

OTHER_SESSION = session_id(78)


def test_limits_are_kept_once_for_each_window(history: Path, status_line: StatusLine) -> None:
    first = told()
    for used in (62.4, 62.4, 70, 65):  # an idle session still tells an old figure
        first["rate_limits"]["five_hour"]["used_percentage"] = used
        status_line(first)
    first["rate_limits"]["five_hour"]["resets_at"] += 20  # told to the second, kept to the minute
    status_line(first)
    assert limits_in(history) == [("five_hour", 0.7, SESSION), ("seven_day", 0.21, SESSION)]
    later = first["rate_limits"]["five_hour"]["resets_at"] + 18_000
    first["rate_limits"]["five_hour"] = {"used_percentage": 1, "resets_at": later}
    status_line(first | {"session_id": OTHER_SESSION})
    assert limits_in(history)[:2] == [("five_hour", 0.01, OTHER_SESSION), ("five_hour", 0.7, SESSION)]
    with closing(sqlite3.connect(history)) as connection:
        assert [limit.used_share for limit in last_plan_limits(connection)] == [0.01, 0.21]


def test_a_window_that_has_ended_is_not_shown(history: Path, status_line: StatusLine) -> None:
    said = status_line(told(rate_limits={"five_hour": {"used_percentage": 99, "resets_at": time.time() - 60}}))
    assert "5h" not in said.line
    assert limits_in(history) == []


def test_doctor_shows_the_last_limits(history: Path, status_line: StatusLine, output: Output) -> None:
    status_line(told())
    run(["doctor"])
    text = output.readouterr().out
    assert "Plan limits, as told by Claude Code\n  5h: 62 % used, resets 20" in text
    run(["doctor", "--json"])
    limits = json.loads(output.readouterr().out)["store"]["plan_limits"]
    status_line(told(rate_limits={"five_hour": {"used_percentage": 99.7, "resets_at": time.time() + 9_000}}))
    run(["doctor"])
    assert "5h: 99 % used" in output.readouterr().out
    assert [(limit["window"], limit["session"]) for limit in limits] == [("five_hour", SESSION), ("seven_day", SESSION)]


def test_a_writer_at_work_is_not_waited_for(history: Path, status_line: StatusLine) -> None:
    with held(history, "NORMAL"):
        began = time.monotonic()
        said = status_line(told())
        assert time.monotonic() - began < 1
    assert "$3.01 session" in said.line
    assert "is locked by another program" in said.reason
    assert limits_in(history) == []
    status_line(told())
    assert len(limits_in(history)) == 2


def test_a_history_from_before_gets_the_table(history: Path, home: Path, status_line: StatusLine) -> None:
    with closing(sqlite3.connect(history, isolation_level=None)) as connection:
        connection.execute("DROP TABLE plan_limit")
        connection.execute("DELETE FROM _sqlite_migrations WHERE name = 'm060_plan_limits'")
        version = connection.execute("PRAGMA user_version").fetchone()[0]
        connection.execute(f"PRAGMA user_version = {version - 1}")
    said = status_line(told())
    assert said.line.startswith("opus-4-8 · ~$9.87 session")  # changing the schema is left to others
    assert "run `tokentui ingest`" in said.reason
    assert run(["ingest"]) == 0
    status_line.forget()
    assert "$3.01 session" in status_line(told()).line
    assert len(limits_in(history)) == 2
