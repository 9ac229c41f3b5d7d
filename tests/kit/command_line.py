"""What tests of the command line share: a home with some logs in it, and what a command printed."""

from __future__ import annotations

import io
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.kit.answer_logs import Answer, session_id, some_answers, write_logs
from tokentui.cli.run import run
from tokentui.records import Tokens

ANSWERS = some_answers(60, datetime(2026, 11, 20, tzinfo=UTC), timedelta(hours=30))
NEW = Answer(999, datetime(2026, 11, 21, 12, tzinfo=UTC), "claude-haiku-4-5", Tokens(1, 2), session_id(9), "/work/new")
Output = pytest.CaptureFixture[str]


def terminal_of(cells: int, monkeypatch: pytest.MonkeyPatch) -> io.StringIO:
    """Standard output as a plain terminal of so many cells; what was written to it."""
    terminal = io.StringIO()
    monkeypatch.setattr(terminal, "isatty", lambda: True)
    monkeypatch.setattr("sys.stdout", terminal)
    monkeypatch.setenv("COLUMNS", str(cells))
    monkeypatch.setenv("TERM", "dumb")
    return terminal


def home_with_logs(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """State and logs of one test alone."""
    monkeypatch.setenv("TOKENTUI_HOME", str(folder / "state"))
    monkeypatch.setenv("CLAUDE_CONFIG_DIR", str(folder / "claude"))
    monkeypatch.setenv("HOME", str(folder))
    monkeypatch.setenv("TZ", "UTC")
    write_logs(folder / "claude", ANSWERS)
    return folder


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
