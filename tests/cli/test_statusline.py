"""`tokentui statusline`: one short line whatever comes in, with exact figures."""

from __future__ import annotations

import sqlite3
import time
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.kit.answer_logs import Answer, write_logs
from tests.kit.command_line import Output
from tests.kit.status_line import SESSION, StatusLine, held, limits_in, told
from tokentui.records import Tokens
from tokentui.store.alerts import AlertFacts, AlertJournal


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
    monkeypatch.setattr("tokentui.cli.statusline.command.MOST_UNREAD_BYTES", 10)
    new = Answer(5003, datetime.now(UTC), "claude-opus-4-8", Tokens(0, 40_000), SESSION, "/work/x", "a2")
    write_logs(home / "claude", [new])
    said = status_line(told())
    assert "≥$3.01 session" in said.line
    assert "`tokentui ingest` reads them" in said.reason


def test_what_waits_for_new_prices_is_said_to_be_more(history: Path, home: Path, status_line: StatusLine) -> None:
    (home / "state" / "config.toml").write_text('[[prices]]\nmodel = "claude-opus-*"\nfactor = 2\n')
    assert " $3.01 session" in status_line(told()).line
    new = Answer(5003, datetime.now(UTC), "claude-opus-4-8", Tokens(0, 40_000), SESSION, "/work/x", "a2")
    write_logs(home / "claude", [new])
    said = status_line(told())
    assert "≥$3.01 session" in said.line
    assert "prices have changed" in said.reason


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

    monkeypatch.setattr("tokentui.cli.statusline.command.status_of", broken)
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
