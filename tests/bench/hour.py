"""An hour of live load: does memory level off, and is a new line still shown at once?

`python -m tests.bench.hour [--minutes 60]`: 100 logs grow, keys are pressed now and then, memory is sampled.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import cycle
from pathlib import Path
from statistics import linear_regression

from tests.bench.growing import FILES, LINES_PER_SECOND, growing
from tests.bench.live import append_and_wait, log_of, order_by_title, spread, started, title_line, usage_line
from tests.bench.processes import cpu_seconds, resident_mb
from tests.bench.table import Figure, machine, show

SAMPLE_SECONDS = 30.0
WARM_UP_SAMPLES = 20
"""Ten minutes: by then each screen has been open, and the last minute and the chart are full."""
ROUNDS = ("\r23456\x1b", "t", "\r\r\x1b\x1b", "mm", "a\x1b", "\x1b", "e\x1b", "[[ ")
"""Keys of one round each: a session's views, ranges, an agent, the chart's split, alerts, budgets, the past."""
KEY_SECONDS = 1.0


@dataclass(slots=True)
class _Course:
    """What was sampled so far."""

    memory_mb: list[float] = field(default_factory=list)
    cpu_share: list[float] = field(default_factory=list)
    waits: list[float] = field(default_factory=list)


def hour(folder: Path, environment: Mapping[str, str], minutes: float = 60.0) -> list[Figure]:
    """Memory, processor time and waits while logs grow; each sample is told on stderr."""
    log_of(folder, 1).write_text(usage_line(1, 0) + title_line(1, "append begins"))
    course = _Course()
    with growing(folder):
        terminal = started(folder, folder / "state", environment)
        terminal.wait_for("append begins")
        order_by_title(terminal)
        rounds, number, used = cycle(ROUNDS), 0, cpu_seconds(terminal.process_id)
        for sample in range(1, int(minutes * 60 / SAMPLE_SECONDS) + 1):
            for key in next(rounds):
                terminal.send(key)
                terminal.follow_for(KEY_SECONDS)
            order_by_title(terminal)
            while (left := terminal.began + sample * SAMPLE_SECONDS - time.perf_counter()) > 0:
                number += 1
                if left > 2:
                    course.waits.append(append_and_wait(terminal, folder, number))
                terminal.follow_for(min(left, 0.7))
            before, used = used, cpu_seconds(terminal.process_id)
            course.memory_mb.append(resident_mb(terminal.process_id))
            course.cpu_share.append((used - before) / SAMPLE_SECONDS)
            terminal.written.clear()
            _tell(sample, course)
        terminal.quit()
        terminal.close()
    return _figures(course, minutes)


def _tell(sample: int, course: _Course) -> None:
    line = f"{sample * SAMPLE_SECONDS / 60:5.1f} min  {course.memory_mb[-1]:6.1f} MB  {course.cpu_share[-1]:6.1%}"
    print(f"{line}  {spread(course.waits)}", file=sys.stderr, flush=True)  # noqa: T201


def _figures(course: _Course, minutes: float) -> list[Figure]:
    warm = min(WARM_UP_SAMPLES, len(course.memory_mb) // 2)
    after = course.memory_mb[warm - 1 :]
    hours = [number * SAMPLE_SECONDS / 3600 for number in range(len(after))]
    every_ten = ", ".join(f"{mb:.0f}" for mb in course.memory_mb[warm - 1 :: WARM_UP_SAMPLES])
    share = sum(course.cpu_share[warm:]) / len(course.cpu_share[warm:])
    how = f"{FILES} files, {LINES_PER_SECOND} lines/s and the made-up run, for {minutes:.0f} min"
    return [
        Figure("memory in an hour of live load", f"{every_ten} MB every 10 min", "no growth", how),
        Figure("its growth", f"{linear_regression(hours, after).slope:+.1f} MB an hour", "no growth",
               f"least squares, after {warm * SAMPLE_SECONDS / 60:.0f} min; {share:.1%} of a core, keys included"),
        Figure("append → on screen in that hour", spread(course.waits), "p50 ≤ 60 ms, p95 ≤ 100 ms",
               f"{len(course.waits)} appends"),
    ]  # fmt: skip


def main() -> int:
    """Measure that alone."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=60.0)
    parser.add_argument("--markdown", action="store_true")
    arguments = parser.parse_args()
    environment = {key: value for key, value in os.environ.items() if not key.startswith(("CLAUDE", "TOKENTUI"))}
    with tempfile.TemporaryDirectory(prefix="tokentui-hour-") as name:
        show(hour(Path(name), environment, arguments.minutes), machine(), markdown=arguments.markdown)
    return 0


if __name__ == "__main__":
    sys.exit(main())
