"""Alerts, what was sent about them, what is muted, and how past budget windows ended, on their way into the store."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import NamedTuple

from tokentui.instants import MINUTE_MS

_TOLD_WITH = "told with alert "
STALE_MS = 2 * MINUTE_MS
"""An alert that nobody has kept up for this long ended then: the program that raised it is gone."""
A_MOMENT_MS = MINUTE_MS
"""A shared alert was raised less than this long ago; one that has held for longer is no news."""


@dataclass(frozen=True, slots=True)
class AlertFacts:
    """What there is to keep about an alert."""

    rule: str
    subject: str
    grade: str
    session_id: str
    agents: tuple[str, ...]
    unit: str
    value: float
    limit: float
    evidence: str
    lasts_until_ms: int = 0
    """Until then the same subject is the same alert, however long it was over in between."""


class Raised(NamedTuple):
    """An alert that holds now."""

    alert_id: int
    is_new: bool
    """False where it is one that came back, or that another process raised: it has been told already."""
    is_shared: bool = False
    """Whether another process raised it a moment ago."""


class WindowResult(NamedTuple):
    """How a budget's window ended."""

    name: str
    scope: str
    unit: str
    window: str
    start_ms: int
    end_ms: int
    limit: float
    spent: float
    is_lower_bound: bool


class AlertJournal:
    """Writes about alerts; made, used and closed in one thread, beside the store's own writer."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._is_together = False

    def raise_alert(self, facts: AlertFacts, now_ms: int, again_ms: int) -> Raised:
        """Keep an alert that begins now. One of the same subject that has just ended goes on instead."""
        with self._at_once():
            self._end_stale(now_ms)
            row = self._connection.execute(
                "SELECT id, ended_at_ms, raised_at_ms FROM alert WHERE rule = ? AND subject = ?"
                " AND (ended_at_ms IS NULL OR ended_at_ms > ? OR lasts_until_ms > ?)"
                " ORDER BY raised_at_ms DESC LIMIT 1",
                (facts.rule, facts.subject, now_ms - again_ms, now_ms),
            ).fetchone()
            if row is None:
                return Raised(self._insert(facts, now_ms), True)
            if row[1] is not None:
                self._connection.execute(
                    "UPDATE alert SET ended_at_ms = NULL, times = times + 1, last_at_ms = ? WHERE id = ?",
                    (now_ms, row[0]),
                )
        self.keep_up(row[0], facts, now_ms)
        return Raised(row[0], False, row[1] is None and now_ms - row[2] < A_MOMENT_MS)

    def keep_up(self, alert_id: int, facts: AlertFacts, now_ms: int) -> None:
        """The alert still holds; its peak moves with the value."""
        values = (
            now_ms, facts.value, facts.limit, facts.value, now_ms, facts.value, facts.evidence, facts.value, alert_id,
        )  # fmt: skip
        with self._at_once():
            self._connection.execute(
                "UPDATE alert SET last_at_ms = max(last_at_ms, ?), value = ?, limit_value = ?,"
                " peak_at_ms = CASE WHEN ? > peak THEN ? ELSE peak_at_ms END,"
                " peak_evidence = CASE WHEN ? > peak THEN ? ELSE peak_evidence END, peak = max(peak, ?) WHERE id = ?",
                values,
            )

    def end(self, alert_id: int, now_ms: int) -> bool:
        """The alert is over. False where that is no news: another program has said so, or nobody told that it began."""
        with self._at_once():
            ended = self._connection.execute(
                "UPDATE alert SET ended_at_ms = ?, last_at_ms = max(last_at_ms, ?) WHERE id = ? AND ended_at_ms IS NULL"
                " RETURNING grade = 'alarm' AND times = 1 AND NOT EXISTS (SELECT 1 FROM alert_delivery"
                " WHERE alert_id = alert.id AND substr(channel, 1, ?) = ?)",
                (now_ms, now_ms, alert_id, len(_TOLD_WITH), _TOLD_WITH),
            ).fetchall()
        return any(is_news for (is_news,) in ended)

    def acknowledge(self, alert_id: int, now_ms: int) -> bool:
        """Somebody has seen it. False where there is no such alert."""
        changed = self._connection.execute(
            "UPDATE alert SET acknowledged_at_ms = coalesce(acknowledged_at_ms, ?) WHERE id = ?", (now_ms, alert_id)
        )
        return changed.rowcount > 0

    def mute(self, now_ms: int, rule: str = "", session_id: str = "", until_ms: int | None = None) -> None:
        """Keep a rule or a session quiet until then, or for good."""
        self._connection.execute(
            "INSERT OR REPLACE INTO alert_mute (rule, session_id, muted_at_ms, until_ms) VALUES (?, ?, ?, ?)",
            (rule, session_id, now_ms, until_ms),
        )

    def unmute(self, rule: str = "", session_id: str = "") -> bool:
        """Let it speak again. False where it was not muted."""
        gone = self._connection.execute("DELETE FROM alert_mute WHERE rule = ? AND session_id = ?", (rule, session_id))
        return gone.rowcount > 0

    def told_of(self, session_id: str, now_ms: int, within_ms: int) -> int:
        """The newest alert of a session of which any program told within this time; 0 where there is none."""
        row = self._connection.execute(
            "SELECT id FROM alert WHERE session_id = ? AND raised_at_ms > ? AND raised_at_ms <= ? AND EXISTS (SELECT 1"
            " FROM alert_delivery WHERE alert_id = alert.id AND substr(channel, 1, ?) <> ?)"
            " ORDER BY raised_at_ms DESC, id DESC LIMIT 1",
            (session_id, now_ms - within_ms, now_ms, len(_TOLD_WITH), _TOLD_WITH),
        ).fetchone()
        return int(row[0]) if row else 0

    def note_told_with(self, alert_id: int, other_id: int, now_ms: int) -> None:
        """Nothing is sent about this alert: its session has just been told of."""
        self._connection.execute(
            "INSERT INTO alert_delivery (alert_id, channel, at_ms, attempts, error) VALUES (?, ?, ?, 0, '')",
            (alert_id, f"{_TOLD_WITH}{other_id}", now_ms),
        )

    def keep_windows(self, results: Iterable[WindowResult]) -> None:
        """Keep how windows ended; what is kept already stays, with the limit that held then."""
        self._connection.executemany(
            "INSERT OR IGNORE INTO budget_window"
            " (name, scope, unit, window, start_ms, end_ms, limit_value, spent, is_lower_bound)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            list(results),
        )

    def close(self) -> None:
        """Let go of the database."""
        self._connection.close()

    def _insert(self, facts: AlertFacts, now_ms: int) -> int:
        row = self._connection.execute(
            "INSERT INTO alert (rule, subject, grade, session_id, agents, unit, evidence, value, limit_value, peak,"
            " peak_at_ms, peak_evidence, raised_at_ms, last_at_ms, lasts_until_ms)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING id",
            (
                facts.rule, facts.subject, facts.grade, facts.session_id, json.dumps(facts.agents), facts.unit,
                facts.evidence, facts.value, facts.limit, facts.value, now_ms, facts.evidence, now_ms, now_ms,
                facts.lasts_until_ms,
            ),
        ).fetchone()  # fmt: skip
        return int(row[0])

    def _end_stale(self, now_ms: int) -> None:
        self._connection.execute(
            "UPDATE alert SET ended_at_ms = last_at_ms WHERE ended_at_ms IS NULL AND last_at_ms < ?",
            (now_ms - STALE_MS,),
        )

    @contextmanager
    def together(self) -> Iterator[None]:
        """What is written about alerts in here is one transaction, from the first of it on."""
        self._is_together = True
        try:
            yield
        except BaseException:
            if self._connection.in_transaction:
                self._connection.execute("ROLLBACK")
            raise
        finally:
            self._is_together = False
        if self._connection.in_transaction:
            self._connection.execute("COMMIT")

    @contextmanager
    def _at_once(self) -> Iterator[None]:
        """One transaction: of two programs that raise the same alert, one finds the other's."""
        if not self._connection.in_transaction:
            self._connection.execute("BEGIN IMMEDIATE")
        if self._is_together:
            yield
            return
        try:
            yield
        except BaseException:
            self._connection.execute("ROLLBACK")
            raise
        self._connection.execute("COMMIT")
