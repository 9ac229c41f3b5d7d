"""Reading a large history from nothing, and asking again when nothing or little is new."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from tests.bench.live import usage_line
from tests.bench.processes import Run, median_run, run
from tests.bench.repeated import repeat_tree
from tests.bench.table import Figure
from tests.kit.generated_tree import Expected

TOKENTUI = [sys.executable, "-m", "tokentui"]
REPORT = [*TOKENTUI, "report", "--by", "day", "--json"]


def cold_and_warm(
    tree: Path, expected: Expected, folder: Path, environment: Mapping[str, str], runs: int, peers: Sequence[Path]
) -> list[Figure]:
    """The generated tree, of which every total is known."""
    state = folder / "state-cold"
    own = {**environment, "CLAUDE_CONFIG_DIR": str(tree), "TOKENTUI_HOME": str(state)}
    figures = _against_peers(tree, own, runs, peers)
    check = median_run([run([*TOKENTUI, "budget", "check"], own, also_good=3) for _ in range(runs + 2)])
    _check(own, expected, _grown_responses(tree, runs))
    return [
        *figures,
        Figure("`budget check`", f"{check.seconds:.3f} s", "≤ 0.25 s", _memory(check)),
        Figure("database", f"{_database_bytes(state) / expected.responses:,.0f} bytes a response"),
    ]


def repeated(
    logs: Path, size_bytes: int, folder: Path, environment: Mapping[str, str], runs: int, peers: Sequence[Path]
) -> list[Figure]:
    """Real logs, repeated to a long history; its responses must be those of one copy as many times."""
    tree = folder / "repeated"
    copies = repeat_tree(logs, tree, size_bytes)
    own = {**environment, "CLAUDE_CONFIG_DIR": str(tree), "TOKENTUI_HOME": str(folder / "state-repeated")}
    figures = _against_peers(tree, own, runs, peers)
    once = {**environment, "CLAUDE_CONFIG_DIR": _all_folders(logs), "TOKENTUI_HOME": str(folder / "state-once")}
    if _totals(own)["responses"] - _grown_responses(tree, runs) != copies * _totals(once)["responses"]:
        raise RuntimeError("the copies do not add up")
    return [Figure(f"{figure.name}, logs repeated", figure.value, figure.aim, figure.note) for figure in figures]


def _against_peers(tree: Path, own: Mapping[str, str], runs: int, peers: Sequence[Path]) -> list[Figure]:
    """Whole processes: from nothing, with nothing new, with 1 % of the logs grown; and the same tree by others."""
    os.sync()  # the tree may have been made right now, and whatever is still written would be waited for
    state = Path(own["TOKENTUI_HOME"])
    plain = min(_plain_read(tree) for _ in range(3))
    cold = median_run([_cold(tree, own, state) for _ in range(runs)])
    warm = median_run([run(REPORT, own) for _ in range(runs + 2)])
    found = {
        name: median_run([_cached(tree, command, {**own, "HOME": str(_home(tree))}) for _ in range(runs)])
        for name, command in _peers(peers)
    }
    grown = median_run([_grown(tree, own, number) for number in range(runs)])
    return [
        Figure("plain read of the bytes", f"{plain:.2f} s", note=_what(tree, own)),
        Figure("cold report", f"{cold.seconds:.2f} s = {cold.seconds / plain:.1f} × plain read", note=_memory(cold)),
        Figure(
            "warm report", f"{warm.seconds:.3f} s = {warm.seconds / plain:.2f} × plain read", "≤ 0.3 s", _memory(warm)
        ),
        Figure("report after 1 % of the logs grew", f"{grown.seconds:.3f} s", note=_memory(grown)),
        *(_ratio(name, peer, cold, warm, grown) for name, peer in found.items()),
    ]


def _ratio(name: str, peer: Run, cold: Run, warm: Run, grown: Run) -> Figure:
    times = [("cold", cold), ("warm", warm), ("grown", grown)]
    value = ", ".join(f"{ours.seconds / peer.seconds:.2f} × {word}" for word, ours in times)
    aim = "cold ≤ 1.0 ×, warm ≤ 0.12 ×, grown ≤ 0.2 ×" if name == "ccusage" else ""
    return Figure(f"against {name}", f"{value} ({peer.seconds:.2f} s)", aim, _memory(peer))


def _what(tree: Path, own: Mapping[str, str]) -> str:
    sizes = [path.stat().st_size for path in tree.rglob("*.jsonl")]
    responses = _totals(own)["responses"]
    return f"{sum(sizes) / 1e6:,.0f} MB, {len(sizes):,} files, {responses:,} responses; whole process"


def _grown(tree: Path, own: Mapping[str, str], number: int) -> Run:
    """One new response in every hundredth log, then the report."""
    for place, path in enumerate(sorted(tree.rglob("*.jsonl"))[::100]):
        with path.open("a") as log:
            log.write(usage_line(10**6 * (number + 1) + place, number))
    return run(REPORT, own)


def _grown_responses(tree: Path, runs: int) -> int:
    return runs * len(sorted(tree.rglob("*.jsonl"))[::100])


def _memory(figures: Run) -> str:
    return f"{figures.cpu_seconds:.2f} s of processor, peak {figures.peak_mb:.0f} MB"


def _plain_read(tree: Path) -> float:
    began = time.perf_counter()
    for path in tree.rglob("*.jsonl"):
        with path.open("rb", buffering=0) as file:
            while file.read(1 << 20):
                pass
    return time.perf_counter() - began


def _cached(tree: Path, command: Sequence[str], environment: Mapping[str, str]) -> Run:
    """With all logs in the system's cache, which some machines empty as soon as nobody reads."""
    _plain_read(tree)
    return run(command, environment)


def _cold(tree: Path, environment: Mapping[str, str], state: Path) -> Run:
    shutil.rmtree(state, ignore_errors=True)
    return _cached(tree, REPORT, environment)


def _totals(environment: Mapping[str, str]) -> dict[str, int]:
    answer = subprocess.run(REPORT, env=dict(environment), capture_output=True, check=True)
    totals: dict[str, int] = json.loads(answer.stdout)["totals"]
    return totals


def _check(environment: Mapping[str, str], expected: Expected, grown: int = 0) -> None:
    """No figure counts if the totals are not exact."""
    totals = _totals(environment)
    got = (totals["responses"] - grown, totals["output_tokens"] - 200 * grown)
    if got != (expected.responses, expected.tokens.output):
        raise RuntimeError(f"the totals are wrong: {got}")


def _all_folders(logs: Path) -> str:
    return ",".join(str(folder) for folder in sorted(logs.iterdir()) if (folder / "projects").is_dir())


def _database_bytes(state: Path) -> int:
    return sum(path.stat().st_size for path in state.rglob("*") if path.is_file())


def _home(tree: Path) -> Path:
    """A home directory whose logs are the tree: not every peer can be told of another place."""
    home = tree.with_name(f"{tree.name}-home")
    home.mkdir(exist_ok=True)
    if not (home / ".claude").exists():
        (home / ".claude").symlink_to(tree)
    return home


def _peers(folders: Sequence[Path]) -> Iterator[tuple[str, list[str]]]:
    """Those that stand in one of the folders, in `.bin`, `bin` or a package's own `bin`."""
    commands = {
        "ccusage": ["claude", "daily", "--offline", "--json"],
        "aiburn": ["daily", "--claude", "--json"],
        "tokscale": ["models", "--json"],
    }
    for name, arguments in commands.items():
        found = (path for folder in folders for path in (*folder.glob(f"*/*/bin/{name}"), folder / "bin" / name))
        path = next((path for path in found if path.is_file()), None)
        if path is not None:
            yield name, [str(path), *arguments]
