"""What pricing adds to reading a history from nothing."""

from __future__ import annotations

import threading
import time
from contextlib import closing
from pathlib import Path

from tests.bench.table import Figure
from tokentui.ingest.catch_up import catch_up
from tokentui.ingest.logs import Logs
from tokentui.pricing.book import RateBook
from tokentui.pricing.price import Price, Pricer, pricer
from tokentui.records import BilledUsage
from tokentui.store.database import open_writer
from tokentui.store.write import Store
from tokentui.transcripts.sources import sources


def pricing_share(tree: Path, folder: Path) -> list[Figure]:
    """Processor time of a cold ingest in one process, with prices and with a price that costs nothing to find."""
    free = min(_cold_seconds(tree, folder / f"free-{run}", _no_price) for run in range(2))
    priced = min(_cold_seconds(tree, folder / f"priced-{run}", pricer(RateBook())) for run in range(2))
    share = (priced - free) / free
    return [
        Figure(
            "pricing adds to a cold ingest", f"{share:.1%}", "≤ 15 %", f"{priced:.2f} against {free:.2f} s of processor"
        )
    ]


def _no_price(_usage: BilledUsage, _at_ms: int) -> Price:
    return Price(None, None, "none")


def _cold_seconds(tree: Path, state: Path, price: Pricer) -> float:
    database = state / "t.db"
    with closing(Store(open_writer(database), price, database)) as store:
        began = time.process_time()
        catch_up(Logs(store), sources([tree], {}, state), threading.Event())
        return time.process_time() - began
