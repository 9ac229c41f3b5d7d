"""Keys while thousands of lines a second pour in, and how soon after the last of them everything is shown."""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
import time
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path

from tests.bench.live import log_of, spread, started, title_line, usage_line
from tests.bench.pour import LAST_TITLE
from tests.bench.processes import peak_mb
from tests.bench.table import Figure
from tests.kit.terminal import Terminal

FILES, LINES_PER_SECOND = 100, 5_000
_ORDERS = ("cost", "agents", "context", "hit", "age", "title", "rate")


def storm(folder: Path, environment: Mapping[str, str], seconds: float) -> list[Figure]:
    """The monitor in a storm; raises where a response was lost."""
    log_of(folder, 1).write_text(usage_line(1, 0) + title_line(1, "before the storm"))
    command = [sys.executable, "-m", "tests.bench.pour", *map(str, (folder, FILES, LINES_PER_SECOND, seconds))]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as pour:
        assert pour.stdin is not None
        assert pour.stdout is not None
        pour.stdout.readline()
        terminal = started(folder, folder / "state", environment)
        terminal.wait_for("before the storm")
        pour.stdin.write("go\n")
        pour.stdin.flush()
        waits = _press_keys(terminal, time.perf_counter() + seconds - 1)
        shown_at = terminal.wait_for(LAST_TITLE, 60)
        answers, written_at = json.loads(pour.stdout.readline())
    memory = peak_mb(terminal.process_id)
    terminal.quit()
    terminal.close()
    _check(folder / "state" / "tokentui.db", answers + 1)
    how = f"{LINES_PER_SECOND:,} lines/s for {seconds:.0f} s, {FILES} files, {answers:,} responses, none lost"
    return [
        Figure("key → screen in a storm", spread(waits), "p99 ≤ 50 ms", f"{how}; {len(waits)} keys"),
        Figure("all shown after the last line", f"{(shown_at - written_at) * 1000:.0f} ms", "≤ 300 ms"),
        Figure("memory in a storm", f"{memory:.0f} MB", "≤ 90 MB"),
    ]


def _press_keys(terminal: Terminal, until: float) -> list[float]:
    """Change the order again and again; ends with the one by title."""
    waits: list[float] = []
    order = ""
    terminal.follow_for(1.0)
    while time.perf_counter() < until or order != "title":
        order = _ORDERS[len(waits) % len(_ORDERS)]
        began = time.perf_counter()
        terminal.send("s")
        waits.append(terminal.wait_for(f"by {order}", 5) - began)
        terminal.follow_for(0.15)
    return waits


def _check(database: Path, expected: int) -> None:
    with closing(sqlite3.connect(database)) as connection:
        found = connection.execute("SELECT count(*) FROM response").fetchone()[0]
    if found != expected:
        raise RuntimeError(f"{found:,} responses are stored, not {expected:,}")
