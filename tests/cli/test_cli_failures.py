"""The command line when things go wrong: one line that says what, where and how to mend it; nothing good is lost."""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from tests.kit.answer_logs import Answer, session_id, write_logs
from tests.kit.command_line import NEW, Output, failure, totals
from tests.kit.permissions import permissions_that_bind
from tokentui import fresh
from tokentui.cli.run import run
from tokentui.records import Tokens
from tokentui.store import database


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["reprot"], "'reprot' is neither a command nor a directory; did you mean `report`?"),
        (["/no/such/place"], "neither a command nor a directory"),
        (["--nonsense"], "No such option '--nonsense'. (see `tokentui --help`)"),
        (["budget"], "Missing command. (see `tokentui budget --help`)"),
        (["alerts"], "Missing command. (see `tokentui alerts --help`)"),
        (["report", "--by", "year"], "'year' is not one of"),
        (["report", "--since", "soon"], "'soon' is no moment"),
        (["report", "--since", "today", "--until", "yesterday"], "--until yesterday is not after --since today"),
        (["report", "--tz", "Mars/Olympus"], "time zone 'Mars/Olympus' is not known: give a name such as Europe/"),
        (["report", "--frob"], "No such option '--frob'"),
        (["--frob"], "No such option '--frob'"),
        (["report", "extra"], "unexpected extra argument"),
    ],
)
def test_wrong_usage_is_one_line_that_names_the_help(
    home: Path, output: Output, arguments: list[str], said: str
) -> None:
    assert run(arguments) == 2
    line = failure(output)
    assert said in line
    assert "--help`)" in line


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (["report", "--session", ""], "--session"),
        (["report", "--project="], "--project"),
        (["export", "responses", "--since", ""], "--since"),
        (["report", "--tz", ""], "--tz"),
        (["session", ""], "an argument"),
        ([""], "an argument"),
    ],
)
def test_what_is_empty_is_not_taken_for_everything(
    home: Path, output: Output, arguments: list[str], named: str
) -> None:
    assert run(arguments) == 2
    assert failure(output).startswith(f"tokentui: {named} is empty, as from a variable that is not set: ")


@pytest.mark.parametrize("closed", ["<&-", ">&-", "2>&-", "<&- >&- 2>&-"])
def test_closed_streams_are_no_failure(home: Path, closed: str) -> None:
    for arguments in ("", "report", "doctor"):
        command = f'exec "$0" -W error -m tokentui {arguments} {closed}'
        ended = subprocess.run(["/bin/sh", "-c", command, sys.executable], capture_output=True, text=True, check=False)
        assert (ended.returncode, ended.stderr) == (0, "")


def test_a_mistake_in_the_configuration_is_named_with_its_line(home: Path, output: Output) -> None:
    (home / "state").mkdir()
    (home / "state" / "config.toml").write_text('\n[[budgets]]\nname = "a"\nlimit = 0\nwindow = "day"')
    assert run(["report"]) == 1
    assert f"{home}/state/config.toml:4: budgets[1].limit: should be greater than 0" in failure(output)


def test_every_mistake_in_the_configuration_is_named(home: Path, output: Output) -> None:
    (home / "state").mkdir()
    (home / "state" / "config.toml").write_text(
        'interval = 0\n[notify]\nbell = 3\n[[prices]]\nmodel = "x"\ninput = "y"'
    )
    assert run(["report"]) == 1
    said = output.readouterr().err.splitlines()
    assert [line.split(": ")[:3] for line in said] == [
        ["tokentui", f"{home}/state/config.toml:{line}", name]
        for line, name in ((1, "interval"), (3, "notify.bell"), (6, "prices[1].input"))
    ]
    assert run(["doctor"]) == 1
    text = output.readouterr().out
    assert all(line.removeprefix("tokentui: ") in text for line in said)


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


def test_a_file_that_is_no_database_is_refused(home: Path, output: Output) -> None:
    (home / "state").mkdir()
    (home / "state" / "tokentui.db").write_bytes(b"not a database, but long enough to look at" * 10)
    assert run(["report"]) == 1
    assert "is not a database; move it away" in failure(output)


def test_a_directory_where_the_database_should_be(home: Path, output: Output) -> None:
    (home / "state" / "tokentui.db").mkdir(parents=True)
    for command in (["report"], ["ingest"], []):
        assert run(command) == 1
        assert "tokentui.db is a directory; move it away" in failure(output)


def test_state_that_cannot_be_made(home: Path, output: Output) -> None:
    (home / "state").write_text("a file where the directory should be")
    assert run(["report"]) == 1
    assert f"{home}/state" in failure(output)


def test_a_locked_database_answers_with_what_is_stored(
    home: Path, output: Output, monkeypatch: pytest.MonkeyPatch
) -> None:
    totals(output)
    write_logs(home / "claude", [NEW])
    monkeypatch.setattr(fresh, "SHORT_WAIT_SECONDS", 0.02)
    with closing(sqlite3.connect(home / "state" / "tokentui.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        assert run(["report", "--json"]) == 0
    captured = output.readouterr()
    assert json.loads(captured.out)["totals"]["responses"] == 60
    assert "is locked by another program; close it and try again; showing what is stored" in captured.err
    assert totals(output)["responses"] == 61


def test_a_read_only_database_answers_with_what_is_stored(home: Path, output: Output) -> None:
    run(["report"])
    output.readouterr()
    state = home / "state"
    state.chmod(0o555)
    (state / "tokentui.db").chmod(0o444)
    with permissions_that_bind():
        assert run(["report", "--json"]) == 0
    captured = output.readouterr()
    assert captured.err == ""
    assert json.loads(captured.out)["totals"]["responses"] == 60
    write_logs(home / "claude", [NEW])
    with permissions_that_bind():
        assert run(["report", "--json"]) == 0
    captured = output.readouterr()
    assert "cannot be written; check its permissions" in captured.err
    assert json.loads(captured.out)["totals"]["responses"] == 60
    state.chmod(0o755)
    (state / "tokentui.db").chmod(0o644)
    assert totals(output)["responses"] == 61


def test_what_cannot_be_read_is_named_and_the_rest_counts(home: Path, output: Output) -> None:
    write_logs(home / "claude", [NEW, Answer(1001, NEW.at, NEW.model, Tokens(3, 4), session_id(1), "/work/shut")])
    shut = home / "claude" / "projects" / "-work-shut"
    log = next((home / "claude" / "projects" / "-work-new").iterdir())
    shut.chmod(0)
    log.chmod(0)
    with permissions_that_bind():
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

    monkeypatch.setattr("tokentui.cli.report.reporting", fail)
    assert run(["report"]) == 1
    log = home / "state" / "tokentui.log"
    assert f"(ValueError: made to fail); please report it with the end of {log}" in failure(output)
    assert "Traceback" in log.read_text()


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no device that is always full")
@pytest.mark.parametrize("arguments", [["report"], ["export", "responses"]])
def test_output_that_cannot_be_written_is_one_line(home: Path, arguments: list[str]) -> None:
    with Path("/dev/full").open("w") as full:
        ended = subprocess.run(
            [sys.executable, "-m", "tokentui", *arguments], stdout=full, stderr=subprocess.PIPE, text=True, check=False
        )
    assert ended.returncode == 1
    assert ended.stderr.splitlines() == [
        "tokentui: the output cannot be written, the disk is full; free some space and run it again"
    ]


def test_a_history_that_may_not_be_read_is_named(home: Path, output: Output) -> None:
    totals(output)
    (home / "state" / "tokentui.db").chmod(0)
    with permissions_that_bind():
        assert run(["report"]) == 1
    assert "tokentui.db cannot be read; check its permissions" in failure(output)


def test_a_directory_that_may_not_be_entered_is_named(home: Path, output: Output) -> None:
    shut = home / "claude"
    shut.chmod(0)
    with permissions_that_bind():
        assert run(["report"]) == 0
        assert f"{shut}/projects cannot be read (Permission denied); see `tokentui doctor`" in output.readouterr().err
        assert run(["doctor"]) == 0
    shut.chmod(0o755)
    text = output.readouterr().out
    assert f"  {shut}/projects: cannot be read (Permission denied)\n" in text
    assert "a directory cannot be read (Permission denied)" in text


def test_state_that_may_not_be_entered_is_named(home: Path, output: Output) -> None:
    run(["report"])
    output.readouterr()
    state = home / "state"
    state.chmod(0)
    with permissions_that_bind():
        assert run(["report"]) == 1
        assert "config.toml cannot be read (Permission denied): check its permissions" in output.readouterr().err
        assert run(["statusline"]) == 0
        assert run(["doctor"]) == 1
    state.chmod(0o755)
    assert "✖ " + str(state / "tokentui.db") + " cannot be written" in output.readouterr().out


def test_an_interrupt_while_it_is_loaded_is_no_traceback() -> None:
    code = """if True:
        import sys
        from tokentui.__main__ import main
        class Loading:
            def __getattr__(self, name):
                raise KeyboardInterrupt
        sys.modules["tokentui.cli.run"] = Loading()
        main()
    """
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (ended.returncode, ended.stdout, ended.stderr) == (130, "", "")


def test_a_file_where_the_home_should_be_is_named(home: Path, output: Output) -> None:
    (home / "state").write_text("a file")
    assert run(["report"]) == 1
    assert f"tokentui.db cannot be opened ({home / 'state'} is no directory); check its directory" in failure(output)
    assert run(["budget", "set", "day", "3"]) == 1
    assert f"config.toml cannot be changed ({home / 'state'} is no directory): check" in failure(output)
