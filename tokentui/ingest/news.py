"""Whether logs or rates hold something new, found out without loading what reads them."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from typing import TYPE_CHECKING

from tokentui.pricing.stamp import rates_stamp
from tokentui.store.memo import STAMP, read_memo
from tokentui.transcripts.places import Source, find_logs

if TYPE_CHECKING:
    from tokentui.pricing.sources import PriceSources


def has_new_rates(connection: sqlite3.Connection, prices: PriceSources) -> bool:
    """Whether stored costs may stand on other rates than those that hold now."""
    return read_memo(connection, STAMP) != rates_stamp(prices)


def has_news(connection: sqlite3.Connection, sources: Iterable[Source]) -> bool:
    """Whether a log is unknown, was not read to its end, or was changed since."""
    stored = {row[0]: row[1:] for row in connection.execute("SELECT path, modified_ns, size_bytes FROM log")}
    return any(
        stored.get(log.place.path) != (log.modified_ns, log.size_bytes)
        for source in sources
        for log in find_logs(source)
    )
