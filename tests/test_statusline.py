"""`tokentui statusline`: one short line whatever comes in, exact figures, and plan limits kept once per window."""

from __future__ import annotations

import io
import json
import re
import sqlite3
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.command_line import Output, totals
from tests.made_up_logs import Answer, session_id, write_logs
from tokentui.cli.run import run
from tokentui.cli.status_words import MOST_CELLS
from tokentui.records import Tokens
from tokentui.store.alerts import AlertFacts, AlertJournal
from tokentui.store.plan_limits import last_plan_limits
from tokentui.text import cell_width

SESSION = session_id(77)
OTHER_SESSION = session_id(78)
Rows = list[tuple[Any, ...]]


def told(**changes: Any) -> dict[str, Any]:
    resets = int(time.time()) // 3600 * 3600 + 7200
    return {
        "session_id": SESSION,
        "model": {"id": "claude-opus-4-8-20260501[1m]", "display_name": "Opus"},
        "cost": {"total_cost_usd": 9.87},
        "context_window": {"used_percentage": 41},
        "rate_limits": {
            "five_hour": {"used_percentage": 62.4, "resets_at": resets},
            "seven_day": {"used_percentage": 21, "resets_at": resets + 86_400 * 3},
        },
        **changes,
    }


class Said:
    """What one call printed."""

    def __init__(self, output: Output) -> None:
        captured = output.readouterr()
        assert captured.out.count("\n") == 1
        self.line, self.reason = captured.out.rstrip("\n"), captured.err
        assert self.line
        assert cell_width(re.sub(r"\x1b\[\d+m", "", self.line)) <= MOST_CELLS
        assert self.reason.count("\n") <= 1


class StatusLine:
    """Runs the command on an input, without colour unless a test sets it otherwise."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, output: Output) -> None:
        self._monkeypatch, self._output = monkeypatch, output
        monkeypatch.setenv("NO_COLOR", "1")

    def __call__(self, given: object) -> Said:
        raw = given if isinstance(given, bytes) else json.dumps(given).encode()
        self._monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(raw)))
        assert run(["statusline"]) == 0
        return Said(self._output)


@pytest.fixture
def status_line(home: Path, monkeypatch: pytest.MonkeyPatch, output: Output) -> StatusLine:
    return StatusLine(monkeypatch, output)


@pytest.fixture
def history(home: Path, output: Output) -> Path:
    """A store that knows the session: $3.01 at list price, of which 1,200 fresh tokens in the last minute."""
    now = datetime.now(UTC)
    write_logs(
        home / "claude",
        [
            Answer(5001, now - timedelta(minutes=5), "claude-opus-4-8", Tokens(0, 120_000), SESSION, "/work/x"),
            Answer(5002, now - timedelta(seconds=5), "claude-opus-4-8", Tokens(1000, 200), SESSION, "/work/x", "a1"),
        ],
    )
    totals(output)
    return home / "state" / "tokentui.db"


def limits_in(database: Path) -> Rows:
    with closing(sqlite3.connect(database)) as connection:
        return connection.execute("SELECT window, used_share, session_id FROM plan_limit ORDER BY 1, 2").fetchall()


@contextmanager
def held(database: Path, how: str) -> Iterator[None]:
    """A lock as another program holds it."""
    with closing(sqlite3.connect(database, isolation_level=None)) as other:
        other.execute(f"PRAGMA locking_mode = {how}")
        other.execute("BEGIN EXCLUSIVE")
        yield
        other.execute("ROLLBACK")


def set_budget(home: Path, limit: int) -> None:
    budget = f'[[budgets]]\nname = "x"\nlimit = {limit}\nwindow = "rolling 5h"\nscope = "session:{SESSION}"\n'
    (home / "state" / "config.toml").write_text(f'time_zone = "UTC"\n{budget}')


def test_the_line(history: Path, home: Path, status_line: StatusLine) -> None:
    set_budget(home, 10)
    given = told()
    said = status_line(given)
    resets = datetime.fromtimestamp(given["rate_limits"]["five_hour"]["resets_at"], UTC)
    assert said.line == (
        f"opus-4-8 · $3.01 session · 1.2k/min · x $3.01 of $10 in 5h · ctx 41% · 5h 62% resets {resets:%H:%M} · 7d 21%"
    )
    assert said.reason == ""


def test_new_lines_are_read_first(history: Path, home: Path, status_line: StatusLine) -> None:
    new = Answer(5003, datetime.now(UTC), "claude-opus-4-8", Tokens(0, 40_000), SESSION, "/work/x", "a2")
    write_logs(home / "claude", [new])
    assert "$4.01 session" in status_line(told()).line


def test_much_that_is_new_is_left_to_others(
    history: Path, home: Path, status_line: StatusLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tokentui.cli.statusline._MOST_UNREAD_BYTES", 10)
    new = Answer(5003, datetime.now(UTC), "claude-opus-4-8", Tokens(0, 40_000), SESSION, "/work/x", "a2")
    write_logs(home / "claude", [new])
    said = status_line(told())
    assert "≥$3.01 session" in said.line
    assert "`tokentui ingest` reads them" in said.reason


def test_an_alarm_comes_first(history: Path, status_line: StatusLine) -> None:
    now_ms = round(time.time() * 1000)
    facts = AlertFacts("agents_at_once", SESSION, "alarm", SESSION, (), "agents", 30, 10, "30 agents")
    with closing(sqlite3.connect(history, isolation_level=None)) as connection:
        journal = AlertJournal(connection)
        journal.raise_alert(facts, now_ms, 0)
        journal.raise_alert(replace(facts, rule="unattended", grade="warn"), now_ms + 1, 0)
    assert status_line(told()).line.startswith("✖ ALARM too many agents at once · ")
    with closing(sqlite3.connect(history, isolation_level=None)) as connection:
        connection.execute("UPDATE alert SET acknowledged_at_ms = ?", (now_ms,))
    assert "ALARM" not in status_line(told()).line


def test_a_budget_that_is_spent(history: Path, home: Path, status_line: StatusLine) -> None:
    set_budget(home, 2)
    assert "x $3.01 of $2 in 5h ✖" in status_line(told()).line


def test_colour_unless_it_is_unwanted(
    history: Path, status_line: StatusLine, monkeypatch: pytest.MonkeyPatch, output: Output
) -> None:
    assert "\x1b" not in status_line(told()).line
    monkeypatch.delenv("NO_COLOR")
    assert "\x1b[33m5h 80%" in status_line(told(rate_limits={"five_hour": {"used_percentage": 80}})).line


def test_without_a_history_it_says_what_it_was_told(home: Path, status_line: StatusLine) -> None:
    said = status_line(told())
    assert said.line.startswith("opus-4-8 · ~$9.87 session · ctx 41% · 5h 62% resets ")
    assert "`tokentui ingest`" in said.reason
    assert not (home / "state").exists()


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        (b"", "nothing on standard input"),
        (b" \n", "nothing on standard input"),
        (b"{", "is no JSON"),
        (b"\xff\xfe\x00", "is no JSON"),
        (b"[" * 100_000, "is no JSON"),
        (b"[1]", "is no JSON object"),
        (b"null", "is no JSON object"),
    ],
)
def test_input_that_does_not_read(history: Path, status_line: StatusLine, given: bytes, reason: str) -> None:
    said = status_line(given)
    assert reason in said.reason
    assert limits_in(history) == []


def test_nothing_at_all(home: Path, status_line: StatusLine) -> None:
    assert status_line(b"").line == "tokentui"


BAD: list[Any] = [None, True, "9", [], {}, -1, 1e308, 10**400, float("nan"), float("inf"), "\x1b]0;x\x07", {"id": 3}]


@pytest.mark.parametrize("bad", BAD, ids=lambda bad: repr(bad)[:12])
def test_values_of_any_kind(history: Path, status_line: StatusLine, bad: Any) -> None:
    limits = {"five_hour": bad, "seven_day": {"used_percentage": bad, "resets_at": bad}, "new_window": bad}
    cost, context = {"total_cost_usd": bad}, {"used_percentage": bad}
    for given in (
        told(session_id=bad, model=bad, cost=bad, context_window=bad, rate_limits=bad),
        told(session_id=bad, model={"id": bad}, cost=cost, context_window=context, rate_limits=limits),
        told(rate_limits={"five_hour": {"used_percentage": 5, "resets_at": bad}}),
    ):
        assert "\x1b" not in status_line(given).line


def test_text_that_would_steer_the_terminal(history: Path, status_line: StatusLine) -> None:
    hostile = "claude-\x1b[31mev\x1b]0;t\x07il\n\u202e\u2066" + "漢" * 500
    said = status_line(told(model={"id": hostile}, session_id=hostile, context_window=None))
    assert said.line.startswith("evil")
    assert not set("\x1b\x07\n\u202e\u2066") & set(said.line)
    assert all(session.isprintable() and len(session) <= 100 for _, _, session in limits_in(history))


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


def test_a_store_that_another_program_has_for_itself(history: Path, status_line: StatusLine) -> None:
    with held(history, "EXCLUSIVE"):
        said = status_line(told())
    assert said.line.startswith("opus-4-8 · ~$9.87 session · ctx 41% · 5h 62%")
    assert "is locked by another program" in said.reason


@pytest.mark.parametrize("content", [b"no database" * 200, b"", b"SQLite format 3\x00" + b"\xff" * 5000])
def test_a_store_that_does_not_read(home: Path, status_line: StatusLine, content: bytes) -> None:
    (home / "state").mkdir()
    (home / "state" / "tokentui.db").write_bytes(content)
    said = status_line(told())
    assert said.line.startswith("opus-4-8 · ~$9.87 session")
    assert said.reason.startswith("tokentui: ")


def test_settings_that_do_not_read(history: Path, home: Path, status_line: StatusLine) -> None:
    (home / "state" / "config.toml").write_text("budgets = 3")
    said = status_line(told())
    assert "$3.01 session" in said.line
    assert "config.toml" in said.reason


def test_a_fault_of_our_own_leaves_the_line(
    history: Path, status_line: StatusLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise LookupError("made up")

    monkeypatch.setattr("tokentui.cli.statusline.status_of", broken)
    said = status_line(told())
    assert said.line.startswith("opus-4-8")
    assert "LookupError: made up" in said.reason


def test_what_has_least_weight_goes_first(history: Path, home: Path, status_line: StatusLine) -> None:
    facts = AlertFacts("session_tokens_per_minute", SESSION, "alarm", SESSION, (), "tokens", 9e9, 1, "much")
    with closing(sqlite3.connect(history, isolation_level=None)) as connection:
        AlertJournal(connection).raise_alert(facts, round(time.time() * 1000), 0)
    line = status_line(told(rate_limits=told()["rate_limits"] | {"spend_limit": {"used_percentage": 97}})).line
    assert line.startswith("✖ ALARM ")
    assert "/min" not in line
    assert "spend 97%" in line
