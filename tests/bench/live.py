"""The monitor in a terminal: first paint, append to screen, keys during a storm, idle cost."""

from __future__ import annotations

import json
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import quantiles
from uuid import UUID

from tests.bench.processes import cpu_seconds, peak_mb
from tests.bench.table import Figure
from tests.terminal import Terminal
from tokentui.demo.player import write_event
from tokentui.demo.storm import storm_lines

TOKENTUI = [sys.executable, "-m", "tokentui"]


def _started(config: Path, state: Path, environment: Mapping[str, str]) -> Terminal:
    return Terminal([*TOKENTUI, str(config)], {**environment, "TOKENTUI_HOME": str(state)})


def _end(terminal: Terminal) -> None:
    terminal.quit()
    terminal.close()


def first_paint(tree: Path, state: Path, environment: Mapping[str, str]) -> list[Figure]:
    """From exec to the first picture, on a large history that was read before."""
    paints = []
    for _ in range(5):
        terminal = _started(tree, state, environment)
        paints.append(terminal.wait_for("quit") - terminal.began)
        memory = peak_mb(terminal.process_id)
        _end(terminal)
    return [
        Figure("first paint", f"{sorted(paints)[2] * 1000:.0f} ms", "≤ 400 ms", f"1 GB of history, {memory:.0f} MB")
    ]


def live(folder: Path, environment: Mapping[str, str], appends: int = 60) -> list[Figure]:
    """From the append of a line to its trace on the screen, one at a time."""
    log = _log(folder, 1)
    log.write_text(_title(1, "begin-000"))
    terminal = _started(folder, folder / "state", environment)
    log.open("a").write(_usage(1, 0))
    terminal.wait_for("begin-000")
    waits = []
    for number in range(appends):
        title = f"bench-{number:03}"
        began = time.perf_counter()
        with log.open("a") as file:
            file.write(_usage(1, number + 1) + _title(1, title))
        waits.append(terminal.wait_for(title, 5) - began)
        terminal.follow_for(0.11)
    _end(terminal)
    return [Figure("append → on screen", _spread(waits), "p95 ≤ 150 ms", f"{appends} appends, one session")]


def storm(folder: Path, environment: Mapping[str, str], seconds: float) -> list[Figure]:
    """Keys while 2,000 lines a second pour into 100 files, and when the last line is shown."""
    terminal = _storm_terminal(folder, environment)
    stop = threading.Event()
    pour = threading.Thread(target=_pour, args=(folder, 2_000, seconds, stop))
    pour.start()
    waits, sorts = [], ("cost", "agents", "context", "hit", "age", "title", "rate")
    index = 0
    terminal.follow_for(1.0)
    while pour.is_alive():
        began = time.perf_counter()
        terminal.send("s")
        waits.append(terminal.wait_for(f"by {sorts[index % len(sorts)]}", 5) - began)
        index += 1
        terminal.follow_for(0.15)
    pour.join()
    memory = peak_mb(terminal.process_id)
    _end(terminal)
    figures = [
        Figure("key → screen in a storm", _spread(waits), "p99 ≤ 50 ms", f"2,000 lines/s, 100 files, {len(waits)} keys")
    ]
    return [*figures, Figure("memory in a storm", f"{memory:.0f} MB", "≤ 120 MB")]


def _storm_terminal(folder: Path, environment: Mapping[str, str]) -> Terminal:
    log = _log(folder, 1)
    log.write_text(_usage(1, 0) + _title(1, "before the storm"))
    terminal = _started(folder, folder / "state", environment)
    terminal.wait_for("before the storm")
    return terminal


def _pour(folder: Path, lines_per_second: int, seconds: float, stop: threading.Event) -> None:
    began, start_at = time.monotonic(), datetime.now(UTC)
    for event in storm_lines(100, lines_per_second, seconds, start_at):
        ahead = (event.at - start_at).total_seconds() - (time.monotonic() - began)
        if ahead > 0.002 and stop.wait(ahead):
            return
        write_event(folder, event)


def idle(folder: Path, environment: Mapping[str, str], files: int, seconds: float = 30.0) -> list[Figure]:
    """Processor time of the open monitor when nothing happens."""
    for number in range(files):
        log = folder / "projects" / f"-p-{number % 2000}" / f"{UUID(int=number)}.jsonl"
        log.parent.mkdir(parents=True, exist_ok=True)
        log.write_text(_usage(number, 0, days_ago=1))
    terminal = _started(folder, folder / "state", environment)
    terminal.wait_for("LIVE", 120)
    terminal.follow_for(5.0)
    before = cpu_seconds(terminal.process_id)
    terminal.follow_for(seconds)
    share = (cpu_seconds(terminal.process_id) - before) / seconds
    memory = peak_mb(terminal.process_id)
    _end(terminal)
    return [Figure("idle", f"{share:.2%} of a core", "≤ 1 %", f"{files:,} files in 2,000 directories, {memory:.0f} MB")]


def _log(folder: Path, number: int) -> Path:
    path = folder / "projects" / "-bench" / f"{UUID(int=number)}.jsonl"
    path.parent.mkdir(parents=True, exist_ok=True)
    return path


def _usage(session: int, number: int, days_ago: int = 0) -> str:
    at = (datetime.now(UTC) - timedelta(days=days_ago)).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    usage = {"input_tokens": 3, "output_tokens": 200, "cache_read_input_tokens": 40_000}
    message = {"id": f"msg_{session}_{number}", "model": "claude-opus-5-5", "stop_reason": "tool_use", "usage": usage}
    line = {"type": "assistant", "sessionId": str(UUID(int=session)), "requestId": f"req_{session}_{number}"}
    return (
        json.dumps({**line, "uuid": f"{session}-{number}", "timestamp": at, "cwd": "/w/bench", "message": message})
        + "\n"
    )


def _title(session: int, title: str) -> str:
    return json.dumps({"type": "custom-title", "customTitle": title, "sessionId": str(UUID(int=session))}) + "\n"


def _spread(waits: Sequence[float]) -> str:
    cuts = quantiles(sorted(waits), n=100, method="inclusive")
    return f"p50 {cuts[49] * 1000:.0f} ms, p95 {cuts[94] * 1000:.0f} ms, p99 {cuts[98] * 1000:.0f} ms"
