"""The alert log: what the rules raised, what was sent about it, what is muted."""

from __future__ import annotations

import json
import sqlite3
from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from tokentui.config.thresholds import Grade
from tokentui.instants import moment_of, moment_or_none, ms_of
from tokentui.queries.alert_rows import AlertRow, Mute, Sent
from tokentui.queries.parameters import as_json
from tokentui.store.alerts import STALE_MS
from tokentui.store.deliveries import is_pending
from tokentui.watch.rules import RULES


def open_alerts(connection: sqlite3.Connection, now: datetime) -> tuple[AlertRow, ...]:
    """What holds now: the loudest first, then what is not acknowledged, then the newest."""
    rows = _alerts(connection, "ended_at_ms IS NULL AND alert.last_at_ms >= ?", (ms_of(now) - STALE_MS,), now, 200)
    order: dict[Grade, int] = {"alarm": 0, "warn": 1, "note": 2}
    return tuple(
        sorted(rows, key=lambda row: (order[row.grade], row.acknowledged_at is not None, -row.raised_at.timestamp()))
    )


def alert_log(
    connection: sqlite3.Connection, now: datetime, limit: int = 200, since: datetime | None = None
) -> tuple[AlertRow, ...]:
    """All alerts since then, the newest first."""
    return _alerts(connection, "raised_at_ms >= ?", (0 if since is None else ms_of(since),), now, limit)


def alert(connection: sqlite3.Connection, alert_id: int, now: datetime) -> AlertRow | None:
    """One alert; None where there is none of that number."""
    return next(iter(_alerts(connection, "alert.id = ?", (alert_id,), now, 1)), None)


def mutes_now(connection: sqlite3.Connection, now: datetime) -> tuple[Mute, ...]:
    """What is kept quiet at the moment."""
    rows = connection.execute(
        "SELECT rule, session_id, until_ms FROM alert_mute WHERE until_ms IS NULL OR until_ms > ?"
        " ORDER BY muted_at_ms DESC",
        (ms_of(now),),
    )
    return tuple(Mute(rule, session, moment_of(until) if until else None) for rule, session, until in rows)


def _alerts(
    connection: sqlite3.Connection, where: str, values: tuple[object, ...], now: datetime, limit: int
) -> tuple[AlertRow, ...]:
    rows = connection.execute(
        "SELECT alert.id, rule, subject, grade, alert.session_id, agents, unit, evidence, value, limit_value, peak,"
        " peak_at_ms, peak_evidence, raised_at_ms, alert.last_at_ms, ended_at_ms, times, acknowledged_at_ms,"
        " ifnull(session.title, '') FROM alert LEFT JOIN session ON session.session_id = alert.session_id"
        f" WHERE {where} ORDER BY raised_at_ms DESC, alert.id DESC LIMIT ?",
        (*values, limit),
    ).fetchall()
    sent = _sent(connection, [row[0] for row in rows])
    return tuple(_row(row, sent.get(row[0], ()), ms_of(now)) for row in rows)


def _row(row: tuple[Any, ...], sent: tuple[Sent, ...], now_ms: int) -> AlertRow:
    ended_ms = row[15]
    if ended_ms is None and row[14] < now_ms - STALE_MS:
        ended_ms = row[14]  # the program that kept it up is gone
    rule = RULES.get(row[1])
    return AlertRow(
        alert_id=row[0],
        rule=row[1],
        title=rule.title if rule else row[1],
        grade=row[3],
        state="alarm" if ended_ms is None else "over",
        subject=row[2],
        session_id=row[4],
        session_title=row[18],
        agents=tuple(json.loads(row[5])),
        unit=row[6],
        evidence=row[7],
        value=row[8],
        limit=row[9],
        peak=row[10],
        peak_at=moment_of(row[11]),
        peak_evidence=row[12],
        raised_at=moment_of(row[13]),
        last_at=moment_of(row[14]),
        ended_at=moment_or_none(ended_ms),
        times=row[16],
        acknowledged_at=moment_or_none(row[17]),
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
