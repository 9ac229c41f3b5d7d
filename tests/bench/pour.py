"""Pours lines into logs at a steady rate, from a process of its own so that whoever measures is not held up.

`python -m tests.bench.pour FOLDER FILES LINES_PER_SECOND SECONDS`: says `ready`, waits for a line, pours, then writes
the last line of all, a title, and says how many responses there were and when the last byte was written.
"""

from __future__ import annotations

import json
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO

from tests.bench.live import log_of, title_line
from tests.kit.storms import storm_lines

LAST_TITLE = "last line of all"
"""Of the session that was there before."""


def main(folder: Path, files: int, lines_per_second: int, seconds: float) -> None:
    """Write everything down first: making lines up costs more than appending them."""
    events = list(storm_lines(files, lines_per_second, seconds, datetime.now(UTC), text_limit=1200))
    answers = {
        line["message"]["id"] for line in (json.loads(event.data) for event in events) if line["type"] == "assistant"
    }
    logs = {path: _opened(folder / path) for path in {event.path for event in events}}
    print("ready", flush=True)  # noqa: T201
    sys.stdin.readline()
    began = time.perf_counter()
    for number, event in enumerate(events):
        ahead = number / lines_per_second - (time.perf_counter() - began)
        if ahead > 0.002:
            time.sleep(ahead)
        logs[event.path].write(event.data)
    with log_of(folder, 1).open("a") as log:
        log.write(title_line(1, LAST_TITLE))
    print(json.dumps([len(answers), time.perf_counter()]), flush=True)  # noqa: T201


def _opened(path: Path) -> BinaryIO:
    path.parent.mkdir(parents=True, exist_ok=True)
    return path.open("ab", buffering=0)


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]), float(sys.argv[4]))
