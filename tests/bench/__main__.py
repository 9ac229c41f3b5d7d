"""Measure everything and print one table: `python -m tests.bench [--gigabytes 1] [--quick] [--peers DIR]`."""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from pathlib import Path

from tests.bench.cold import cold_and_warm, repeated
from tests.bench.hour import hour
from tests.bench.live import first_paint, idle, live
from tests.bench.pricing import pricing_share
from tests.bench.storm import storm
from tests.bench.table import Figure, machine, show
from tests.bench.today import today_after_a_cold_start
from tests.kit.generated_tree import write_tree


def main() -> int:
    """Make a tree, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--gigabytes", type=float, default=1.0, help="size of the generated tree (default 1)")
    parser.add_argument("--files", type=int, default=2_000)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--storm-seconds", type=float, default=60.0)
    parser.add_argument("--idle-files", type=int, default=8_000)
    parser.add_argument(
        "--peers", type=Path, nargs="*", default=(), help="a node_modules folder with ccusage and tokscale, a virtual "
        "environment with aiburn"
    )  # fmt: skip
    parser.add_argument("--repeat", type=Path, metavar="LOGS", help="measure on these real logs too")
    parser.add_argument("--repeat-gigabytes", type=float, default=3.0, help="how large they become by repeating")
    parser.add_argument("--hour", action="store_true", help="watch memory through an hour of live load too")
    parser.add_argument("--markdown", action="store_true", help="print a table for the README")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="tokentui-bench-") as name:
        folder = Path(name)
        figures = list(_measure(arguments, folder))
    show(figures, machine(), markdown=arguments.markdown)
    return 0


def _measure(arguments: argparse.Namespace, folder: Path) -> list[Figure]:
    environment = {key: value for key, value in os.environ.items() if not key.startswith(("CLAUDE", "TOKENTUI"))}
    tree = folder / "tree"
    print("writing the tree …", file=sys.stderr)  # noqa: T201
    expected = write_tree(tree, arguments.files, int(arguments.gigabytes * 1e9))
    figures = cold_and_warm(tree, expected, folder, environment, arguments.runs, arguments.peers)
    if arguments.repeat:
        size_bytes = int(arguments.repeat_gigabytes * 1e9)
        figures += repeated(arguments.repeat, size_bytes, folder, environment, arguments.runs, arguments.peers)
        figures += today_after_a_cold_start(folder / "repeated", folder, environment)
    figures += pricing_share(tree, folder / "pricing")
    figures += first_paint(tree, folder / "state-cold", environment)
    figures += live(folder / "live", environment)
    figures += storm(folder / "storm", environment, arguments.storm_seconds)
    figures += idle(folder / "idle", environment, arguments.idle_files)
    if arguments.hour:
        figures += hour(folder / "hour", environment)
    return figures


if __name__ == "__main__":
    sys.exit(main())
