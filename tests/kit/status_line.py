"""What tests of the status line share: what Claude Code tells it, and what one call printed."""

from __future__ import annotations

import io
import json
import re
import sqlite3
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.kit.answer_logs import Answer, session_id, write_logs
from tests.kit.command_line import Output, totals
from tokentui.cli.run import run
from tokentui.cli.statusline.parts import MOST_CELLS
from tokentui.records import Tokens
from tokentui.widths import cell_width

SESSION = session_id(77)
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

    def forget(self) -> None:
        """What another command has printed."""
        self._output.readouterr()


def make_history(home: Path, output: Output) -> Path:
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
