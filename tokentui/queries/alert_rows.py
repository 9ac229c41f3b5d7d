"""Alerts as plain values, for the screen, `--json` and notices."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from tokentui.config.thresholds import Grade


@dataclass(frozen=True, slots=True)
class Sent:
    """One attempt to tell somebody about an alert."""

    channel: str
    at: datetime
    attempts: int
    """0 if nothing was sent, because the same session had just been told of."""
    error: str
    """Empty if it was sent."""
    is_pending: bool = False
    """Whether it is still to be sent."""


@dataclass(frozen=True, slots=True)
class AlertRow:
    """One alert."""

    alert_id: int
    rule: str
    title: str
    """What the rule warns of."""
    grade: Grade
    state: Literal["alarm", "over"]
    subject: str
    session_id: str
    """Session of the culprit; empty if no session has the largest part in it."""
    session_title: str
    agents: tuple[str, ...]
    """Guilty agents of that session; the empty id stands for the main thread."""
    unit: str
    evidence: str
    """When it was raised."""
    value: float
    limit: float
    peak: float
    peak_at: datetime
    peak_evidence: str
    raised_at: datetime
    last_at: datetime
    ended_at: datetime | None
    times: int
    """How often it was raised: 1 plus the number of times it came back."""
    acknowledged_at: datetime | None
    sent: tuple[Sent, ...]


@dataclass(frozen=True, slots=True)
class Mute:
    """A rule or a session that raises no notices."""

    rule: str
    """Empty for every rule."""
    session_id: str
    """Empty for every session."""
    until: datetime | None
    """None for good."""


@dataclass(frozen=True, eq=False, slots=True)
class AlertLog:
    """The newest alerts, and what is muted."""

    as_of: datetime
    alerts: tuple[AlertRow, ...]
    mutes: tuple[Mute, ...]
