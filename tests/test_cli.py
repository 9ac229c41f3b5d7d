"""The command line: what is printed where, exit codes, what is loaded, and every way in which it can go wrong."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tests.made_up_logs import UNKNOWN, Answer, session_id, some_answers, write_logs
from tokentui import __version__, workspace
from tokentui.cli import ingest
from tokentui.cli.run import run
from tokentui.ingest import catch_up
from tokentui.ingest.catch_up import Progress
from tokentui.records import Tokens
from tokentui.store import database
from tokentui.transcripts.file_system import file_system_of

ANSWERS = some_answers(60, datetime(2026, 11, 20, tzinfo=UTC), timedelta(hours=30))
NEW = Answer(999, datetime(2026, 11, 21, 12, tzinfo=UTC), "claude-haiku-4-5", Tokens(1, 2), session_id(9), "/work/new")
Output = pytest.CaptureFixture[str]


@pytest.fixture
def output(capsys: Output) -> Output:
    return capsys


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """State and logs of this test alone."""
    monkeypatch.setenv("TOKENTUI_HOME", str(tmp_path / "state"))
    monkeypatch.setenv("CLAUDE_CONFIG_DIR", str(tmp_path / "claude"))
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("TZ", "UTC")
    write_logs(tmp_path / "claude", ANSWERS)
    return tmp_path


def totals(output: Output) -> dict[str, Any]:
    assert run(["report", "--json"]) == 0
    value = json.loads(output.readouterr().out)["totals"]
    assert isinstance(value, dict)
    return value


def failure(output: Output) -> str:
    """What was said on standard error: one line, and nothing on standard output."""
    captured = output.readouterr()
    assert captured.out == ""
    assert captured.err.startswith("tokentui: ")
    assert captured.err.count("\n") == 1
    return captured.err


def real(*arguments: str, **options: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-W", "error", "-m", "tokentui", *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=30, check=False, **options)  # type: ignore[call-overload,no-any-return]


# What it prints.


def test_version(output: Output) -> None:
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


def test_ingest_can_be_interrupted_and_goes_on(home: Path, output: Output, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(catch_up, "BATCH_BYTES", 1_000)
    monkeypatch.setattr(ingest.ProgressBar, "show", lambda *_: os.kill(os.getpid(), signal.SIGINT))
    assert run(["ingest"]) == 130
    said = output.readouterr().err
    assert said.startswith("stopped; ")
    assert "left for the next run" in said
    with closing(sqlite3.connect(home / "state" / "tokentui.db")) as connection:
        assert 0 < connection.execute("SELECT count(*) FROM response").fetchone()[0] < 60
    assert totals(output)["responses"] == 60


def test_the_progress_bar() -> None:
    half = Progress(10, 5, 2_000_000, 1_000_000, 5, 1, 3.0)
    assert ingest.bar_text(half) == "████████████░░░░░░░░░░░░  50%  1.0 MB of 2.0 MB  3.0s left  Ctrl-C stops"
    assert "100%" in ingest.bar_text(Progress(0, 0, 0, 0, 0, 0, 0.0))


def test_demo_plays_on_state_of_its_own(
    home: Path, output: Output, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(temporary))
    assert run(["demo"]) == 0
    text = output.readouterr().out
    assert "made up" in text
    assert "claude-opus" in text
    assert not (home / "state").exists()
    assert list(temporary.iterdir()) == []


def test_new_prices_hold_at_once_for_all_that_is_stored(home: Path, output: Output) -> None:
    before = totals(output)
    (home / "state" / "config.toml").write_text(f'[[prices]]\nmodel = "{UNKNOWN}"\ninput = 1\noutput = 1')
    after = totals(output)
    assert (before["unpriced_responses"], after["unpriced_responses"]) == (18, 0)
    assert Decimal(after["cost_usd"]) > Decimal(before["cost_usd"])
    (home / "state" / "config.toml").unlink()
    assert totals(output) == before


# Doctor.


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


def test_doctor_says_where_it_looked_in_vain(home: Path, output: Output, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CLAUDE_CONFIG_DIR", f"{home}/nowhere,{home}/empty")
    assert run(["doctor"]) == 0
    text = output.readouterr().out
    assert f"{home}/nowhere/projects: not there" in text
    assert "no session logs were found" in text
    assert "a directory that was named does not exist" in text


def test_doctor_sees_wrong_sums(home: Path, output: Output) -> None:
    assert totals(output)["responses"] == 60
    with closing(sqlite3.connect(home / "state" / "tokentui.db")) as connection:
        connection.execute("UPDATE usage_quarter SET output_tokens = output_tokens + 1")
        connection.commit()
    assert run(["doctor"]) == 1
    assert "quarter-hour sums differ from the responses in output_tokens" in output.readouterr().out


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


# What goes wrong.


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["reprot"], "'reprot' is neither a command nor a directory; did you mean `report`?"),
        (["/no/such/place"], "neither a command nor a directory"),
        (["report", "--by", "year"], "'year' is not one of"),
        (["report", "--since", "soon"], "'soon' is no moment"),
        (["report", "--since", "today", "--until", "yesterday"], "--until yesterday is not after --since today"),
        (["report", "--tz", "Mars/Olympus"], "time zone 'Mars/Olympus' is not known: give a name such as Europe/"),
        (["report", "--frob"], "No such option '--frob'"),
        (["--frob"], "No such option '--frob'"),
        (["report", "extra"], "unexpected extra argument"),
    ],
)
def test_wrong_usage(home: Path, output: Output, arguments: list[str], said: str) -> None:
    assert run(arguments) == 2
    line = failure(output)
    assert said in line
    assert "--help`)" in line


def test_a_bad_configuration(home: Path, output: Output) -> None:
    (home / "state").mkdir()
    (home / "state" / "config.toml").write_text('\n[[budgets]]\nname = "a"\nlimit = 0\nwindow = "day"')
    assert run(["report"]) == 1
    assert f"{home}/state/config.toml:4: budgets[1].limit: should be greater than 0" in failure(output)


def test_a_database_of_another_program(home: Path, output: Output) -> None:
    (home / "state").mkdir()
    with closing(sqlite3.connect(home / "state" / "tokentui.db")) as connection:
        connection.execute("CREATE TABLE theirs (id)")
        connection.commit()
    before = (home / "state" / "tokentui.db").read_bytes()
    assert run(["report"]) == 1
    assert "is a database of another program; move it away" in failure(output)
    assert (home / "state" / "tokentui.db").read_bytes() == before


def test_a_database_of_a_newer_tokentui(home: Path, output: Output) -> None:
    totals(output)
    with closing(sqlite3.connect(home / "state" / "tokentui.db")) as connection:
        connection.execute(f"PRAGMA user_version = {database.CURRENT_VERSION + 1}")
    for command in (["report"], ["ingest"], []):
        assert run(command) == 1
        assert "was written by a newer tokentui" in failure(output)


def test_no_database_at_all(home: Path, output: Output) -> None:
    (home / "state").mkdir()
    (home / "state" / "tokentui.db").write_bytes(b"not a database, but long enough to look at" * 10)
    assert run(["report"]) == 1
    assert "is not a database; move it away" in failure(output)


def test_state_that_cannot_be_made(home: Path, output: Output) -> None:
    (home / "state").write_text("a file where the directory should be")
    assert run(["report"]) == 1
    assert f"{home}/state" in failure(output)


def test_a_locked_database_answers_with_what_is_stored(
    home: Path, output: Output, monkeypatch: pytest.MonkeyPatch
) -> None:
    totals(output)
    write_logs(home / "claude", [NEW])
    monkeypatch.setattr(workspace, "SHORT_WAIT_SECONDS", 0.02)
    with closing(sqlite3.connect(home / "state" / "tokentui.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        assert run(["report", "--json"]) == 0
    captured = output.readouterr()
    assert json.loads(captured.out)["totals"]["responses"] == 60
    assert "is locked by another program; close it and try again; showing what is stored" in captured.err
    assert totals(output)["responses"] == 61


@contextmanager
def as_nobody() -> Iterator[None]:
    """Permissions mean nothing to root: for a while, be nobody."""
    is_root = os.geteuid() == 0
    if is_root:
        os.seteuid(65534)
    try:
        yield
    finally:
        if is_root:
            os.seteuid(0)


@pytest.fixture
def open_home(home: Path) -> Iterator[Path]:
    """The same home, reachable for everybody."""
    passed = [folder for folder in home.parents if folder.stat().st_uid == os.geteuid() and folder != Path("/")]
    modes = {folder: folder.stat().st_mode for folder in (home, *passed)}
    for folder, mode in modes.items():
        folder.chmod(mode | 0o055)
    yield home
    for folder, mode in modes.items():
        folder.chmod(mode)


def test_a_read_only_database_answers_with_what_is_stored(open_home: Path, output: Output) -> None:
    run(["report"])  # whatever a table needs is loaded now, while that is allowed
    output.readouterr()
    state = open_home / "state"
    state.chmod(0o555)
    (state / "tokentui.db").chmod(0o444)
    with as_nobody():
        assert run(["report", "--json"]) == 0
    captured = output.readouterr()
    assert captured.err == ""
    assert json.loads(captured.out)["totals"]["responses"] == 60
    write_logs(open_home / "claude", [NEW])
    with as_nobody():
        assert run(["report", "--json"]) == 0
    captured = output.readouterr()
    assert "cannot be written; check its permissions" in captured.err
    assert json.loads(captured.out)["totals"]["responses"] == 60
    state.chmod(0o755)
    (state / "tokentui.db").chmod(0o644)
    assert totals(output)["responses"] == 61


def test_what_cannot_be_read_is_named_and_the_rest_counts(open_home: Path, output: Output) -> None:
    run(["doctor"])  # whatever it needs is loaded now, while that is allowed
    output.readouterr()
    write_logs(open_home / "claude", [NEW, Answer(1001, NEW.at, NEW.model, Tokens(3, 4), session_id(1), "/work/shut")])
    state = open_home / "state"
    state.chmod(0o777)
    for file in state.iterdir():
        file.chmod(0o666)
    shut = open_home / "claude" / "projects" / "-work-shut"
    log = next((open_home / "claude" / "projects" / "-work-new").iterdir())
    shut.chmod(0)
    log.chmod(0)
    with as_nobody():
        assert run(["report", "--json"]) == 0
        said = output.readouterr()
        assert json.loads(said.out)["totals"]["responses"] == 60
        assert f"{shut} and 1 more cannot be read (Permission denied); see `tokentui doctor`" in said.err
        assert run(["doctor"]) == 0
        text = output.readouterr().out
    assert "a directory cannot be read (Permission denied)" in text
    assert f"check its permissions: ls -ld '{shut}'" in text
    assert f"check its permissions: ls -l '{log}'" in text
    shut.chmod(0o755)
    log.chmod(0o644)
    assert totals(output)["responses"] == 62


def test_a_fault_of_our_own_is_one_line_and_a_log(home: Path, output: Output, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise ValueError("made to fail")

    monkeypatch.setattr("tokentui.cli.report.report", fail)
    assert run(["report"]) == 1
    log = home / "state" / "tokentui.log"
    assert f"(ValueError: made to fail); please report it with the end of {log}" in failure(output)
    assert "Traceback" in log.read_text()


# The real program.

UNWANTED = ("textual", "rich", "genai_prices", "sqlite_utils", "httpx", "pydantic", "watchfiles", "msgspec")
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
    write_logs(home / "claude", [replace(NEW, model="claude-sonnet-4-6")])
    assert loaded_by("report", "--json") == "['genai_prices', 'msgspec', 'pydantic'] 0"  # a model not met before
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
