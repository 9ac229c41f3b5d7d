"""The command line: what is printed where, with which exit code, and what is loaded for it."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from tests.kit.answer_logs import UNKNOWN, Answer, session_id, write_logs
from tests.kit.command_line import ANSWERS, NEW, Output, totals
from tokentui import __version__
from tokentui.cli import ingest
from tokentui.cli.report import MOST_ROWS
from tokentui.cli.run import run
from tokentui.ingest import batches
from tokentui.ingest.catch_up import Progress
from tokentui.records import Tokens


def real(*arguments: str, **options: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-W", "error", "-m", "tokentui", *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=30, check=False, **options)  # type: ignore[call-overload,no-any-return]


def test_the_version_is_one_line(output: Output) -> None:
    assert run(["--version"]) == 0
    assert output.readouterr().out == f"tokentui {__version__}\n"


def test_help_names_every_command(output: Output) -> None:
    assert run(["--help"]) == 0
    text = output.readouterr().out
    assert all(f"  {name}" in text for name in ("demo", "report", "ingest", "doctor"))
    assert "monitor" not in text.partition("Commands:")[2]
    for name in ("demo", "report", "ingest", "doctor"):
        assert run([name, "--help"]) == 0
        assert f"Usage: tokentui {name}" in output.readouterr().out


def test_report_catches_up_first(home: Path, output: Output) -> None:
    assert totals(output)["responses"] == 60
    write_logs(home / "claude", [NEW])
    assert totals(output)["responses"] == 61


@pytest.mark.usefixtures("home")
@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--until", "2020-01-01"], "Nothing was used in this range. `tokentui doctor` shows which logs were found.\n"),
        (
            ["--model", "opsu"],
            "Nothing in this range matches; see `tokentui report --by model` for what there is.\n",
        ),
        (
            ["--project", "no", "--session", "such"],
            "Nothing in this range matches; see `tokentui report --by project` and `tokentui report --by session` "
            "for what there is.\n",
        ),
    ],
)
def test_an_empty_report_says_where_to_look(output: Output, arguments: list[str], told: str) -> None:
    assert run(["report", *arguments]) == 0
    assert output.readouterr().out == told


def test_report_filters_and_forms(home: Path, output: Output) -> None:
    wanted = [a for a in ANSWERS if a.model == UNKNOWN and a.at >= datetime(2026, 11, 20, 18, 30, tzinfo=UTC)]
    arguments = ["report", "--by", "model", "--model", "HOUSE", "--tz", "Asia/Kolkata", "--since", "2026-11-21"]
    assert run([*arguments, "--json"]) == 0
    value = json.loads(output.readouterr().out)
    assert value["totals"]["responses"] == len(wanted) > 0
    assert value["time_zone"] == "Asia/Kolkata"
    assert run([*arguments, "--csv"]) == 0
    assert output.readouterr().out.splitlines()[1].startswith(f"{UNKNOWN},{len(wanted)},")
    assert run(arguments) == 0
    assert f"No known price for {UNKNOWN} ({len(wanted)})" in output.readouterr().out


def test_a_table_stops_at_a_thousand_rows_until_every_one_is_asked_for(
    home: Path, output: Output, monkeypatch: pytest.MonkeyPatch
) -> None:
    moments = [datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=n) for n in range(MOST_ROWS + 5)]
    answers = [Answer(n, at, "claude-opus-5", Tokens(1, 1), session_id(1), "/w") for n, at in enumerate(moments)]
    write_logs(home / "many", answers)
    monkeypatch.setenv("CLAUDE_CONFIG_DIR", str(home / "many"))
    printed = {}
    for form in ("", "--all", "--json", "--json --all", "--all --json"):
        assert run(["report", "--by", "minute", *form.split()]) == 0
        printed[form] = output.readouterr().out
    in_tables = [sum(line.startswith("2026-") for line in printed[form].splitlines()) for form in ("", "--all")]
    assert in_tables == [MOST_ROWS, len(moments)]
    in_json = [len(json.loads(text)["rows"]) for form, text in printed.items() if "--json" in form]
    assert in_json == [len(moments)] * 3


def test_without_a_terminal_the_monitor_is_todays_report(home: Path, output: Output) -> None:
    now = datetime.now(UTC)
    write_logs(home / "claude", [Answer(1000, now, "claude-haiku-4-5", Tokens(7, 8), session_id(1), "/w")])
    assert run([]) == 0
    assert "claude-haiku-4-5" in output.readouterr().out
    assert run([str(home / "claude")]) == 0
    assert "estimate at list price" in output.readouterr().out


def test_a_directory_on_the_line_is_read_instead(home: Path, output: Output) -> None:
    other = home / "other"
    write_logs(other, [Answer(1, datetime.now(UTC), "claude-opus-5", Tokens(1, 1), session_id(1), "/w")])
    assert run([str(other)]) == 0
    table = output.readouterr().out
    assert "claude-opus-5" in table
    with closing(sqlite3.connect(home / "state" / "tokentui.db")) as connection:
        assert connection.execute("SELECT count(*) FROM response").fetchone() == (1,)


def test_directories_can_be_set(home: Path, output: Output, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CLAUDE_CONFIG_DIR")
    (home / "state").mkdir()
    (home / "state" / "config.toml").write_text(f'directories = ["{home / "claude"}"]\ntime_zone = "Asia/Tokyo"')
    assert totals(output)["responses"] == 60


def test_ingest_says_what_it_read(home: Path, output: Output) -> None:
    assert run(["ingest"]) == 0
    captured = output.readouterr()
    assert captured.out == ""
    assert captured.err.startswith("60 new responses from 5 logs with news (")
    assert run(["ingest"]) == 0
    assert output.readouterr().err.startswith("0 new responses from 0 logs")


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_ingest_can_be_interrupted_and_goes_on(
    home: Path, output: Output, monkeypatch: pytest.MonkeyPatch, number: signal.Signals, code: int
) -> None:
    monkeypatch.setattr(batches, "BATCH_BYTES", 1_000)
    monkeypatch.setattr(ingest.ProgressBar, "show", lambda *_: os.kill(os.getpid(), number))
    assert run(["ingest"]) == code
    said = output.readouterr().err
    assert said.startswith("stopped; ")
    assert "left for the next run" in said
    with closing(sqlite3.connect(home / "state" / "tokentui.db")) as connection:
        assert 0 < connection.execute("SELECT count(*) FROM response").fetchone()[0] < 60
    assert totals(output)["responses"] == 60


def test_the_progress_bar() -> None:
    half = Progress(5, 2_000_000, 1_000_000, 5, 1, 3.0)
    assert ingest.bar_text(half) == "████████████░░░░░░░░░░░░  50%  1.0 MB of 2.0 MB  3.0s left  Ctrl-C stops"
    assert "100%" in ingest.bar_text(Progress(0, 0, 0, 0, 0, 0.0))


def test_demo_plays_on_state_of_its_own(
    home: Path, output: Output, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(temporary))
    monkeypatch.setenv("TZ", f"EVE{datetime.now(UTC).hour - 18}")  # evening: the report is of a day that has passed
    assert run(["demo"]) == 0
    text = output.readouterr().out
    assert "made up" in text
    assert "claude-opus" in text
    assert not (home / "state").exists()
    assert list(temporary.iterdir()) == []


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_demo_that_is_killed_while_it_starts_leaves_nothing_behind(
    home: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, number: signal.Signals
) -> None:
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(temporary))
    monkeypatch.setattr("tokentui.cli.demo.write_history", lambda *_, **__: os.kill(os.getpid(), number))
    with pytest.raises(SystemExit) as ended:
        run(["demo"])
    assert ended.value.code == 128 + number
    assert list(temporary.iterdir()) == []


def test_new_prices_hold_at_once_for_all_that_is_stored(home: Path, output: Output) -> None:
    before = totals(output)
    (home / "state" / "config.toml").write_text(f'[[prices]]\nmodel = "{UNKNOWN}"\ninput = 1\noutput = 1')
    after = totals(output)
    assert (before["unpriced_responses"], after["unpriced_responses"]) == (18, 0)
    assert Decimal(after["cost_usd"]) > Decimal(before["cost_usd"])
    (home / "state" / "config.toml").unlink()
    assert totals(output) == before


UNWANTED = (
    "textual",
    "rich",
    "genai_prices.types",
    "sqlite_utils",
    "httpx",
    "httpx2",
    "pydantic",
    "watchfiles",
    "msgspec",
)
LOADED = """
import sys
from tokentui.cli.run import run
code = run({arguments})
print(sorted(set({unwanted}) & set(sys.modules)), code, file=sys.stderr)
"""


def loaded_by(*arguments: str) -> str:
    script = LOADED.format(arguments=list(arguments), unwanted=UNWANTED)
    return real_script(script).stderr.strip()


def real_script(script: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-W", "error", "-c", script]
    return subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)


def test_nothing_is_loaded_that_is_not_needed(home: Path, output: Output) -> None:
    assert loaded_by("--version") == "[] 0"
    totals(output)
    assert loaded_by("report", "--json") == "[] 0"
    assert loaded_by("report", "--by", "day", "--csv", "--since", "7d") == "[] 0"
    assert loaded_by("statusline").endswith("\n[] 0")  # below the reason: nothing on standard input
    assert loaded_by("budget", "check", "--quiet").startswith("[]")
    write_logs(home / "claude", [replace(NEW, model="claude-sonnet-4-6")])
    assert loaded_by("report", "--json") == "['genai_prices.types', 'msgspec', 'pydantic'] 0"  # a model not met before
    write_logs(home / "claude", [replace(NEW, number=1000, model="claude-sonnet-4-6")])
    assert loaded_by("report", "--json") == "['msgspec'] 0"


def test_a_closed_pipe_is_no_failure(home: Path) -> None:
    command = [sys.executable, "-W", "error", "-m", "tokentui", "report", "--by", "minute", "--json"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout
        assert process.stderr
        process.stdout.close()
        assert process.stderr.read() == ""
        assert process.wait(30) == 0


def test_colour_stays_out_of_pipes(home: Path) -> None:
    done = real("report", "--by", "session")
    assert done.returncode == 0
    assert "\x1b" not in done.stdout
    assert session_id(1) in done.stdout
    assert done.stderr == ""


def test_signs_that_the_output_lacks_are_no_failure(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONIOENCODING", "ascii")
    done = real("report", "--by", "model")
    assert (done.returncode, done.stderr) == (0, "")
    assert "?" in done.stdout
