"""`budget`, `alerts` and `watch`: what they print, their exit codes, and a real run without a screen."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, timedelta
from decimal import Decimal
from pathlib import Path
from typing import IO, Any

import pytest

from tests.kit import storms
from tests.kit.answer_logs import HAIKU, SONNET, Answer, session_id, write_logs
from tests.kit.canned import NOW
from tests.kit.canned_budgets import DAY, MONTH, standing
from tests.kit.command_line import Output, terminal_of
from tests.kit.played import write_events
from tokentui.cli.budget.words import line_of, print_budgets
from tokentui.cli.lengths import parse_seconds
from tokentui.cli.run import run
from tokentui.config.budget_drafts import parse_amount
from tokentui.demo.log import Event
from tokentui.records import Tokens
from tokentui.workspace import utc_now


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """State and logs of this test alone: 140k tokens today, $0.30 or so."""
    monkeypatch.setenv("TOKENTUI_HOME", str(tmp_path / "state"))
    monkeypatch.setenv("CLAUDE_CONFIG_DIR", str(tmp_path / "claude"))
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("TZ", "UTC")
    monkeypatch.delenv("TOKENTUI_WEBHOOK_URL", raising=False)
    at = utc_now().replace(microsecond=0) - timedelta(seconds=1)
    answers = [Answer(n, at, HAIKU, Tokens(20_000, 8_000), session_id(1), "/work/api") for n in range(5)]
    (tmp_path / "claude" / "projects").mkdir(parents=True)
    write_logs(tmp_path / "claude", answers)
    return tmp_path


def config(home: Path) -> Path:
    return home / "state" / "config.toml"


def answer(output: Output, *arguments: str, code: int = 0) -> dict[str, Any]:
    assert run([*arguments, "--json"]) == code
    value = json.loads(output.readouterr().out)
    assert isinstance(value, dict)
    assert value["schema_version"] == 1
    return value


def until_now(events: Iterable[Event]) -> list[Event]:
    """What of it has happened by now."""
    return [event for event in events if event.at <= utc_now()]


# Budgets.


@pytest.mark.parametrize("cells", [80, 100])
def test_budgets_stand_in_the_width_of_a_terminal(home: Path, monkeypatch: pytest.MonkeyPatch, cells: int) -> None:
    terminal = terminal_of(cells, monkeypatch)
    assert run(["budget", "list", "--history", "2"]) == 0
    lines = terminal.getvalue().splitlines()
    assert max(map(len, lines)) <= cells
    assert ("Left out for want of room: will be." in terminal.getvalue()) == (cells == 80)


def test_shipped_budgets_are_listed_as_such(home: Path, capsys: Output) -> None:
    assert run(["budget", "list"]) == 0
    said = capsys.readouterr().out
    assert said.splitlines()[0].split() == ["budget", "window", "scope", "limit", "spent", "will", "be", "runs", "out"]
    assert "the last hour" in said
    assert "These are the shipped budgets" in said
    rows = answer(capsys, "budget", "list")["rows"]
    assert [(row["name"], row["is_shipped"]) for row in rows] == [("daily", True), ("weekly", True), ("monthly", True)]


def test_a_budget_is_set_checked_changed_and_removed(home: Path, capsys: Output) -> None:
    assert run(["budget", "set", "daily", "$0.10", "--at", "80=warn", "--at", "100"]) == 0
    captured = capsys.readouterr()
    assert captured.out == f"daily: $0.10 a day, 80 % warn, 100 % alarm, in {config(home)}\n"
    assert "The shipped budgets no longer apply" in captured.err
    assert run(["budget", "check"]) == 3
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.startswith("daily: $")
    assert run(["budget", "check", "-q"]) == 3
    assert run(["budget", "set", "daily", "--unit", "tokens", "500k"]) == 0
    assert run(["budget", "check", "daily"]) == 0
    assert capsys.readouterr().out.splitlines()[-1].startswith("daily: 140k tokens of 500k tokens (28 %)")
    assert run(["budget", "check", "--at", "20"]) == 3
    assert run(["budget", "rm", "daily"]) == 0
    assert "budgets = []" in config(home).read_text()
    assert run(["budget", "list"]) == 0
    assert "No budgets" in capsys.readouterr().out


def test_only_what_is_used_up_is_a_hundred_percent(capsys: Output) -> None:
    assert line_of(standing(DAY, 24.95, 14), NOW) == "day: $24.95 of $25.00 (99 %), 14h00m left"
    assert line_of(standing(DAY, 25.0, 14), NOW) == "day: $25.00 of $25.00 (100 %), 14h00m left"
    print_budgets([standing(DAY, 24.95, 14)], NOW, UTC)
    assert "  99 %  " in capsys.readouterr().out


def test_a_budget_that_runs_out_in_more_than_a_week_has_the_date(capsys: Output) -> None:
    for spent, out in ((400.0, r" 30 Nov \d\d:\d\d$"), (550.0, r" Mon \d\d:\d\d$")):
        print_budgets([standing(MONTH, spent, 500)], NOW, UTC)
        row = capsys.readouterr().out.splitlines()[1]
        assert re.search(out, row), row


def test_budgets_keep_to_the_width_of_the_terminal(home: Path, capsys: Output, monkeypatch: pytest.MonkeyPatch) -> None:
    scope = "project:a/path/that/is/longer/than/any/that/has/room/on/a/line/of/eighty/cells"
    run(["budget", "set", "api", "1", "--scope", scope])
    capsys.readouterr()
    assert run(["budget", "list"]) == 0
    assert scope in capsys.readouterr().out
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setenv("TERM", "dumb")
    assert run(["budget", "list"]) == 0
    said = capsys.readouterr().out
    assert all(len(line) <= 80 for line in said.splitlines())
    assert "project:a/path/that" in said
    assert scope not in said
    assert "at the pace of the last hour" in " ".join(said.split())


def test_what_a_budget_has_spent_is_what_the_report_says_to_the_last_digit(home: Path, capsys: Output) -> None:
    use = Tokens(1, 3, cache_read=7)
    write_logs(home / "claude", [Answer(7, utc_now(), SONNET, use, session_id(7), "/work/x")])
    (spent,) = (row["spent"] for row in answer(capsys, "budget", "list")["rows"] if row["name"] == "monthly")
    reported = answer(capsys, "report", "--by", "month", "--since", f"{utc_now():%Y-%m-01}")["totals"]["cost_usd"]
    assert Decimal(spent) == Decimal(reported)
    assert len(reported.partition(".")[2]) > 6


def test_budgets_as_json(home: Path, capsys: Output) -> None:
    run(["budget", "set", "api", "1", "--scope", "project:API", "--window", "rolling 5 h"])
    run(["budget", "set", "none", "1k", "--unit", "fresh_tokens", "--scope", "project:elsewhere", "--window", "month"])
    capsys.readouterr()
    found = answer(capsys, "budget", "list", "--history", "2")
    api, none = found["rows"]
    assert (api["scope"], api["window"], api["limit"]) == ("project:API", "rolling 5h", "1.000000")
    assert float(api["spent"]) > 0
    assert api["thresholds"] == {"50": "note", "75": "note", "90": "warn", "100": "alarm"}
    assert [pace["name"] for pace in api["projection"]["paces"]][:1] == ["the last hour"]
    assert (none["limit"], none["spent"], none["is_over"]) == (1000, 0, False)
    checked = answer(capsys, "budget", "check", "none")
    assert checked["totals"] == {"budgets": 1, "over": 0}


@pytest.mark.parametrize(("arguments", "said", "code"), [
    (["set", "new"], "give it a limit", 2),
    (["set", "new", "lots"], "'lots' is no amount", 2),
    (["set", "new", "1", "--window", "year"], "expected day, week, month", 2),
    (["set", "new", "1", "--scope", "team:x"], "expected everything, project:TEXT", 2),
    (["set", "new", "1", "--at", "ninety"], "expected a percentage", 2),
    (["check", "nothing"], "there is no budget 'nothing'", 2),
    (["set", "day", "-5"], "'-5': a limit has to be above 0", 2),
    (["set", "day", "5", "--frob"], "No such option '--frob'", 2),
    (["rm", "daily"], "'daily' is a shipped budget", 1),
    (["rm", "nothing"], "has no budget 'nothing'", 1),
])  # fmt: skip
def test_what_is_wrong_is_said(home: Path, capsys: Output, arguments: list[str], said: str, code: int) -> None:
    assert run(["budget", *arguments]) == code
    captured = capsys.readouterr()
    assert captured.out == ""
    assert said in captured.err
    assert captured.err.count("\n") == 1
    assert not config(home).exists()


@pytest.mark.parametrize(("text", "amount"), [
    ("20", 20), ("$12.50", 12.5), ("1_000", 1000), ("1,500", 1500), ("500k", 500_000), ("3M tokens", 3_000_000),
    (".5", 0.5),
])  # fmt: skip
def test_amounts_are_read_as_people_type_them(text: str, amount: float) -> None:
    assert parse_amount(text) == amount


@pytest.mark.parametrize("text", ["", "0", "-3", "3X", "1e3", "nan", "$"])
def test_what_is_no_amount_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"amount|above 0"):
        parse_amount(text)


def test_lengths_of_time_are_read_as_people_type_them() -> None:
    assert [parse_seconds(text) for text in ("90s", "30m", "1h", "2 D")] == [90, 1800, 3600, 172_800]
    for text in ("", "0m", "1w", "h"):
        with pytest.raises(ValueError, match="no length of time"):
            parse_seconds(text)


# Alerts.


def start_storm(home: Path, agents: int = 14) -> None:
    """A crowd that has been spawned over the last half minute and is still at work."""
    start = utc_now() - timedelta(seconds=40)
    write_events(home / "claude", until_now(storms.crowd(start, agents)))


def test_nothing_runs_away(home: Path, capsys: Output) -> None:
    assert run(["alerts", "check"]) == 0
    assert capsys.readouterr().out == "nothing runs away\n"
    assert run(["alerts", "list"]) == 0
    assert capsys.readouterr().out == "No alerts.\n"


def test_a_storm_is_found_by_a_check(home: Path, capsys: Output) -> None:
    start_storm(home)
    assert run(["alerts", "check"]) == 3
    said = capsys.readouterr().err.splitlines()
    assert any(re.match(r"alarm agents_at_once: 1[45] agents working; 14 spawned in 60 s; \$", line) for line in said)
    found = answer(capsys, "alerts", "check", "--rule", "agents_at_once", code=3)
    assert [row["rule"] for row in found["rows"]] == ["agents_at_once"]
    assert len(found["rows"][0]["agents"]) in (14, 15)
    assert run(["alerts", "mute", "agents_at_once"]) == 0
    assert run(["alerts", "mute", "spawn_rate", "--for", "2d"]) == 0
    assert run(["alerts", "check", "-q"]) == 0
    assert run(["alerts", "unmute", "agents_at_once"]) == 0
    assert capsys.readouterr().out.endswith("agents_at_once is heard again\n")
    assert run(["alerts", "check", "-q"]) == 3
    session = found["rows"][0]["session_id"]
    assert run(["alerts", "mute", "--session", session[:6]]) == 0
    assert f"session {session} is quiet for good" in capsys.readouterr().out
    assert run(["alerts", "check", "-q"]) == 0
    assert run(["alerts", "list"]) == 0
    assert "muted: spawn_rate, until" in capsys.readouterr().out


@pytest.mark.parametrize(("arguments", "said", "code"), [
    (["mute"], "name a rule, a session, or both", 2),
    (["mute", "nonsense"], "nonsense", 2),
    (["mute", "tool_loop", "--for", "soon"], "no length of time", 2),
    (["mute", "--session", "ffff"], "no session has an id that begins so", 2),
    (["unmute", "tool_loop"], "that was not muted", 1),
    (["ack", "7"], "there is no alert 7", 1),
    (["list", "--since", "soon"], "expected a day", 2),
])  # fmt: skip
def test_what_is_wrong_with_alerts_is_said(
    home: Path, capsys: Output, arguments: list[str], said: str, code: int
) -> None:
    run(["alerts", "check", "-q"])
    assert run(["alerts", *arguments]) == code
    captured = capsys.readouterr()
    assert said in captured.err
    assert captured.out == ""


def test_rules_are_listed_with_the_figures_that_hold(home: Path, capsys: Output) -> None:
    config(home).parent.mkdir()
    config(home).write_text("[rules.agents_at_once]\nfloor_agents = 4\n[rules.tool_loop]\nenabled = false\n")
    assert run(["alerts", "rules"]) == 0
    said = capsys.readouterr().out
    assert "working agents ≥ max(4, 2 × usual p95)" in said
    assert "      floor_agents = 4  agents working at once, at least\n" in said
    assert "      floor_tokens = 750_000  fresh tokens in 60 s, at least\n" in said
    assert "tool_loop  (off" in said
    rows = {row["rule"]: row for row in answer(capsys, "alerts", "rules")["rows"]}
    assert rows["agents_at_once"]["thresholds"]["floor_agents"] == 4


def test_where_alarms_are_told_can_be_tried_out(home: Path, capsys: Output) -> None:
    assert run(["alerts", "test"]) == 0
    assert "Nothing is switched on" in capsys.readouterr().out
    config(home).parent.mkdir(exist_ok=True)
    target = home / "told.json"
    command = [sys.executable, "-c", f"import sys; open({str(target)!r}, 'w').write(sys.stdin.read())"]
    config(home).write_text(f"[notify]\nbell = true\nwebhook = 'json'\ncommand = {json.dumps(command)}\n")
    assert run(["alerts", "test"]) == 1
    captured = capsys.readouterr()
    assert "command: sent" in captured.out
    assert "webhook json: set TOKENTUI_WEBHOOK_URL in the environment" in captured.err
    assert json.loads(target.read_text())["state"] == "test"


# The watch.


@contextmanager
def watching(*arguments: str) -> Iterator[tuple[subprocess.Popen[str], IO[str], IO[str]]]:
    """A watch that runs, what it says, and what it complains of; ended whatever happens."""
    command = [sys.executable, "-W", "error", "-m", "tokentui", "watch", *arguments]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as watch:
        assert watch.stdout is not None
        assert watch.stderr is not None
        try:
            yield watch, watch.stdout, watch.stderr
        finally:
            watch.kill()


def test_a_watch_without_a_screen_raises_keeps_and_tells(home: Path, capsys: Output) -> None:
    config(home).parent.mkdir()
    target = home / "told.jsonl"
    command = [sys.executable, "-c", f"import sys; open({str(target)!r}, 'a').write(sys.stdin.read())"]
    config(home).write_text(f"[notify]\ncommand = {json.dumps(command)}\n")
    start_storm(home)
    with watching("--json") as (watch, said, complained):
        raised = json.loads(said.readline())
        config(home).write_text("theme = ")
        trouble = complained.readline()
        watch.send_signal(signal.SIGTERM)
        _, rest = watch.communicate(timeout=30)
        assert (watch.returncode, rest) == (0, "")
    assert f"tokentui: {config(home)} is not TOML" in trouble
    assert (raised["state"], raised["rule"], raised["is_new"]) == ("alarm", "agents_at_once", True)
    assert json.loads(target.read_text().splitlines()[0])["evidence"] == raised["evidence"]
    config(home).unlink()
    rows = answer(capsys, "alerts", "list", "-n", "99")["rows"]
    row = next(row for row in rows if row["rule"] == "agents_at_once")
    assert (row["sent"][0]["channel"], row["sent"][0]["error"]) == ("command", "")
    assert run(["alerts", "ack", str(row["id"])]) == 0
    seen = {row["id"]: row["acknowledged_at"] for row in answer(capsys, "alerts", "list", "-n", "99")["rows"]}
    assert [number for number, at in seen.items() if at] == [row["id"]]


def test_a_watch_whose_lines_nobody_reads_still_tells_and_stops(home: Path) -> None:
    target = home / "told.fifo"
    os.mkfifo(target)
    command = [sys.executable, "-c", f"import sys; open({str(target)!r}, 'w').write(sys.stdin.read())"]
    config(home).parent.mkdir()
    config(home).write_text(f"[notify]\ncommand = {json.dumps(command)}\n")
    read, write = os.pipe()
    _fill(write)
    start_storm(home)
    with subprocess.Popen([sys.executable, "-m", "tokentui", "watch"], stdout=write, stderr=subprocess.PIPE) as watch:
        try:
            assert "agents" in target.read_text()  # waits until the command tells of the alarm
            watch.send_signal(signal.SIGTERM)
            assert watch.wait(timeout=30) == 0
        finally:
            watch.kill()
            os.close(read)
            os.close(write)


def _fill(pipe: int) -> None:
    """Write to a pipe until it takes no more."""
    os.set_blocking(pipe, False)
    with suppress(BlockingIOError):
        while True:
            os.write(pipe, bytes(4096))
    os.set_blocking(pipe, True)


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGHUP, 129)])
def test_a_watch_that_is_interrupted_tells_by_what(home: Path, number: signal.Signals, code: int) -> None:
    start_storm(home)
    with watching() as (watch, said, _):
        assert " alarm agents_at_once: 1" in said.readline()
        watch.send_signal(number)
        watch.communicate(timeout=30)
        assert watch.returncode == code


def test_a_watch_that_nohup_started_outlives_a_hang_up(home: Path) -> None:
    start_storm(home)
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)  # as a program inherits it
    try:
        with watching() as (watch, said, complained):
            said.readline()
            watch.send_signal(signal.SIGHUP)
            config(home).write_text("theme = ")
            assert "is not TOML" in complained.readline()
            watch.send_signal(signal.SIGTERM)
            watch.communicate(timeout=30)
            assert watch.returncode == 0
    finally:
        signal.signal(signal.SIGHUP, before)


def test_a_watch_that_cannot_work_says_why(home: Path) -> None:
    (home / "state").mkdir()
    (home / "state" / "tokentui.db").write_text("no database, but long enough to be taken for one")
    with watching() as (watch, _, complained):
        assert "is not a database" in complained.read()
        assert watch.wait(30) == 1
