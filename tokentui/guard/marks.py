"""Lets the user acknowledge alerts, and mute rules and sessions. Each function opens the database for itself."""

from __future__ import annotations

from contextlib import closing
from datetime import datetime
from pathlib import Path

from tokentui.instants import ms_of
from tokentui.store.alerts import AlertJournal
from tokentui.store.database import open_writer


def acknowledge(database: Path, alert_id: int, now: datetime) -> bool:
    """Mark an alert as seen; False if there is no such alert. Raises StoreError."""
    with closing(AlertJournal(open_writer(database))) as journal:
        return journal.acknowledge(alert_id, ms_of(now))


def mute(database: Path, now: datetime, rule: str = "", session_id: str = "", until: datetime | None = None) -> None:
    """Mute a rule or a session until that time, or for good if none is given. Raises StoreError."""
    with closing(AlertJournal(open_writer(database))) as journal:
        until_ms = None if until is None else ms_of(until)
        journal.mute(ms_of(now), rule, session_id, until_ms)


def unmute(database: Path, rule: str = "", session_id: str = "") -> bool:
    """End a mute; False if there was none. Raises StoreError."""
    with closing(AlertJournal(open_writer(database))) as journal:
        return journal.unmute(rule, session_id)
