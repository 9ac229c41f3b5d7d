"""The real program in a pseudo-terminal: keys, sizes, signals, exit codes, and a terminal that is whole afterwards."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, closing
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import pytest

from tests.kit.terminal import ENTERED, Terminal
from tokentui.ui.terminal.driver import TerminalFile

PROGRAM = (sys.executable, "-m", "tokentui")
SESSION = str(UUID(int=7))
INHERITED = ("PATH", "PYTHONPATH", "VIRTUAL_ENV", "SYSTEMROOT")

Open = Callable[..., Terminal]


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    """State, logs and temporary files of one test alone."""
    (tmp_path / "tmp").mkdir()
    places = {"HOME": tmp_path, "TMPDIR": tmp_path / "tmp", "TOKENTUI_HOME": tmp_path / "state"}
    kept = {name: os.environ[name] for name in INHERITED if name in os.environ}
    return {**kept, "LANG": "C.UTF-8", "TZ": "UTC", **{name: str(path) for name, path in places.items()}}


@pytest.fixture
def logs(tmp_path: Path) -> Path:
    """One session with one response of just now."""
    log = tmp_path / ".claude" / "projects" / "-work-orchard" / f"{SESSION}.jsonl"
    log.parent.mkdir(parents=True)
    log.write_text(title("plant the first trees") + response(1))
    return log


@pytest.fixture
def terminal(environment: dict[str, str]) -> Iterator[Open]:
    """Opens terminals and closes them afterwards."""
    with ExitStack() as opened:

        def start(
            *arguments: str,
            size: tuple[int, int] = (120, 36),
            command: Sequence[str] = PROGRAM,
            is_controlling: bool = True,
        ) -> Terminal:
            screen = Terminal([*command, *arguments], environment, *size, is_controlling=is_controlling)
            return opened.enter_context(closing(screen))

        yield start


def title(text: str) -> str:
    return json.dumps({"type": "custom-title", "customTitle": text, "sessionId": SESSION}) + "\n"


def response(number: int) -> str:
    at = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    usage = {"input_tokens": 3, "output_tokens": 200, "cache_read_input_tokens": 40_000}
    message = {"id": f"msg_{number}", "model": "claude-opus-4-8", "stop_reason": "end_turn", "usage": usage}
    line = {"type": "assistant", "uuid": f"u-{number}", "sessionId": SESSION, "requestId": f"req_{number}"}
    return json.dumps({**line, "timestamp": at, "cwd": "/work/orchard", "message": message}) + "\n"


class TestTheMonitor:
    def test_it_opens_follows_and_leaves_the_terminal_whole(self, terminal: Open, logs: Path) -> None:
        screen = terminal()
        screen.wait_for("LIVE · 1h · by rate ▼ · 1 source ")
        screen.wait_for("plant the first trees")
        with logs.open("a") as log:
            log.write(title("water the trees") + response(2))
        screen.wait_for("water the trees")
        screen.send("/quick\r")  # in one burst: no letter of it may act as a key of the table
        screen.wait_for("filter: quick")
        screen.send("\x1b")
        screen.wait_for("filter: quick", gone=True)
        assert screen.quit() == 0
        assert b"\x1b[?1049h" in screen.written
        assert screen.changes_left() == []

    def test_escape_climbs_back_from_a_response(self, terminal: Open, logs: Path) -> None:
        screen = terminal()
        screen.wait_for("plant the first trees")
        for below in ("agents · 1", "responses · 1", "msg_1"):
            screen.send("\r")
            screen.wait_for(below)
        for gone in ("msg_1", "responses · 1", "agents · 1"):
            screen.send("\x1b")
            screen.wait_for(gone, gone=True)
        screen.wait_for("6 sessions")
        assert screen.quit() == 0

    def test_it_fits_itself_to_the_terminal(self, terminal: Open, logs: Path) -> None:
        screen = terminal(size=(120, 36))
        screen.wait_for("2 tokens/min")
        screen.resize(60, 20)
        screen.wait_for("fresh/min")
        screen.resize(39, 11)
        screen.wait_for("needs 40×12, have 39×11")
        screen.resize(120, 36)
        screen.wait_for("2 tokens/min")
        assert screen.quit() == 0

    def test_it_says_that_the_terminal_is_too_small_from_the_start(self, terminal: Open, logs: Path) -> None:
        screen = terminal(size=(30, 8))
        screen.wait_for("needs 40×12")
        assert screen.quit() == 0
        assert screen.changes_left() == []

    def test_letters_go_into_the_filter_and_control_keys_past_it(self, terminal: Open, logs: Path) -> None:
        screen = terminal()
        screen.wait_for("plant the first trees")
        screen.send("/")
        screen.wait_for("keep filter")
        screen.send("quince")
        screen.wait_for("0 of 1 session match `quince`")
        assert screen.quit("\x11") == 0
        assert screen.changes_left() == []

    def test_keys_that_come_in_one_burst_take_effect_in_their_order(self, terminal: Open, logs: Path) -> None:
        screen = terminal()
        screen.wait_for("plant the first trees")
        screen.send(
            "/quixx\x7f\x7fnec\x1b[D\x1b[D\x1b[3~\x1b[Ce"
        )  # Backspace, cursor keys and Delete among the letters
        screen.wait_for("0 of 1 session match `quince`")
        assert screen.quit("\x11") == 0

    def test_pasted_text_is_text_whatever_is_in_it(self, terminal: Open, logs: Path) -> None:
        screen = terminal()
        screen.wait_for("plant the first trees")
        screen.send("\x1b[200~q\x1b[31m q and some more q\x1b[201~")  # on the dashboard nothing takes it
        screen.send("/")
        screen.wait_for("keep filter")
        screen.send("\x1b[200~qu\x1b[31mince\x1b\nq\x1b[201~")
        screen.wait_for("0 of 1 session match `qu[31mince`")
        assert screen.quit("\x11") == 0

    def test_control_c_twice_leaves(self, terminal: Open, logs: Path) -> None:
        screen = terminal()
        screen.wait_for("plant the first trees")
        screen.send("\x03")
        screen.wait_for("Ctrl+C again")
        assert screen.quit("\x03") == 0
        assert screen.changes_left() == []

    @pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT])
    def test_a_kill_leaves_the_terminal_whole(self, terminal: Open, logs: Path, number: signal.Signals) -> None:
        screen = terminal()
        screen.wait_for("plant the first trees")
        os.kill(screen.process_id, number)
        assert screen.wait_for_end() == 128 + number
        assert screen.changes_left() == []

    @pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
    def test_a_kill_ends_it_where_the_terminal_reads_no_more(
        self, terminal: Open, logs: Path, number: signal.Signals
    ) -> None:
        screen = terminal(size=(200, 60))
        screen.wait_for("plant the first trees")
        screen.stop_reading()
        os.kill(screen.process_id, number)
        assert screen.wait_for_end_unread() == 128 + number
        assert "the terminal's settings differ" not in screen.changes_left()

    @pytest.mark.parametrize("keys", ["q", "\x03\x03"])
    def test_so_does_who_leaves_it(self, terminal: Open, logs: Path, keys: str) -> None:
        screen = terminal(size=(200, 60))
        screen.wait_for("plant the first trees")
        screen.stop_reading()
        screen.send(keys)
        assert screen.wait_for_end_unread() == 0

    def test_a_terminal_that_reads_again_shows_what_was_typed_meanwhile(self, terminal: Open, logs: Path) -> None:
        screen = terminal(size=(200, 60))
        screen.wait_for("plant the first trees")
        screen.stop_reading()
        screen.send("?")
        screen.wait_for("Esc closes")
        screen.send("\x1b")
        screen.wait_for("Esc closes", gone=True)
        assert screen.quit() == 0
        assert screen.changes_left() == []

    def test_so_does_a_kill_after_it_was_left(self, terminal: Open, logs: Path) -> None:
        screen = terminal()
        screen.wait_for("plant the first trees")
        screen.hold_output()
        screen.send("q")
        os.kill(screen.process_id, signal.SIGTERM)
        assert screen.wait_for_end_unread() in (0, 128 + signal.SIGTERM)

    @pytest.mark.parametrize("is_told", [True, False], ids=["told by a signal", "told by nobody"])
    def test_it_ends_with_its_terminal(self, terminal: Open, logs: Path, is_told: bool) -> None:
        screen = terminal(is_controlling=is_told)
        screen.wait_for("plant the first trees")
        assert screen.hang_up() == 128 + signal.SIGHUP

    def test_it_shows_with_its_errors_sent_elsewhere(self, terminal: Open, logs: Path) -> None:
        screen = terminal(command=("/bin/sh", "-c", 'exec "$0" -m tokentui 2>/dev/null', sys.executable))
        screen.wait_for("plant the first trees")
        assert screen.quit() == 0
        assert screen.changes_left() == []

    def test_the_shell_gets_the_terminal_back_and_forth(self, terminal: Open, logs: Path) -> None:
        shell = 'set -m; "$0" -m tokentui; clear; echo in the shell; fg'
        screen = terminal(command=("bash", "-c", shell, sys.executable))
        screen.wait_for("plant the first trees")
        screen.send("\x1a")
        screen.wait_until(lambda: b"in the shell" in screen.written, "the shell")
        left = bytes(screen.written).split(b"in the shell")[0]
        assert left.rfind(b"\x1b[?1049l") > left.rfind(ENTERED)
        screen.wait_until(lambda: screen.written.count(ENTERED) == 2, "the monitor to come back")
        for shown in ("LIVE", "1 now", "2 tokens/min", "plant the first trees", "? help"):
            screen.wait_for(shown)
        screen.wait_for("in the shell", gone=True)
        screen.send("s")
        screen.wait_for("by cost")
        assert screen.quit() == 0
        assert screen.changes_left() == []

    def test_a_stop_that_nobody_prepared_for_leaves_the_terminal_whole(self, terminal: Open, logs: Path) -> None:
        screen = terminal()
        screen.wait_for("plant the first trees")
        screen.stop_and_go_on()
        screen.stop_and_go_on()
        screen.send("?")
        screen.wait_for("keys · this table")
        screen.send("\x1b")
        screen.wait_for("keys · this table", gone=True)
        assert screen.quit() == 0
        assert screen.changes_left() == []

    def test_what_another_program_wrote_on_the_screen_is_drawn_over(self, terminal: Open, logs: Path) -> None:
        screen = terminal()
        screen.wait_for("plant the first trees")
        screen.scribble("\x1b[3;9HBroadcast message from root")
        screen.wait_for("Broadcast message")
        screen.send("\x0c")
        screen.wait_for("Broadcast message", gone=True)
        for shown in ("LIVE", "1 now", "plant the first trees", "? help"):
            screen.wait_for(shown)
        assert screen.quit() == 0

    def test_without_logs_it_says_where_it_looked_and_plays_the_demo(self, terminal: Open, tmp_path: Path) -> None:
        screen = terminal()
        screen.wait_for("no Claude Code logs found")
        screen.wait_for(f"{tmp_path.name[-8:]}/.claude/projects")
        screen.wait_for("d plays a made-up agent run")
        screen.send("d")
        screen.wait_for("DEMO")
        screen.wait_for("docs-site")
        assert screen.quit() == 0
        assert screen.changes_left() == []
        assert list((tmp_path / "tmp").iterdir()) == []


RUNAWAY = """
[[budgets]]
name = "orchard"
window = "day"
unit = "usd"
limit = 100
[rules.tokens_per_minute]
floor_tokens = 100
hold_seconds = 0
[notify]
bell = true
title = true
"""


def test_what_was_left_out_is_drawn_once_all_is_read(tmp_path: Path) -> None:
    told: list[str] = []
    with (tmp_path / "written").open("w") as file:
        shown = TerminalFile(file, lambda: told.append("all is read"))
        shown.flush()
        shown.has_left_out = True
        shown.flush()
        shown.flush()
    assert told == ["all is read"]


class TestTheWatch:
    @pytest.fixture
    def settings(self, tmp_path: Path) -> Path:
        """Settings with which one response is a storm."""
        path = tmp_path / "state" / "config.toml"
        path.parent.mkdir()
        path.write_text(RUNAWAY)
        return path

    def test_a_runaway_is_raised_shown_told_and_seen(self, terminal: Open, logs: Path, settings: Path) -> None:
        screen = terminal()
        screen.wait_for("✖ ALARM too many tokens per minute")
        assert b"\a\x1b]2;tokentui: too many tokens per minute" in screen.written
        screen.wait_for("✖ idle")
        screen.send("!")
        screen.wait_for("▲ main")
        screen.send("a")
        screen.wait_for("limit 100 fresh tokens/min")
        screen.send("c")
        screen.wait_for("✓ seen · too many tokens per minute")
        screen.send("M")
        screen.wait_for("is quiet for good")
        screen.wait_for("○ over")
        assert screen.quit() == 0
        assert screen.changes_left() == []

    def test_a_budget_changes_with_its_file_and_outlives_a_broken_one(
        self, terminal: Open, logs: Path, settings: Path
    ) -> None:
        settings.write_text(RUNAWAY.replace("floor_tokens = 100\n", "floor_tokens = 1000000\n"))
        screen = terminal()
        screen.wait_for("of $100")
        settings.write_text(settings.read_text().replace("limit = 100", "limit = 250"))
        screen.wait_for("of $250")
        good = settings.read_text()
        settings.write_text(good + "[[[")
        screen.wait_for("✖ configuration failing")
        assert "of $250" in screen.text
        settings.write_text(good)
        screen.wait_for("configuration failing", gone=True)
        assert screen.quit() == 0

    def test_a_session_is_interrupted_only_when_asked_to(self, terminal: Open, logs: Path) -> None:
        run = ["bash", "-c", "exec -a claude sleep 300"]
        with subprocess.Popen(run) as claude:
            try:
                registry = logs.parents[2] / "sessions"
                registry.mkdir()
                now_ms = round(datetime.now(UTC).timestamp() * 1000)
                entry = {"pid": claude.pid, "sessionId": SESSION, "startedAt": now_ms, "status": "busy"}
                (registry / f"{claude.pid}.json").write_text(json.dumps(entry))
                screen = terminal()
                screen.wait_for("plant the first trees")
                screen.send("K")
                screen.wait_for(f"process {claude.pid}: claude")
                assert claude.poll() is None
                screen.send("y")
                assert claude.wait(10) == -signal.SIGINT
                screen.wait_for("SIGINT was sent")
                screen.send("T")
                screen.wait_for("has ended, or is another one by now")
                screen.send("\x1b")
                screen.wait_for("interrupt a session", gone=True)
                assert screen.quit() == 0
            finally:
                claude.kill()


class TestTheDemo:
    def test_it_plays_and_leaves_nothing_behind(self, terminal: Open, tmp_path: Path) -> None:
        screen = terminal("demo")
        screen.wait_for("DEMO")
        screen.wait_for("● working")
        os.kill(screen.process_id, signal.SIGTERM)
        assert screen.wait_for_end() == 128 + signal.SIGTERM
        assert screen.changes_left() == []
        assert list((tmp_path / "tmp").iterdir()) == []
        assert not (tmp_path / "state").exists()


class TestWithoutATerminal:
    def test_a_pipe_gets_todays_report(self, environment: dict[str, str], logs: Path) -> None:
        printed = subprocess.run(PROGRAM, env=environment, capture_output=True, text=True, check=True, timeout=30)
        assert "claude-opus-4-8" in printed.stdout
        assert "Cost is an estimate at list price." in printed.stdout
        assert "\x1b" not in printed.stdout + printed.stderr

    def test_a_reader_that_goes_away_is_no_error(self, environment: dict[str, str], logs: Path) -> None:
        piped = f"{sys.executable} -m tokentui report --csv | head -c 1; exit ${{PIPESTATUS[0]}}"
        printed = subprocess.run(["bash", "-c", piped], env=environment, capture_output=True, check=False, timeout=30)
        assert (printed.returncode, printed.stderr) == (0, b"")
