"""Hands notices of alerts to the teller, which sends them. Each is stored before, so that a lost one is sent later."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Iterable
from contextlib import closing
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Protocol

from tokentui.instants import ms_of
from tokentui.queries.alert_rows import AlertRow
from tokentui.queries.runaway.alerts import open_alerts
from tokentui.store.database import open_writer
from tokentui.store.deliveries import Delivery, DeliveryJournal
from tokentui.transcripts.registry import process_runs
from tokentui.watch.telling.notices import Notice


class Teller(Protocol):
    """Sends notices outside the screen; see `watch.telling.telling`."""

    def channels(self) -> tuple[str, ...]:
        """The names of the channels by which a notice would be sent now."""
        ...

    def tell(self, notice: Notice, only: str = "") -> None:
        """Take a notice to send and return at once; with `only`, send it by the channel of that name alone."""
        ...

    def ring(self, notice: Notice) -> None:
        """Show an alarm in this terminal alone, because another program sends it."""
        ...

    def delivered(self) -> list[Delivery]:
        """The outcome of every attempt to send since the last call, failures included."""
        ...


class Nobody:
    """A teller that sends nothing."""

    def channels(self) -> tuple[str, ...]:
        """None."""
        return ()

    def tell(self, notice: Notice, only: str = "") -> None:
        """Drop it."""

    def ring(self, notice: Notice) -> None:
        """Say nothing."""

    def delivered(self) -> list[Delivery]:
        """Nothing."""
        return []


class Courier:
    """Hands notices to a teller and stores their outcome. Used only in the thread that checks the rules."""

    def __init__(self, connection: sqlite3.Connection, teller: Teller, clock: Callable[[], datetime]) -> None:
        self._connection, self._teller, self._clock = connection, teller, clock
        self._journal = DeliveryJournal(connection, os.getpid())
        self._noted: list[Callable[[], None]] = []

    def note(self, notice: Notice) -> None:
        """Store that a notice is to be sent. Called in the transaction of its alert, so that both are kept or none."""
        self._journal.expect(notice.alert_id, self._teller.channels(), self._now_ms())
        self._noted.append(partial(self._teller.tell, notice))

    def note_ring(self, notice: Notice) -> None:
        """Take an alarm that another program sends; this program only shows it, so nothing is stored."""
        self._noted.append(partial(self._teller.ring, notice))

    def hand_over(self) -> None:
        """Pass all noted notices to the teller; called once the transaction that stored them has ended."""
        noted, self._noted = self._noted, []
        for hand_over in noted:
            hand_over()

    def settle(self) -> tuple[Delivery, ...]:
        """Store and return the outcomes of the notices handed over so far."""
        sent = tuple(self._teller.delivered())
        self._journal.settle(sent)
        return sent

    def resume(self) -> None:
        """Mark notices as lost whose program ended before sending them, and send those whose alerts still hold."""
        lost = self._journal.give_up_lost(self._now_ms(), process_runs)
        if not lost:
            return
        holding = {row.alert_id: row for row in open_alerts(self._connection, self._clock())}
        channels = self._teller.channels()
        for unsent in lost:
            row = holding.get(unsent.alert_id)
            if row is not None and unsent.channel in channels:
                self._journal.expect(unsent.alert_id, (unsent.channel,), self._now_ms())
                self._teller.tell(_notice_of(row), unsent.channel)

    def _now_ms(self) -> int:
        return ms_of(self._clock())


def _notice_of(row: AlertRow) -> Notice:
    return Notice(
        row.alert_id, "alarm", row.rule, row.title, row.evidence, row.value, row.limit, row.unit,
        ms_of(row.raised_at), row.session_id, row.session_title, "", row.agents,
    )  # fmt: skip


def keep_deliveries(database: Path, deliveries: Iterable[Delivery]) -> None:
    """Store the outcomes of notices that were sent after the last check of the rules. Raises StoreError."""
    with closing(open_writer(database)) as connection:
        DeliveryJournal(connection, os.getpid()).settle(deliveries)
