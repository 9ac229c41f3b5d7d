"""Interrupting a session: the right process after every check, and no other one ever."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tokentui.transcripts.registry import LiveSession
from tokentui.watch.interrupt import Refusal, Target, find_target, interrupt, looks_like_claude
from tokentui.watch.processes import Process, parse_ps, read_process

ENTRY = LiveSession(4242, "s1", "busy", "task", 1_800_000_000_000)
CLAUDE = Process(4242, 1000, 1_799_999_999_000, ("claude", "--resume"))


def target(process: Process | None, entry: LiveSession = ENTRY) -> Target | Refusal:
    return find_target("s1", (entry,), lambda _: process, user_id=1000)


def test_the_sessions_own_process_is_found() -> None:
    found = target(CLAUDE)
    assert found == Target("s1", CLAUDE)
    assert isinstance(found, Target)
    assert found.command == "kill -INT 4242"


@pytest.mark.parametrize(("process", "reason", "command"), [
    (None, "cannot be looked at", ""),
    (replace(CLAUDE, user_id=0), "belongs to another user", "sudo kill -INT 4242"),
    (replace(CLAUDE, started_at_ms=1_800_000_006_000), "the number was given to another program", ""),
    (replace(CLAUDE, arguments=("/usr/bin/vim", "claude.md")), "does not look like Claude Code (/usr/bin/vim)",
     "kill -INT 4242"),
    (replace(CLAUDE, arguments=()), "does not look like Claude Code (?)", "kill -INT 4242"),
])  # fmt: skip
def test_any_other_process_is_refused_with_the_reason(process: Process | None, reason: str, command: str) -> None:
    found = target(process)
    assert isinstance(found, Refusal)
    assert reason in found.reason
    assert found.command == command


def test_without_an_entry_or_its_time_there_is_nothing_to_interrupt() -> None:
    nobody = find_target("s2", (ENTRY,), lambda _: CLAUDE, user_id=1000)
    assert isinstance(nobody, Refusal)
    assert "names no process" in nobody.reason
    assert "pgrep" in nobody.command
    assert isinstance(target(CLAUDE, replace(ENTRY, started_at_ms=None)), Refusal)


def test_a_process_that_became_another_one_gets_no_signal() -> None:
    refused = interrupt(Target("s1", CLAUDE), read=lambda _: replace(CLAUDE, started_at_ms=CLAUDE.started_at_ms + 1))
    assert refused is not None
    assert "is another one by now" in refused.reason
    assert interrupt(Target("s1", CLAUDE), read=lambda _: None) is not None


@pytest.mark.parametrize(("arguments", "is_claude"), [
    (("claude",), True),
    (("/home/u/.local/bin/claude", "-c"), True),
    (("/home/u/.local/share/claude/versions/2.1.220", "--bg"), True),
    (("node", "/usr/lib/node_modules/@anthropic-ai/claude-code/cli.js"), True),
    (("node", "--max-old-space-size=4096", "/home/u/.npm-global/bin/claude"), True),
    (("C:\\Users\\u\\claude.exe",), True),
    (("claude --resume 3f",), True),
    (("/home/claude/bin/python", "server.py"), False),
    (("python", "/x/claude-code/tool.py"), False),
    (("bash", "-c", "claude"), False),
    (("vim", "claude"), False),
    ((), False),
    (("",), False),
])  # fmt: skip
def test_what_looks_like_claude_code(arguments: tuple[str, ...], is_claude: bool) -> None:
    assert looks_like_claude(arguments) is is_claude


def test_what_ps_says_is_read_or_dropped() -> None:
    found = parse_ps(7, "  501 Sun Nov 22 14:02:11 2026 /opt/bin/claude --resume 'a b'\n")
    assert found is not None
    assert (found.user_id, found.arguments) == (501, ("/opt/bin/claude", "--resume", "a b"))
    assert parse_ps(7, "") is None
    assert parse_ps(7, "501 nonsense") is None


@pytest.fixture
def sleeper(tmp_path: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A program called `claude` that waits for a signal."""
    program = tmp_path / "claude"
    program.symlink_to(sys.executable)
    script = "import signal, sys; print(flush=True); signal.pause()"
    with subprocess.Popen([str(program), "-c", script], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
        assert process.stdout is not None
        process.stdout.readline()
        yield process
        process.kill()


@pytest.mark.skipif(not Path("/proc/stat").exists(), reason="needs /proc")
@pytest.mark.parametrize(("how", "number"), [("interrupt", signal.SIGINT), ("end", signal.SIGTERM)])
def test_a_real_process_is_interrupted(sleeper: subprocess.Popen[bytes], how: str, number: int) -> None:
    seen = read_process(sleeper.pid)
    assert seen is not None
    assert seen.user_id == os.getuid()
    found = find_target("s1", (LiveSession(sleeper.pid, "s1", "busy", "", seen.started_at_ms + 1_000),))
    assert isinstance(found, Target)
    assert interrupt(found, how) is None
    assert sleeper.wait(10) == -number
    assert interrupt(found, how) is not None


@pytest.mark.skipif(not Path("/proc/stat").exists(), reason="needs /proc")
def test_a_number_given_away_is_never_signalled(sleeper: subprocess.Popen[bytes]) -> None:
    """The entry is older than the process: whoever wrote it is gone."""
    seen = read_process(sleeper.pid)
    assert seen is not None
    found = find_target("s1", (LiveSession(sleeper.pid, "s1", "busy", "", seen.started_at_ms - 60_000),))
    assert isinstance(found, Refusal)
    assert sleeper.poll() is None
    assert read_process(0) is None
    assert read_process(2**22 + 1) is None
