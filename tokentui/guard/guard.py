"""One look after another: facts from the store, the rules applied to them, alerts kept, notices handed over."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from tokentui.config.settings import Settings
from tokentui.courier import Courier, Nobody, Teller
from tokentui.guard.post import Post
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
"""How often what is usual is worked out anew."""
USUAL_AT_FIRST_MS = 10_000
"""The same while there is too little history, which may still be on its way in."""
WINDOWS_MS = 10 * MINUTE_MS
"""How often budget windows that have ended are kept."""
LOST_MS = MINUTE_MS
"""How often notices are looked for that another program did not send before it ended."""


@dataclass(frozen=True, slots=True)
class Sighting:
    """What one look found."""

    facts: Facts
    usual: Usuals
    changes: tuple[Change, ...]
    """Conditions whose state is another than at the look before: watched, raised, over or quiet."""
    deliveries: tuple[Delivery, ...] = ()
    """Notices that were sent since the look before, and those that could not be."""


class Guard:
    """Looks whenever it is asked to, after each stored batch and every second; made, used and closed in one thread."""

    def __init__(
        self, connection: sqlite3.Connection, file: OpenedFile, post: Post, teller: Teller | None = None
    ) -> None:
        self._connection, self._file, self._post = connection, file, post
        self._courier = Courier(connection, teller or Nobody(), post.clock)
        self._gatherer = FactGatherer(connection, post.time_zone, post.week_start)
        self._alarm = Alarm(AlertJournal(connection), self._courier.note, self._courier.note_ring)
        self._usual, self._usual_rates = Usuals(), UsualRates()
        self._registry = LiveRegistry(post.read_registry)
        self._usual_turn, self._windows_turn, self._lost_turn = Turn(USUAL_MS), Turn(WINDOWS_MS), Turn(LOST_MS)

    def look(self, is_caught_up: bool = True) -> Sighting:
        """Apply the rules to what the store holds now.

        While old logs are still being read, no day is compared with others, and no past window is kept. Raises
        sqlite3.Error where the database cannot be read or written, StoreError where it is no longer in its place.
        """
        self._file.check()
        now, settings = self._post.clock(), self._post.read_settings()
        facts = self._gatherer.gather(now, settings.budgets, self._registry.sessions(ms_of(now)))
        usual = self._usual_at(now)
        if not is_caught_up:
            usual = replace(usual, day=None)
        mutes = [(mute.rule, mute.session_id) for mute in mutes_now(self._connection, now)]
        changes = self._alarm.look(facts, usual, settings, mutes)
        deliveries = self._send(ms_of(now))
        if is_caught_up:
            self._keep_past_windows(settings, now)
        return Sighting(facts, usual, changes, deliveries)

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()

    def _usual_at(self, now: datetime) -> Usuals:
        """What is usual, as of the last minutes; other programs find it in the store."""
        now_ms = ms_of(now)
        if self._usual_turn.has_come(now_ms):
            self._usual = self._usual_rates.ask(self._connection, now, self._post.time_zone)
            keep_usual(self._connection, self._usual, now)
            self._usual_turn.is_over(now_ms, USUAL_AT_FIRST_MS if self._usual.fresh is None else USUAL_MS)
        return self._usual

    def _send(self, now_ms: int) -> tuple[Delivery, ...]:
        """Hand the notices of new alerts over, and take up those that were lost; what became of earlier ones."""
        self._courier.hand_over()
        deliveries = self._courier.settle()
        if self._lost_turn.has_come(now_ms):
            self._lost_turn.is_over(now_ms)
            self._courier.resume()
        return deliveries

    def _keep_past_windows(self, settings: Settings, now: datetime) -> None:
        if self._windows_turn.has_come(ms_of(now)):
            self._windows_turn.is_over(ms_of(now))
            keep_windows(self._connection, settings.budgets, now, self._post.time_zone, self._post.week_start)


def open_guard(database: Path, post: Post, teller: Teller | None = None) -> Guard:
    """A guard with its own connection to the database at this path. Raises StoreError."""
    connection = open_writer(database)
    connection.execute("PRAGMA cache_size = -2000")  # it looks at the last minutes alone, which fit
    return Guard(connection, OpenedFile(database), post, teller)
