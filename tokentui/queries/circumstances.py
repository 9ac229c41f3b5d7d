"""What answers depend on besides the store."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, tzinfo

from tokentui.config.settings import Budget
from tokentui.instants import midnight
from tokentui.pricing.book import RateBook
from tokentui.transcripts.registry import LiveSession


@dataclass(frozen=True, slots=True)
class Circumstances:
    """The clock, how days are counted, and what is read anew each time: budgets, live sessions, prices."""

    clock: Callable[[], datetime]
    time_zone: tzinfo
    read_budgets: Callable[[], tuple[Budget, ...]]
    read_registry: Callable[[], Iterable[LiveSession]]
    week_start: int = 0
    """0 Monday to 6 Sunday."""
    read_rates: Callable[[sqlite3.Connection], RateBook] = lambda _: RateBook()
    """The prices that estimates are made with."""

    def day_start(self, now: datetime) -> datetime:
        """When the local day of a moment began, in UTC."""
        return midnight(now.astimezone(self.time_zone).date(), self.time_zone)
