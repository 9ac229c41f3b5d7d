"""Writes what was sent about alerts: a row before anything is sent, settled once its outcome is known."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import NamedTuple

from tokentui.instants import MINUTE_MS

_ON_ITS_WAY = "on its way, by process "
LOST = "the program ended before it was sent"
LOST_AFTER_MS = 10 * MINUTE_MS
"""Longer than any retries take: a notice that is pending for so long is lost, whatever process has that number now."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """One attempt to tell somebody about an alert."""

    alert_id: int
    channel: str
    at_ms: int
    attempts: int = 1
    error: str = ""
    """Why it failed, without any secret; empty if it did not."""


class Unsent(NamedTuple):
    """A notice that a program had still to send when it ended."""

    alert_id: int
    channel: str


def is_pending(error: str) -> bool:
    """SQL: whether a row's notice is still to be sent."""
    return error.startswith(_ON_ITS_WAY)


class DeliveryJournal:
    """Writes the deliveries of one process; made and used in one thread."""

    def __init__(self, connection: sqlite3.Connection, process_id: int) -> None:
        self._connection, self._pending = connection, f"{_ON_ITS_WAY}{process_id}"

    def expect(self, alert_id: int, channels: Iterable[str], now_ms: int) -> None:
        """Note that a notice is about to be sent."""
        self._connection.executemany(
            "INSERT INTO alert_delivery (alert_id, channel, at_ms, attempts, error) VALUES (?, ?, ?, 0, ?)",
            [(alert_id, channel, now_ms, self._pending) for channel in channels],
        )

    def settle(self, deliveries: Iterable[Delivery]) -> None:
        """Store outcomes; each settles the oldest pending row of this process for its alert and channel."""
        for sent in deliveries:
            settled = self._connection.execute(
                "UPDATE alert_delivery SET at_ms = ?, attempts = ?, error = ? WHERE id = (SELECT min(id)"
                " FROM alert_delivery WHERE alert_id = ? AND channel = ? AND error = ?)",
                (sent.at_ms, sent.attempts, sent.error, sent.alert_id, sent.channel, self._pending),
            )
            if not settled.rowcount:
                self._connection.execute(
                    "INSERT INTO alert_delivery (alert_id, channel, at_ms, attempts, error) VALUES (?, ?, ?, ?, ?)",
                    (sent.alert_id, sent.channel, sent.at_ms, sent.attempts, sent.error),
                )

    def give_up_lost(self, now_ms: int, is_running: Callable[[int], bool]) -> list[Unsent]:
        """Mark pending notices of programs that are gone as not sent, and return them; only one caller gets each."""
        found = self._connection.execute(
            "SELECT id, alert_id, channel, at_ms, error FROM alert_delivery WHERE substr(error, 1, ?) = ?",
            (len(_ON_ITS_WAY), _ON_ITS_WAY),
        ).fetchall()
        lost = []
        for row_id, alert_id, channel, at_ms, error in found:
            process_id = error.removeprefix(_ON_ITS_WAY)
            is_old = not 0 <= now_ms - at_ms < LOST_AFTER_MS
            if not is_old and (error == self._pending or (process_id.isdecimal() and is_running(int(process_id)))):
                continue
            changed = self._connection.execute(
                "UPDATE alert_delivery SET error = ? WHERE id = ? AND error = ?", (LOST, row_id, error)
            )
            if changed.rowcount:
                lost.append(Unsent(alert_id, channel))
        return lost
