"""A process that reads some logs into the store: `python -m tokentui.ingest.worker`, its job as JSON on stdin.

Each transaction is told as one JSON line on stdout: bytes read, responses added, the newest log left.
"""

from __future__ import annotations

import gc
import json
import sys
from collections.abc import Iterable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from tokentui.config.load import load_settings
from tokentui.home import Home
from tokentui.ingest.catch_up import Told, reading
from tokentui.ingest.logs import Logs
from tokentui.pricing.sources import PriceSources
from tokentui.store.priced import open_priced
from tokentui.transcripts.places import FoundLog

PATIENCE_SECONDS = 60.0
"""How long a worker waits for its turn to write; the others hold the lock for a fraction of a second each."""


@dataclass(frozen=True, slots=True)
class Job:
    """Which logs to read, and where the store and the configuration are."""

    home: Home
    logs: tuple[FoundLog, ...]

    def to_json(self) -> str:
        """For the worker's stdin."""
        home = {name: str(path) for name, path in self.home._asdict().items()}
        return json.dumps({"home": home, "logs": self.logs})


def job_of(text: str) -> Job:
    """The job that `to_json` described."""
    job = json.loads(text)
    home = Home(**{name: Path(path) for name, path in job["home"].items()})
    return Job(home, tuple(FoundLog(*log) for log in job["logs"]))


def run(job: Job) -> Iterable[Told]:
    """Read the job's logs, one transaction at a time."""
    prices = PriceSources(load_settings(job.home.config_file).prices, job.home.prices_file)
    with closing(open_priced(job.home.database, prices, PATIENCE_SECONDS)) as store:
        logs = Logs(store)
        logs.remember_stored()
        for told in reading(logs, list(job.logs)):
            logs.known.clear()  # no log is read twice, and what is known of each adds up in a long history
            yield told


def main() -> int:
    """Do the job on stdin. A closed stdout means that nobody waits for it any more."""
    gc.disable()  # records hold no cycles, and looking for some takes a tenth of the time
    try:
        for told in run(job_of(sys.stdin.read())):
            sys.stdout.write(json.dumps(told) + "\n")
            sys.stdout.flush()
    except BrokenPipeError:
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
