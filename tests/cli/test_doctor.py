"""`tokentui doctor`: what it found, what is wrong, and how to mend it."""

from __future__ import annotations

import json
import os
import sqlite3
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.kit.answer_logs import UNKNOWN, Answer, session_id, write_logs
from tests.kit.command_line import Output, totals
from tests.kit.permissions import permissions_that_bind
from tokentui.cli.doctor import about_health
from tokentui.cli.run import run
from tokentui.instants import DAY_MS
from tokentui.queries.agreement import Agreement, agreement
from tokentui.queries.health import health
from tokentui.records import Tokens
from tokentui.store.database import open_reader
from tokentui.transcripts.file_system import file_system_of

_BY_DAY = f"SELECT start_ms, sum(responses) FROM usage_total WHERE span_ms = {DAY_MS} GROUP BY 1 ORDER BY 1"


def test_doctor_finds_nothing_wrong(home: Path, output: Output) -> None:
    write_logs(home / "claude", [])
    for log in (home / "claude").rglob("*.jsonl"):
        log.write_bytes(log.read_bytes().replace(UNKNOWN.encode(), b"claude-opus-5"))
    assert run(["doctor"]) == 0
    text = output.readouterr().out
    assert "Nothing is wrong." in text
    assert f"{home}/claude/projects: 5 logs" in text
    assert "60 responses" in text
    assert "agree with every single response" in text
    assert "Time zone" in text


def test_doctor_counts_one_as_one(home: Path, output: Output) -> None:
    for log in (home / "claude").rglob("*.jsonl"):
        log.unlink()
    write_logs(home / "claude", [Answer(9001, datetime(2026, 11, 20, tzinfo=UTC), "claude-opus-5-5", Tokens(0, 10),
                                        session_id(1), "/work/x")])  # fmt: skip
    run(["doctor"])
    text = output.readouterr().out
    assert " 1 response (0 of them lower bounds) in 1 session by 1 agent, " in text
    assert "  from 1 log ever read: 1 line, " in text


def test_doctor_names_each_problem(home: Path, output: Output) -> None:
    log = next((home / "claude" / "projects").glob("*/*.jsonl"))
    lines = log.read_bytes().splitlines(keepends=True)
    log.write_bytes(lines[0] + b'{"type": "assistant", broken\n' + b"\x00\x01\n" + b"".join(lines[1:]))
    assert run(["doctor", "--json"]) == 0
    found = json.loads(output.readouterr().out)
    assert found["schema_version"] == 1
    assert found["store"]["responses"] == 60
    skipped = found["store"]["skipped_lines"]
    assert [(s["path"], s["count"], s["first_line"], s["first_offset_bytes"]) for s in skipped] == [
        (str(log), 2, 2, len(lines[0]))
    ]
    assert found["store"]["unpriced_models"][0]["model"] == UNKNOWN
    assert found["store"]["sums_differ_in"] == []
    assert all(problem["mend"] for problem in found["problems"])
    assert run(["doctor"]) == 0
    text = output.readouterr().out
    assert f"{log}, line 2" in text
    assert f"[[prices]] in {home}/state/config.toml" in text


def test_doctor_names_a_log_that_cannot_be_read_for_as_long_as_it_is_there(home: Path, output: Output) -> None:
    log = next((home / "claude" / "projects").glob("*/*.jsonl"))
    log.chmod(0)
    with permissions_that_bind():
        assert run(["doctor"]) == 0
        assert "a log cannot be read (Permission denied)" in output.readouterr().out
        log.unlink()
        assert run(["doctor"]) == 0
        assert "a log cannot be read" not in output.readouterr().out


def test_doctor_says_how_to_mend_a_log_whose_name_is_no_text(home: Path, output: Output) -> None:
    folder = next((home / "claude" / "projects").iterdir())
    with open(os.fsencode(folder) + b"/agent-\xff.jsonl", "wb") as file:  # noqa: PTH123
        file.write(b"{}\n")
    assert run(["doctor"]) == 0
    text = output.readouterr().out
    assert "a log is not counted (its path is not valid UTF-8)" in text
    assert "rename it, or the directory above it that is not" in text


def test_doctor_names_models_that_were_not_on_sale_yet(home: Path, output: Output) -> None:
    early = Answer(9001, datetime(2024, 1, 1, tzinfo=UTC), "claude-opus-5-5", Tokens(0, 10), session_id(1), "/work/x")
    write_logs(home / "claude", [early])
    assert run(["doctor"]) == 0
    text = output.readouterr().out
    assert "1 response of before the model was on sale, at its first price\n      claude-opus-5-5\n" in text
    assert run(["doctor", "--json"]) == 0
    store = json.loads(output.readouterr().out)["store"]
    assert store["early_models"] == [{"model": "claude-opus-5-5", "responses": 1}]


def test_doctor_says_where_it_looked_in_vain(home: Path, output: Output, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CLAUDE_CONFIG_DIR", f"{home}/nowhere,{home}/empty")
    assert run(["doctor"]) == 0
    text = output.readouterr().out
    assert f"{home}/nowhere/projects: not there" in text
    assert "no session logs were found" in text
    assert "a directory that was named does not exist" in text


@pytest.mark.parametrize("table", ["usage_quarter", "usage_hour", "usage_day", "usage_total"])
def test_doctor_sees_wrong_sums(home: Path, output: Output, table: str) -> None:
    assert totals(output)["responses"] == 60
    with closing(sqlite3.connect(home / "state" / "tokentui.db")) as connection:
        connection.execute(f"UPDATE {table} SET output_tokens = output_tokens + 1")
        connection.commit()
    assert run(["doctor"]) == 1
    assert "kept sums differ from the responses in output_tokens" in output.readouterr().out


def test_of_a_long_history_the_latest_days_are_added_up_one_by_one(home: Path, output: Output) -> None:
    assert totals(output)["responses"] == 60
    database = home / "state" / "tokentui.db"
    with closing(sqlite3.connect(database)) as connection:
        days = connection.execute(_BY_DAY).fetchall()
        assert len(days) > 1
        (first_ms, _), (last_ms, last) = days[0], days[-1]
        whole = agreement(connection, None)
        assert whole == agreement(connection, 60) == Agreement((), None)
        assert agreement(connection, last) == Agreement((), last_ms)
        connection.execute(
            "UPDATE response SET output_tokens = output_tokens + 1 WHERE at_ms < ?", (first_ms + DAY_MS,)
        )
        assert agreement(connection, last) == Agreement((), last_ms)
        assert agreement(connection, None) == Agreement(("output_tokens",), None)
        connection.rollback()
        connection.execute("UPDATE response SET part = 1, input_tokens = 7 WHERE at_ms >= ?", (last_ms,))
        assert agreement(connection, last).differ[0] == "responses"
        connection.rollback()
        connection.execute("UPDATE usage_hour SET cost_pico_usd = cost_pico_usd + 1 WHERE hour_ms < ?", (last_ms,))
        assert agreement(connection, last) == Agreement(("cost_pico_usd",), last_ms)


def test_doctor_says_from_when_on_it_compared(home: Path, output: Output) -> None:
    assert run(["doctor", "--thorough", "--json"]) == 0
    found = json.loads(output.readouterr().out)
    assert found["store"]["sums_compared_since"] is None
    with closing(open_reader(home / "state" / "tokentui.db")) as reader:
        shown = health(reader, most_responses=1)
        assert shown.sums_compared_since is not None
        lines = [line.strip() for line in about_health(shown)]
        assert shown == replace(health(reader), sums_compared_since=shown.sums_compared_since)
    day = f"{shown.sums_compared_since:%Y-%m-%d}"
    assert lines[-1].startswith(f"kept sums agree with one another, and with every single response since {day}T00:00")


def test_doctor_lives_with_a_bad_configuration_and_a_bad_database(home: Path, output: Output) -> None:
    (home / "state").mkdir()
    (home / "state" / "config.toml").write_text("interval = 'often'")
    (home / "state" / "tokentui.db").write_bytes(b"this is no database at all, but long enough to be taken for one")
    assert run(["doctor"]) == 1
    text = output.readouterr().out
    assert "config.toml:1: interval: should be a valid number" in text
    assert "is not a database; move it away" in text
    assert run(["doctor", "--json"]) == 1
    found = json.loads(output.readouterr().out)
    assert [problem["is_broken"] for problem in found["problems"]] == [True, True]
    assert found["store"] is None


def test_the_file_system_of_a_directory_is_told_by_the_longest_mount(tmp_path: Path) -> None:
    mounts = tmp_path / "mounts"
    mounts.write_text(f"rootfs / ext4 rw 0 0\nserver:/x {tmp_path}/with\\040space nfs4 rw 0 0\n")
    (tmp_path / "with space").mkdir()
    (tmp_path / "with spaces").mkdir()
    assert file_system_of(tmp_path / "with space", mounts) == "nfs4"
    assert file_system_of(tmp_path / "with spaces", mounts) == "ext4"
    assert file_system_of(tmp_path, tmp_path / "none") == ""


def test_doctor_names_a_theme_and_keys_that_the_monitor_would_not_take(home: Path, output: Output) -> None:
    (home / "state").mkdir()
    (home / "state" / "config.toml").write_text('theme = "nosuch"\n[keys]\nfreze = "p"\nfreeze = "p"\nquit = "p"')
    assert run(["doctor", "--json"]) == 0
    found = [problem["what"] for problem in json.loads(output.readouterr().out)["problems"]]
    assert "there is no theme 'nosuch'" in found
    assert "[keys] names no key: freze" in found
    assert any(what.startswith("[keys] freeze and quit share p") for what in found)
    (home / "state" / "config.toml").write_text('theme = "dracula"\n[keys]\nfreeze = "p"')
    assert run(["doctor"]) == 0
    assert "config.toml\n" not in output.readouterr().out
