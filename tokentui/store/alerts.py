"""Writes alerts, which of them were told, what is muted, and how past budget windows ended."""

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
"""An alert that no program has kept up for this long ended back then: the program that raised it is gone."""
A_MOMENT_MS = MINUTE_MS
"""An alert that another program raised less than this long ago counts as shared; an older one is no news."""


@dataclass(frozen=True, slots=True)
class AlertFacts:
    """What is stored about an alert when it is raised."""

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
    """Until then an alert of the same subject is this one again, however long it was over in between."""


class Raised(NamedTuple):
    """The stored alert of a condition that holds now."""

    alert_id: int
    is_new: bool
    """False if it came back, or if another process raised it: then it has been told already."""
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
    """Writes alerts, by a connection beside the store's own; made, used and closed in one thread."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._is_together = False

    def raise_alert(self, facts: AlertFacts, now_ms: int, again_ms: int) -> Raised:
        """Store an alert that begins now, or reopen one of the same subject that has just ended."""
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
            alert_id, ended_at_ms, raised_at_ms = row
            if ended_at_ms is not None:
                self._connection.execute(
                    "UPDATE alert SET ended_at_ms = NULL, times = times + 1, last_at_ms = ? WHERE id = ?",
                    (now_ms, alert_id),
                )
        self.keep_up(alert_id, facts, now_ms)
        return Raised(alert_id, False, ended_at_ms is None and now_ms - raised_at_ms < A_MOMENT_MS)

    def keep_up(self, alert_id: int, facts: AlertFacts, now_ms: int) -> None:
        """Note that the alert still holds, and its peak."""
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
        """End the alert. False if nobody needs to be told: another program ended it, or its begin was never told."""
        with self._at_once():
            ended = self._connection.execute(
                "UPDATE alert SET ended_at_ms = ?, last_at_ms = max(last_at_ms, ?) WHERE id = ? AND ended_at_ms IS NULL"
                " RETURNING grade = 'alarm' AND times = 1 AND NOT EXISTS (SELECT 1 FROM alert_delivery"
                " WHERE alert_id = alert.id AND substr(channel, 1, ?) = ?)",
                (now_ms, now_ms, alert_id, len(_TOLD_WITH), _TOLD_WITH),
            ).fetchall()
        return any(is_news for (is_news,) in ended)

    def acknowledge(self, alert_id: int, now_ms: int) -> bool:
        """Mark an alert as seen; False if there is no such alert."""
        changed = self._connection.execute(
            "UPDATE alert SET acknowledged_at_ms = coalesce(acknowledged_at_ms, ?) WHERE id = ?", (now_ms, alert_id)
        )
        return changed.rowcount > 0

    def mute(self, now_ms: int, rule: str = "", session_id: str = "", until_ms: int | None = None) -> None:
        """Mute a rule or a session until then, without a time for good."""
        self._connection.execute(
            "INSERT OR REPLACE INTO alert_mute (rule, session_id, muted_at_ms, until_ms) VALUES (?, ?, ?, ?)",
            (rule, session_id, now_ms, until_ms),
        )

    def unmute(self, rule: str = "", session_id: str = "") -> bool:
        """End a mute; False if there was none."""
        gone = self._connection.execute("DELETE FROM alert_mute WHERE rule = ? AND session_id = ?", (rule, session_id))
        return gone.rowcount > 0

    def told_of(self, session_id: str, now_ms: int, within_ms: int) -> int:
        """The newest alert of a session that any program told of within this time; 0 if there is none."""
        row = self._connection.execute(
            "SELECT id FROM alert WHERE session_id = ? AND raised_at_ms > ? AND raised_at_ms <= ? AND EXISTS (SELECT 1"
            " FROM alert_delivery WHERE alert_id = alert.id AND substr(channel, 1, ?) <> ?)"
            " ORDER BY raised_at_ms DESC, id DESC LIMIT 1",
            (session_id, now_ms - within_ms, now_ms, len(_TOLD_WITH), _TOLD_WITH),
        ).fetchone()
        return int(row[0]) if row else 0

    def note_told_with(self, alert_id: int, other_id: int, now_ms: int) -> None:
        """Note that nothing is sent about this alert, since its session has just been told of."""
        self._connection.execute(
            "INSERT INTO alert_delivery (alert_id, channel, at_ms, attempts, error) VALUES (?, ?, ?, 0, '')",
            (alert_id, f"{_TOLD_WITH}{other_id}", now_ms),
        )

    def keep_windows(self, results: Iterable[WindowResult]) -> None:
        """Store how windows ended; those that are stored keep the limit that held then."""
        self._connection.executemany(
            "INSERT OR IGNORE INTO budget_window"
            " (name, scope, unit, window, start_ms, end_ms, limit_value, spent, is_lower_bound)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            list(results),
        )

    def close(self) -> None:
        """Close the connection."""
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
        """A context in which all writes about alerts are one transaction."""
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
        """One immediate transaction: of two programs that raise the same alert, the second finds the first one's."""
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
