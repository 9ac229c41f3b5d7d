"""A process that reads some logs into the store: `python -m tokentui.ingest.worker`, with two lines of JSON on stdin.

After each transaction it writes one line of JSON to stdout: bytes read, responses added, and when the newest log
that is left was modified.
"""

from __future__ import annotations

import gc
import json
import sys
from collections.abc import Callable, Iterable, Sequence
from contextlib import closing
from pathlib import Path
from typing import IO

from tokentui.config.load import load_settings
from tokentui.home import Home
from tokentui.ingest.batches import Told, reading
from tokentui.ingest.logs import Logs
from tokentui.pricing.sources import PriceSources
from tokentui.store.priced import open_priced
from tokentui.transcripts.found_logs import FoundLog

PATIENCE_SECONDS = 60.0
"""How long a worker waits for its turn to write; the others hold the lock for a fraction of a second each."""


def home_order(home: Home) -> bytes:
    """The first line for a worker's stdin: where the store and the configuration are."""
    return json.dumps([str(directory) for directory in home]).encode() + b"\n"


def logs_order(logs: Sequence[FoundLog]) -> bytes:
    """The second line for a worker's stdin: which logs to read. Without it, a worker ends."""
    return json.dumps(logs).encode() + b"\n"


def run(home: Home, prices: PriceSources, logs: list[FoundLog]) -> Iterable[Told]:
    """Read logs into the store, one transaction at a time."""
    with closing(open_priced(home.database, prices, PATIENCE_SECONDS)) as store:
        store.load_prices()
        known = Logs(store)
        known.remember_stored()
        for told in reading(known, logs):
            known.known.clear()  # no log is read twice, and what is known of each adds up in a long history
            yield told


def work(orders: IO[str], tell: Callable[[str], object]) -> None:
    """Read the logs that stdin names, and tell of each transaction."""
    home = Home(*map(Path, json.loads(orders.readline())))
    prices = PriceSources(load_settings(home.config_file).prices, home.prices_file)
    logs = [FoundLog(*log) for log in json.loads(orders.readline() or "[]")]
    for told in run(home, prices, logs) if logs else ():
        tell(json.dumps(told) + "\n")


def main() -> int:
    """Do the work that stdin asks for; a closed stdout ends it, since nobody waits for it then."""
    gc.disable()  # records hold no cycles, and looking for some takes a tenth of the time

    def tell(line: str) -> None:
        sys.stdout.write(line)
        sys.stdout.flush()

    try:
        work(sys.stdin, tell)
    except BrokenPipeError:
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
