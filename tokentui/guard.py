"""The watch of one process: gathers facts, applies the rules, keeps what they raise, and has it told."""

from __future__ import annotations

import os
import sqlite3
import threading
import time
from collections.abc import Callable, Iterable
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import datetime, tzinfo
from pathlib import Path

from tokentui.config.settings import Budget, Settings
from tokentui.config.thresholds import GRADES, Grade, settings_of
from tokentui.courier import Courier, Nobody, Teller
from tokentui.instants import MINUTE_MS, ms_of
from tokentui.queries.budgets.standing import past_windows
from tokentui.queries.live.usual import average_day
from tokentui.queries.runaway.alerts import mutes_now
from tokentui.queries.runaway.facts import FactGatherer
from tokentui.queries.runaway.usual_rates import UsualRates
from tokentui.store.alerts import AlertJournal, WindowResult
from tokentui.store.database import StoreError, open_writer
from tokentui.store.deliveries import Delivery, DeliveryJournal
from tokentui.store.opened import OpenedFile
from tokentui.transcripts.registry import LiveSession
from tokentui.watch.alarm import Alarm, Change, is_muted
from tokentui.watch.facts import Facts, Usuals
from tokentui.watch.findings import Finding
from tokentui.watch.rules import find
from tokentui.watch.usual_memo import keep_usual, kept_usual

USUAL_MS = 5 * MINUTE_MS
"""How often what is usual is worked out anew."""
USUAL_AT_FIRST_MS = 10_000
"""The same while there is too little history, which may still be on its way in."""
WINDOWS_MS = 10 * MINUTE_MS
"""How often past budget windows are kept."""
LOST_MS = MINUTE_MS
"""How often notices are looked for that a program which is gone had still to send."""
REGISTRY_MS = 1_000


@dataclass(frozen=True, slots=True)
class Post:
    """What a watch depends on besides the store."""

    clock: Callable[[], datetime]
    time_zone: tzinfo
    read_settings: Callable[[], Settings]
    read_registry: Callable[[], Iterable[LiveSession]] = tuple
    week_start: int = 0


@dataclass(frozen=True, slots=True)
class Sighting:
    """What one look came to."""

    facts: Facts
    usual: Usuals
    changes: tuple[Change, ...]
    deliveries: tuple[Delivery, ...] = ()
    """What was sent since the look before, and what could not be."""


@dataclass(frozen=True, slots=True)
class Raised:
    """A rule whose condition holds now."""

    finding: Finding
    grade: Grade


class Guard:
    """Looks whenever it is asked to, after each stored batch and every second; made, used and closed in one thread."""

    def __init__(
        self, connection: sqlite3.Connection, file: OpenedFile, post: Post, teller: Teller | None = None
    ) -> None:
        self._connection, self._file, self._post = connection, file, post
        self._courier = Courier(connection, teller or Nobody(), post.clock)
        self._journal = AlertJournal(connection)
        self._gatherer = FactGatherer(connection, post.time_zone, post.week_start)
        self._alarm = Alarm(self._journal, self._courier.note, self._courier.note_ring)
        self._usual, self._usual_rates = Usuals(), UsualRates()
        self._usual_due_ms = self._windows_due_ms = self._registry_due_ms = self._lost_due_ms = 0
        self._registry: tuple[LiveSession, ...] = ()

    def look(self, is_caught_up: bool = True) -> Sighting:
        """Apply the rules to what the store holds now. Raises sqlite3.Error where it cannot be read or written,
        StoreError where it is no longer in its place.

        While old logs are still being read, no day is compared with others, and no past window is kept.
        """
        self._file.check()
        now, settings = self._post.clock(), self._post.read_settings()
        now_ms = ms_of(now)
        facts = self._gatherer.gather(now, settings.budgets, self._live(now_ms))
        usual = self._usual_at(now, now_ms)
        usual = usual if is_caught_up else replace(usual, day=None)
        mutes = [(mute.rule, mute.session_id) for mute in mutes_now(self._connection, now)]
        changes = self._alarm.look(facts, usual, settings, mutes)
        self._courier.hand_over()
        sent = self._courier.settle()
        if self._is_due(now_ms, self._lost_due_ms, LOST_MS):
            self._lost_due_ms = now_ms + LOST_MS
            self._courier.resume()
        if is_caught_up and self._is_due(now_ms, self._windows_due_ms, WINDOWS_MS):
            self._windows_due_ms = now_ms + WINDOWS_MS
            keep_windows(self._connection, settings.budgets, now, self._post.time_zone, self._post.week_start)
        return Sighting(facts, usual, changes, sent)

    def close(self) -> None:
        """Let go of the database."""
        self._connection.close()

    def _usual_at(self, now: datetime, now_ms: int) -> Usuals:
        if self._is_due(now_ms, self._usual_due_ms, USUAL_MS):
            self._usual = self._usual_rates.ask(self._connection, now, self._post.time_zone)
            keep_usual(self._connection, self._usual, now)
            self._usual_due_ms = now_ms + (USUAL_AT_FIRST_MS if self._usual.fresh is None else USUAL_MS)
        return self._usual

    def _live(self, now_ms: int) -> tuple[LiveSession, ...]:
        if self._is_due(now_ms, self._registry_due_ms, REGISTRY_MS):
            self._registry, self._registry_due_ms = tuple(self._post.read_registry()), now_ms + REGISTRY_MS
        return self._registry

    @staticmethod
    def _is_due(now_ms: int, due_ms: int, pause_ms: int) -> bool:
        """Also where the clock was set back beyond the last time."""
        return now_ms >= due_ms or due_ms - now_ms > pause_ms


def open_guard(database: Path, post: Post, teller: Teller | None = None) -> Guard:
    """A watch over the database at this path, by a connection of its own. Raises StoreError."""
    connection = open_writer(database)
    connection.execute("PRAGMA cache_size = -2000")  # it looks at the last minutes alone, which fit
    return Guard(connection, OpenedFile(database), post, teller)


LOOK_SECONDS = 1.0
QUIET_SECONDS = 30.0
"""Pauses double up to this when nobody works or spends; a new line wakes the watch at once all the same."""
PAUSE_SECONDS = 0.2
"""Least time between two looks, however many lines come; more where looks take long, but hardly more than a second."""
PAUSES = 20
"""How many times as long as a look the pause after it is: a twentieth of one processor, where each look is quick."""
LEAST_PAUSES = 2
RETRY_SECONDS = 5.0


def keep_looking(
    open_one: Callable[[], Guard],
    stop: threading.Event,
    woken: threading.Event,
    on_sighting: Callable[[Sighting], None] = lambda _: None,
    on_trouble: Callable[[str], None] = lambda _: None,
    is_caught_up: Callable[[], bool] = lambda: True,
) -> None:
    """Look every second while anybody works, and at once when woken by new lines, until told to stop.

    Belongs to a thread of its own. A store that cannot be used for a while is said so, and tried again.
    """
    while not stop.is_set():
        try:
            with closing(open_one()) as guard:
                on_trouble("")
                pause = LOOK_SECONDS
                while not stop.is_set():
                    woken.wait(pause)
                    woken.clear()
                    if not stop.is_set():
                        began = time.monotonic()
                        sighting = guard.look(is_caught_up())
                        on_sighting(sighting)
                        is_busy = sighting.facts.is_spending or sighting.facts.working_agents
                        pause = LOOK_SECONDS if is_busy else min(2 * pause, QUIET_SECONDS)
                        stop.wait(pause_after(time.monotonic() - began))
        except (sqlite3.Error, StoreError) as error:
            on_trouble(f"the rules cannot be applied: {error}")
            stop.wait(RETRY_SECONDS)


def pause_after(look_seconds: float) -> float:
    """Seconds until the next look, which is not kept waiting for more than a second unless looks take that long."""
    return max(PAUSE_SECONDS, min(PAUSES * look_seconds, LOOK_SECONDS), LEAST_PAUSES * look_seconds)


def keep_windows(
    connection: sqlite3.Connection, budgets: Iterable[Budget], now: datetime, zone: tzinfo, week_start: int
) -> None:
    """Keep how the last window of each budget ended, once it has."""
    results = [
        WindowResult(
            budget.name, budget.scope, budget.unit, budget.window, ms_of(past.start_at),
            ms_of(past.end_at), past.limit, past.spent, past.is_lower_bound,
        )
        for budget in budgets
        if not budget.window.startswith("rolling")  # its windows have no end
        for past in past_windows(connection, budget, now, zone, week_start, 1)
        if not past.is_kept and not budget.is_default
    ]  # fmt: skip
    if results:
        AlertJournal(connection).keep_windows(results)


def raised_now(connection: sqlite3.Connection, post: Post) -> tuple[list[Raised], Usuals | None]:
    """Every rule whose condition holds now, held or not, the loudest first; nothing is kept and nobody is told.

    Also what is usual, where it had to be worked out: worth keeping by `keep_usual`.
    """
    now, settings = post.clock(), post.read_settings()
    gatherer = FactGatherer(connection, post.time_zone, post.week_start)
    facts = gatherer.gather(now, settings.budgets, post.read_registry())
    mutes = [(mute.rule, mute.session_id) for mute in mutes_now(connection, now)]
    usual, worked_out = Usuals(day=average_day(connection, now, post.time_zone)), None
    if any(found.ratio >= 1 for found in find(facts, usual, settings.rules)):
        kept = kept_usual(connection, now)  # what is usual can only make rules quieter, and costs a look at a week
        worked_out = UsualRates().ask(connection, now, post.time_zone) if kept is None else None
        usual = kept or worked_out or usual
    raised = [
        Raised(found, found.grade or settings_of(found.rule, settings.rules).grade)
        for found in find(facts, usual, settings.rules)
        if found.ratio >= 1 and not is_muted(found, mutes)
    ]
    return sorted(raised, key=lambda one: (-GRADES.index(one.grade), -one.finding.ratio)), worked_out


def keep_deliveries(database: Path, deliveries: Iterable[Delivery]) -> None:
    """Keep what was sent after the last look. Raises StoreError."""
    with closing(open_writer(database)) as connection:
        DeliveryJournal(connection, os.getpid()).settle(deliveries)


def acknowledge(database: Path, alert_id: int, now: datetime) -> bool:
    """Somebody has seen an alert; False where there is none of that number. Raises StoreError."""
    with closing(AlertJournal(open_writer(database))) as journal:
        return journal.acknowledge(alert_id, ms_of(now))


def mute(database: Path, now: datetime, rule: str = "", session_id: str = "", until: datetime | None = None) -> None:
    """Keep a rule or a session quiet until then, or for good. Raises StoreError."""
    with closing(AlertJournal(open_writer(database))) as journal:
        until_ms = None if until is None else ms_of(until)
        journal.mute(ms_of(now), rule, session_id, until_ms)


def unmute(database: Path, rule: str = "", session_id: str = "") -> bool:
    """Let it speak again; False where it was not muted. Raises StoreError."""
    with closing(AlertJournal(open_writer(database))) as journal:
        return journal.unmute(rule, session_id)
