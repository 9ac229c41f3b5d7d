"""The monitor in a terminal: first paint, append to screen, idle cost."""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import quantiles
from typing import NamedTuple
from uuid import UUID

from tests.bench.growing import FILES, LINES_PER_SECOND, growing
from tests.bench.processes import cpu_seconds, peak_mb
from tests.bench.table import Figure
from tests.kit.terminal import Terminal

TOKENTUI = [sys.executable, "-m", "tokentui"]


def started(config: Path, state: Path, environment: Mapping[str, str], columns: int = 120) -> Terminal:
    return Terminal([*TOKENTUI, str(config)], {**environment, "TOKENTUI_HOME": str(state)}, columns)


def _end(terminal: Terminal) -> None:
    terminal.quit()
    terminal.close()


def first_paint(tree: Path, state: Path, environment: Mapping[str, str]) -> list[Figure]:
    """From exec to the first picture, on a large history that was read before."""
    paints = []
    for _ in range(5):
        terminal = started(tree, state, environment)
        paints.append(terminal.wait_for("quit") - terminal.began)
        memory = peak_mb(terminal.process_id)
        _end(terminal)
    return [
        Figure("first paint", f"{sorted(paints)[2] * 1000:.0f} ms", "≤ 300 ms", f"1 GB of history, {memory:.0f} MB")
    ]


class _Course(NamedTuple):
    """How lines that were appended came to the screen."""

    waits: list[float]
    bytes_per_second: float
    """What was written to the terminal meanwhile."""


def live(folder: Path, environment: Mapping[str, str], appends: int = 60) -> list[Figure]:
    """From the append of a line to its trace on the screen, one at a time."""
    alone = _course(folder / "alone", environment, appends)
    with growing(folder / "many"):
        among = _course(folder / "many", environment, appends)
    aim, how = "p50 ≤ 60 ms, p95 ≤ 100 ms", f"while {FILES} files grow by {LINES_PER_SECOND} lines/s"
    written = f"{alone.bytes_per_second / 1000:.1f} kB/s, among many {among.bytes_per_second / 1000:.1f} kB/s"
    return [
        Figure("append → on screen", spread(alone.waits), aim, f"{appends} appends, one session"),
        Figure("append → on screen among many", spread(among.waits), aim, f"{appends} appends {how}"),
        Figure("written to the terminal", written, note="meanwhile, 120 columns by 36 rows"),
    ]


def _course(folder: Path, environment: Mapping[str, str], appends: int) -> _Course:
    log_of(folder, 1).write_text(usage_line(1, 0) + title_line(1, "append begins"))
    terminal = started(folder, folder / "state", environment)
    terminal.wait_for("append begins")
    order_by_title(terminal)
    waits, began = [], time.perf_counter()
    terminal.written.clear()
    for number in range(appends):
        waits.append(append_and_wait(terminal, folder, number))
        terminal.follow_for(0.11)
    written = len(terminal.written) / (time.perf_counter() - began)
    _end(terminal)
    return _Course(waits, written)


def order_by_title(terminal: Terminal) -> None:
    """The session that is appended to stays on the first row then, however many others there are."""
    while "by title" not in terminal.text:
        terminal.send("s")
        terminal.follow_for(0.3)


def append_and_wait(terminal: Terminal, folder: Path, number: int) -> float:
    """Append a response and a title to the first session; seconds until the title is on the screen."""
    title = f"append {number:05}"
    began = time.perf_counter()
    with log_of(folder, 1).open("a") as file:
        file.write(usage_line(1, number + 1) + title_line(1, title))
    return terminal.wait_for(title, 30) - began


def idle(folder: Path, environment: Mapping[str, str], files: int, seconds: float = 30.0) -> list[Figure]:
    """Processor time of the open monitor when nothing happens."""
    for number in range(files):
        log = folder / "projects" / f"-p-{number % 2000}" / f"{UUID(int=number)}.jsonl"
        log.parent.mkdir(parents=True, exist_ok=True)
        log.write_text(usage_line(number, 0, days_ago=1))
        os.utime(log, (time.time() - 86_400,) * 2)
    terminal = started(folder, folder / "state", environment)
    terminal.wait_for("LIVE", 120)
    terminal.follow_for(40.0)
    before = cpu_seconds(terminal.process_id)
    terminal.follow_for(seconds)
    share = (cpu_seconds(terminal.process_id) - before) / seconds
    memory = peak_mb(terminal.process_id)
    _end(terminal)
    return [
        Figure("idle", f"{share:.2%} of a core", "≤ 0.3 %", f"{files:,} files in 2,000 directories, {memory:.0f} MB")
    ]


def log_of(folder: Path, number: int) -> Path:
    path = folder / "projects" / "-bench" / f"{UUID(int=number)}.jsonl"
    path.parent.mkdir(parents=True, exist_ok=True)
    return path


def usage_line(session: int, number: int, days_ago: int = 0) -> str:
    at = (datetime.now(UTC) - timedelta(days=days_ago)).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    usage = {"input_tokens": 3, "output_tokens": 200, "cache_read_input_tokens": 40_000}
    message = {"id": f"msg_{session}_{number}", "model": "claude-opus-5-5", "stop_reason": "tool_use", "usage": usage}
    line = {"type": "assistant", "sessionId": str(UUID(int=session)), "requestId": f"req_{session}_{number}"}
    return (
        json.dumps({**line, "uuid": f"{session}-{number}", "timestamp": at, "cwd": "/w/bench", "message": message})
        + "\n"
    )


def title_line(session: int, title: str) -> str:
    return json.dumps({"type": "custom-title", "customTitle": title, "sessionId": str(UUID(int=session))}) + "\n"


def spread(waits: Sequence[float]) -> str:
    cuts = quantiles(sorted(waits), n=100, method="inclusive")
    return f"p50 {cuts[49] * 1000:.0f} ms, p95 {cuts[94] * 1000:.0f} ms, p99 {cuts[98] * 1000:.0f} ms"
