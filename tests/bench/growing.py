"""Lets logs grow as on a busy day, in a process of its own so that whoever measures is not held up.

`python -m tests.bench.growing FOLDER FILES LINES_PER_SECOND`: sessions that write a line in turn, and beside them the
made-up run with its sub-agents, new sessions and alarms; says `ready` once it begins, ends when stdin is closed.
"""

from __future__ import annotations

import heapq
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from tests.kit.storms import storm_lines
from tokentui.demo.player import play_events
from tokentui.demo.script import play

FILES, LINES_PER_SECOND = 100, 50
_LONGEST_SECONDS = 86_400.0


@contextmanager
def growing(folder: Path, files: int = FILES, lines_per_second: float = LINES_PER_SECOND) -> Iterator[None]:
    """Logs below this folder grow while the context is open."""
    command = [sys.executable, "-m", "tests.bench.growing", *map(str, (folder, files, lines_per_second))]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            process.stdout.readline()
            yield
        finally:
            process.stdin.close()


def main(folder: Path, files: int, lines_per_second: float) -> None:
    """Write each line when its time has come."""
    stop = threading.Event()
    threading.Thread(target=_stop_at_end, args=(stop,), daemon=True).start()
    began_at = datetime.now(UTC)
    steady = storm_lines(files, lines_per_second, _LONGEST_SECONDS, began_at)
    print("ready", flush=True)  # noqa: T201
    play_events(folder, heapq.merge(steady, play(7, began_at), key=lambda event: event.at), began_at, stop)


def _stop_at_end(stop: threading.Event) -> None:
    sys.stdin.read()
    stop.set()


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3]))
