"""The guard keeps what became of notices, starts over on a new history, and rests as long as looks take."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from contextlib import closing
from datetime import UTC, datetime

import pytest

from tests.kit import storms
from tests.kit.alert_facts import NOW_MS, alert, at, path_of
from tests.kit.stage import SECOND, START_AT, Stage
from tests.kit.stores import NewDatabase
from tokentui.config.settings import Settings
from tokentui.guard.guard import Guard, Look, open_guard
from tokentui.guard.keep_looking import keep_looking, pause_after
from tokentui.guard.surroundings import Surroundings
from tokentui.queries.runaway.alerts import alert_log
from tokentui.store.alerts import AlertJournal
from tokentui.store.database import open_reader
from tokentui.store.deliveries import LOST, LOST_AFTER_MS, Delivery, DeliveryJournal
from tokentui.watch.condition import AGAIN_MS
from tokentui.watch.telling.notices import Notice


class Postman:
    """Takes notices by one channel; what became of them is asked for once."""

    def __init__(self, *, is_quick: bool = True) -> None:
        self.told: list[tuple[Notice, str]] = []
        self._is_quick = is_quick

    def channels(self) -> tuple[str, ...]:
        return ("command",)

    def tell(self, notice: Notice, only: str = "") -> None:
        self.told.append((notice, only))

    def ring(self, notice: Notice) -> None:
        self.told.append((notice, "the bell alone"))

    def delivered(self) -> list[Delivery]:
        if not self._is_quick:
            return []
        return [Delivery(notice.alert_id, "command", 1, 1, "it broke") for notice, _ in self.told]


def test_a_guard_keeps_what_its_teller_delivered(stage: Stage) -> None:
    stage.write(event for event in storms.crowd(START_AT, 12) if event.at < START_AT + 30 * SECOND)
    clock, postman = [START_AT + 31 * SECOND], Postman()
    with closing(open_guard(stage.database, Surroundings(lambda: clock[0], UTC, Settings), postman)) as guard:
        sent = _looks(guard, clock, 6)
    assert postman.told[0][0].rule == "agents_at_once"
    assert sent[0].error == "it broke"
    with closing(open_reader(stage.database)) as reader:
        row = next(row for row in alert_log(reader, clock[0]) if row.rule == "agents_at_once")
    assert row.sent[0].error == "it broke"


def test_a_guard_whose_history_was_replaced_is_opened_anew(new_database: NewDatabase) -> None:
    database, stop, woken = new_database(), threading.Event(), threading.Event()
    said: list[str] = []

    def on_look(_: Look) -> None:
        new_database().replace(database)
        woken.set()

    def on_trouble(reason: str) -> None:
        said.append(reason)
        if reason:
            stop.set()

    woken.set()
    keep_looking(
        lambda: open_guard(database, Surroundings(lambda: START_AT, UTC, Settings)), stop, woken, on_look, on_trouble
    )
    assert said == [
        "",
        f"the rules cannot be applied: {database} was replaced while it was open; the other one is opened",
    ]


def test_what_is_on_its_way_is_written_down_before_it_is_known_to_be_sent(stage: Stage) -> None:
    stage.write(event for event in storms.crowd(START_AT, 12) if event.at < START_AT + 30 * SECOND)
    clock = [START_AT + 31 * SECOND]
    surroundings = Surroundings(lambda: clock[0], UTC, Settings)
    with closing(open_guard(stage.database, surroundings, Postman(is_quick=False))) as guard:
        _looks(guard, clock, 6)
    with closing(open_reader(stage.database)) as reader:
        row = next(row for row in alert_log(reader, clock[0]) if row.rule == "agents_at_once")
    assert [(sent.channel, sent.is_pending, sent.error) for sent in row.sent] == [("command", True, "")]


def test_what_a_killed_program_left_unsent_is_sent_once_more_while_its_alert_holds(
    journal: AlertJournal, new_database: NewDatabase
) -> None:
    holds = journal.raise_alert(alert(), NOW_MS, AGAIN_MS).alert_id
    ended = journal.raise_alert(alert(subject="other"), NOW_MS, AGAIN_MS).alert_id
    journal.end(ended, NOW_MS + 1_000)
    killed = DeliveryJournal(journal._connection, _ended_process())
    killed.expect(holds, ("command", "webhook slack"), NOW_MS)
    killed.expect(ended, ("command",), NOW_MS)
    DeliveryJournal(journal._connection, os.getppid()).expect(ended, ("desktop",), NOW_MS)
    postman, clock = Postman(is_quick=False), [at(NOW_MS + 5_000)]
    with closing(open_guard(path_of(journal), Surroundings(lambda: clock[0], UTC, Settings), postman)) as guard:
        _looks(guard, clock, 70)
    assert [(notice.alert_id, notice.title, only) for notice, only in postman.told] == [
        (holds, "too many agents at once", "command")
    ]
    with closing(open_reader(path_of(journal))) as reader:
        rows = {row.alert_id: [(sent.channel, sent.error) for sent in row.sent] for row in alert_log(reader, clock[0])}
    assert rows[holds] == [("command", LOST), ("webhook slack", LOST), ("command", "")]
    assert rows[ended] == [("command", LOST), ("desktop", "")]


def test_what_has_been_on_its_way_for_too_long_is_lost_whoever_has_that_number_now(journal: AlertJournal) -> None:
    alert_id = journal.raise_alert(alert(), NOW_MS, AGAIN_MS).alert_id
    mine = DeliveryJournal(journal._connection, os.getpid())
    mine.expect(alert_id, ("command",), NOW_MS)
    assert mine.give_up_lost(NOW_MS + LOST_AFTER_MS - 1, lambda _: False) == []
    assert mine.give_up_lost(NOW_MS + LOST_AFTER_MS, lambda _: True) == [(alert_id, "command")]
    assert mine.give_up_lost(NOW_MS + LOST_AFTER_MS, lambda _: True) == []


def _ended_process() -> int:
    with subprocess.Popen([sys.executable, "-c", ""]) as process:
        process.wait()
    return process.pid


def _looks(guard: Guard, clock: list[datetime], times: int) -> list[Delivery]:
    sent: list[Delivery] = []
    for _ in range(times):
        sent += guard.look().deliveries
        clock[0] += SECOND
    return sent


@pytest.mark.parametrize(("look_seconds", "pause_seconds"), [(0.001, 0.2), (0.02, 0.4), (0.3, 1.0), (0.8, 1.6)])
def test_the_longer_a_look_takes_the_longer_it_rests(look_seconds: float, pause_seconds: float) -> None:
    assert pause_after(look_seconds) == pytest.approx(pause_seconds)
