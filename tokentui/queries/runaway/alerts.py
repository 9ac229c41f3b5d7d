"""The alert log: what the rules raised, what was sent about it, what is muted."""

from __future__ import annotations

import json
import sqlite3
from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from itertools import starmap
from typing import NamedTuple

from tokentui.config.thresholds import Grade
from tokentui.instants import moment_of, moment_or_none, ms_of
from tokentui.queries.alert_rows import AlertRow, Mute, Sent
from tokentui.queries.parameters import as_json
from tokentui.store.alerts import STALE_MS
from tokentui.store.deliveries import is_pending
from tokentui.watch.rules.catalogue import RULES


def open_alerts(connection: sqlite3.Connection, now: datetime) -> tuple[AlertRow, ...]:
    """The alerts that hold now: the loudest first, then those not yet seen, then the newest."""
    rows = _alerts(connection, "ended_at_ms IS NULL AND alert.last_at_ms >= ?", (ms_of(now) - STALE_MS,), now, 200)
    order: dict[Grade, int] = {"alarm": 0, "warn": 1, "note": 2}
    return tuple(
        sorted(rows, key=lambda row: (order[row.grade], row.acknowledged_at is not None, -row.raised_at.timestamp()))
    )


def alert_log(
    connection: sqlite3.Connection, now: datetime, limit: int = 200, since: datetime | None = None
) -> tuple[AlertRow, ...]:
    """The newest alerts since then, at most `limit`, newest first."""
    return _alerts(connection, "raised_at_ms >= ?", (0 if since is None else ms_of(since),), now, limit)


def alert(connection: sqlite3.Connection, alert_id: int, now: datetime) -> AlertRow | None:
    """One alert; None if there is none of that number."""
    return next(iter(_alerts(connection, "alert.id = ?", (alert_id,), now, 1)), None)


def mutes_now(connection: sqlite3.Connection, now: datetime) -> tuple[Mute, ...]:
    """The rules and sessions that are muted at present."""
    rows = connection.execute(
        "SELECT rule, session_id, until_ms FROM alert_mute WHERE until_ms IS NULL OR until_ms > ?"
        " ORDER BY muted_at_ms DESC",
        (ms_of(now),),
    )
    return tuple(Mute(rule, session, moment_of(until) if until else None) for rule, session, until in rows)


def _alerts(
    connection: sqlite3.Connection, where: str, values: tuple[object, ...], now: datetime, limit: int
) -> tuple[AlertRow, ...]:
    found = connection.execute(
        "SELECT alert.id, rule, subject, grade, alert.session_id, ifnull(session.title, ''), agents, unit, evidence,"
        " value, limit_value, peak, peak_at_ms, peak_evidence, raised_at_ms, alert.last_at_ms, ended_at_ms, times,"
        " acknowledged_at_ms FROM alert LEFT JOIN session ON session.session_id = alert.session_id"
        f" WHERE {where} ORDER BY raised_at_ms DESC, alert.id DESC LIMIT ?",
        (*values, limit),
    )
    stored = list(starmap(_Stored, found))
    sent = _sent(connection, [one.alert_id for one in stored])
    return tuple(_row(one, sent.get(one.alert_id, ()), ms_of(now)) for one in stored)


class _Stored(NamedTuple):
    """A row of table `alert`, with the title of its session."""

    alert_id: int
    rule: str
    subject: str
    grade: Grade
    session_id: str
    session_title: str
    agents: str
    unit: str
    evidence: str
    value: float
    limit: float
    peak: float
    peak_at_ms: int
    peak_evidence: str
    raised_at_ms: int
    last_at_ms: int
    ended_at_ms: int | None
    times: int
    acknowledged_at_ms: int | None


def _row(stored: _Stored, sent: tuple[Sent, ...], now_ms: int) -> AlertRow:
    ended_ms = stored.ended_at_ms
    if ended_ms is None and stored.last_at_ms < now_ms - STALE_MS:
        ended_ms = stored.last_at_ms  # the program that kept it up is gone
    rule = RULES.get(stored.rule)
    return AlertRow(
        alert_id=stored.alert_id,
        rule=stored.rule,
        title=rule.title if rule else stored.rule,
        grade=stored.grade,
        state="alarm" if ended_ms is None else "over",
        subject=stored.subject,
        session_id=stored.session_id,
        session_title=stored.session_title,
        agents=tuple(json.loads(stored.agents)),
        unit=stored.unit,
        evidence=stored.evidence,
        value=stored.value,
        limit=stored.limit,
        peak=stored.peak,
        peak_at=moment_of(stored.peak_at_ms),
        peak_evidence=stored.peak_evidence,
        raised_at=moment_of(stored.raised_at_ms),
        last_at=moment_of(stored.last_at_ms),
        ended_at=moment_or_none(ended_ms),
        times=stored.times,
        acknowledged_at=moment_or_none(stored.acknowledged_at_ms),
        sent=sent,
    )


def _sent(connection: sqlite3.Connection, alert_ids: Iterable[int]) -> dict[int, tuple[Sent, ...]]:
    found: dict[int, list[Sent]] = defaultdict(list)
    for alert_id, channel, at_ms, attempts, error in connection.execute(
        "SELECT alert_id, channel, at_ms, attempts, error FROM json_each(?) AS wanted"
        " JOIN alert_delivery ON alert_id = wanted.value ORDER BY alert_delivery.id",
        (as_json(alert_ids),),
    ):
        pending = is_pending(error)
        found[alert_id].append(Sent(channel, moment_of(at_ms), attempts, "" if pending else error, pending))
    return {alert_id: tuple(sent) for alert_id, sent in found.items()}
