"""Reading a large history from nothing, and asking again when nothing is new."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

from tests.bench.processes import Run, median_run, run
from tests.bench.table import Figure
from tests.generated_tree import Expected

TOKENTUI = [sys.executable, "-m", "tokentui"]
REPORT = [*TOKENTUI, "report", "--by", "day", "--json"]


def cold_and_warm(
    tree: Path, expected: Expected, folder: Path, environment: Mapping[str, str], runs: int, peers: Path | None
) -> list[Figure]:
    """Cold and warm whole-process times, against one plain pass that reads the bytes, and against peers."""
    state = folder / "state-cold"
    own = {**environment, "CLAUDE_CONFIG_DIR": str(tree), "TOKENTUI_HOME": str(state)}
    plain = min(_plain_read(tree) for _ in range(3))
    cold = median_run([_cold(own, state) for _ in range(runs)])
    warm = median_run([run(REPORT, own) for _ in range(runs + 2)])
    check = median_run([run([*TOKENTUI, "budget", "check"], own, also_good=3) for _ in range(runs + 2)])
    _check(own, expected)
    megabytes = expected.bytes / 1e6
    how = f"{megabytes:,.0f} MB, {expected.files:,} files, {expected.responses:,} responses; whole process"
    figures = [
        Figure("plain read of the bytes", f"{plain:.2f} s", note=how),
        Figure("cold report", f"{cold.seconds:.2f} s = {cold.seconds / plain:.1f} × plain read", note=_memory(cold)),
        Figure(
            "warm report", f"{warm.seconds:.3f} s = {warm.seconds / plain:.2f} × plain read", "≤ 0.3 s", _memory(warm)
        ),
        Figure("`budget check`", f"{check.seconds:.3f} s", "≤ 0.25 s", _memory(check)),
        Figure("database", f"{_database_bytes(state) / expected.responses:,.0f} bytes a response"),
    ]
    for name, command in _peers(peers, tree):
        peer = median_run([run(command, {**environment, "CLAUDE_CONFIG_DIR": str(tree)}) for _ in range(runs)])
        ratio = (
            f"{cold.seconds / peer.seconds:.2f} × cold, {warm.seconds / peer.seconds:.2f} × warm ({peer.seconds:.2f} s)"
        )
        figures.append(Figure(f"against {name}", ratio, "cold ≤ 1.0 ×, warm ≤ 0.12 ×", _memory(peer)))
    return figures


def _memory(figures: Run) -> str:
    return f"{figures.cpu_seconds:.2f} s of processor, peak {figures.peak_mb:.0f} MB"


def _plain_read(tree: Path) -> float:
    began = time.perf_counter()
    for path in tree.rglob("*.jsonl"):
        with path.open("rb", buffering=0) as file:
            while file.read(1 << 20):
                pass
    return time.perf_counter() - began


def _cold(environment: Mapping[str, str], state: Path) -> Run:
    shutil.rmtree(state, ignore_errors=True)
    return run(REPORT, environment)


def _check(environment: Mapping[str, str], expected: Expected) -> None:
    """No figure counts if the totals are not exact."""
    answer = subprocess.run(REPORT, env=dict(environment), capture_output=True, check=True)
    totals = json.loads(answer.stdout)["totals"]
    got = (totals["responses"], totals["output_tokens"], totals["cache_read_tokens"])
    want = (expected.responses, expected.tokens.output, expected.tokens.cache_read)
    if got != want:
        raise RuntimeError(f"the totals are wrong: {got}, not {want}")


def _database_bytes(state: Path) -> int:
    return sum(path.stat().st_size for path in state.rglob("*") if path.is_file())


def _peers(folder: Path | None, tree: Path) -> Iterator[tuple[str, list[str]]]:
    if folder is None:
        return
    commands = {
        "ccusage": ["ccusage", "claude", "daily", "--offline", "--json"],
        "tokscale": ["tokscale", "models", "--json", "--home", str(tree.parent)],
    }
    for name, (binary, *rest) in commands.items():
        path = folder / ".bin" / binary
        if path.exists():
            yield name, [str(path), *rest]
