"""One look at the store: gathers facts, applies the rules, keeps the alerts they raise, hands over their notices."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from tokentui.config.settings import Settings
from tokentui.courier import Courier, Nobody, Teller
from tokentui.guard.surroundings import Surroundings
from tokentui.guard.turn import Turn
from tokentui.guard.windows import keep_windows
from tokentui.instants import MINUTE_MS, ms_of
from tokentui.queries.runaway.alerts import mutes_now
from tokentui.queries.runaway.facts import FactGatherer
from tokentui.queries.runaway.usual_rates import UsualRates
from tokentui.store.alerts import AlertJournal
from tokentui.store.database import open_writer
from tokentui.store.deliveries import Delivery
from tokentui.store.opened import OpenedFile
from tokentui.transcripts.registry import LiveRegistry
from tokentui.watch.alarm import Alarm, Change
from tokentui.watch.facts import Facts
from tokentui.watch.usual import Usuals
from tokentui.watch.usual_memo import keep_usual

USUAL_MS = 5 * MINUTE_MS
"""How often the usual figures are worked out anew."""
USUAL_AT_FIRST_MS = 10_000
"""The same while there is too little history: the program may still be reading it."""
WINDOWS_MS = 10 * MINUTE_MS
"""How often the results of budget windows that have ended are stored."""
LOST_MS = MINUTE_MS
"""How often to look for notices that another program had not sent when it ended."""


@dataclass(frozen=True, slots=True)
class Look:
    """What one look found."""

    facts: Facts
    usual: Usuals
    changes: tuple[Change, ...]
    """Conditions whose state has changed since the look before: now watched, raised, over or quiet."""
    deliveries: tuple[Delivery, ...] = ()
    """Notices that were sent since the look before, and those that could not be."""


class Guard:
    """Looks when it is told to: after each stored batch, and every second. Made, used and closed in one thread."""

    def __init__(
        self, connection: sqlite3.Connection, file: OpenedFile, surroundings: Surroundings, teller: Teller | None = None
    ) -> None:
        self._connection, self._file, self._surroundings = connection, file, surroundings
        self._courier = Courier(connection, teller or Nobody(), surroundings.clock)
        self._gatherer = FactGatherer(connection, surroundings.time_zone, surroundings.week_start)
        self._alarm = Alarm(AlertJournal(connection), self._courier.note, self._courier.note_ring)
        self._usual, self._usual_rates = Usuals(), UsualRates()
        self._registry = LiveRegistry(surroundings.read_registry)
        self._usual_turn, self._windows_turn, self._lost_turn = Turn(USUAL_MS), Turn(WINDOWS_MS), Turn(LOST_MS)

    def look(self, is_caught_up: bool = True) -> Look:
        """Apply the rules to what the store holds now.

        While old logs are still being read (`is_caught_up` is False), today is not compared with other days, and no
        past window is stored. Raises sqlite3.Error if the database cannot be read or written, and StoreError if its
        file was deleted or replaced.
        """
        self._file.check()
        now, settings = self._surroundings.clock(), self._surroundings.read_settings()
        facts = self._gatherer.gather(now, settings.budgets, self._registry.sessions(ms_of(now)))
        usual = self._usual_at(now)
        if not is_caught_up:
            usual = replace(usual, day=None)
        mutes = [(mute.rule, mute.session_id) for mute in mutes_now(self._connection, now)]
        changes = self._alarm.look(facts, usual, settings, mutes)
        deliveries = self._send(ms_of(now))
        if is_caught_up:
            self._keep_past_windows(settings, now)
        return Look(facts, usual, changes, deliveries)

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()

    def _usual_at(self, now: datetime) -> Usuals:
        """The usual figures, a few minutes old at most; they are stored too, for programs that look only once."""
        now_ms = ms_of(now)
        if self._usual_turn.has_come(now_ms):
            self._usual = self._usual_rates.ask(self._connection, now, self._surroundings.time_zone)
            keep_usual(self._connection, self._usual, now)
            self._usual_turn.is_over(now_ms, USUAL_AT_FIRST_MS if self._usual.fresh is None else USUAL_MS)
        return self._usual

    def _send(self, now_ms: int) -> tuple[Delivery, ...]:
        """Hand over the notices of new alerts and those that other programs left unsent; returns what was sent."""
        self._courier.hand_over()
        deliveries = self._courier.settle()
        if self._lost_turn.has_come(now_ms):
            self._lost_turn.is_over(now_ms)
            self._courier.resume()
        return deliveries

    def _keep_past_windows(self, settings: Settings, now: datetime) -> None:
        if self._windows_turn.has_come(ms_of(now)):
            self._windows_turn.is_over(ms_of(now))
            keep_windows(
                self._connection, settings.budgets, now, self._surroundings.time_zone, self._surroundings.week_start
            )


def open_guard(database: Path, surroundings: Surroundings, teller: Teller | None = None) -> Guard:
    """A guard with its own connection to the database at this path. Raises StoreError."""
    connection = open_writer(database)
    connection.execute("PRAGMA cache_size = -2000")  # 2 MB: a look reads only the last minutes, and these fit
    return Guard(connection, OpenedFile(database), surroundings, teller)
