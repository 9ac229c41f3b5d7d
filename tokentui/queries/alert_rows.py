"""What there is to know about alerts, as plain values."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from tokentui.config.thresholds import Grade


@dataclass(frozen=True, slots=True)
class Sent:
    """One attempt to tell somebody."""

    channel: str
    at: datetime
    attempts: int
    """0 where nothing was sent because the same session had just been told of."""
    error: str
    """Empty where it went through."""
    is_pending: bool = False
    """Whether it is on its way: what will become of it is not known."""


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
    """The culprit's; empty where no one session has the largest part in it."""
    session_title: str
    agents: tuple[str, ...]
    """Guilty agents of that session; the empty id is the main thread."""
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
    """How often it came back, the first time included."""
    acknowledged_at: datetime | None
    sent: tuple[Sent, ...]


@dataclass(frozen=True, slots=True)
class Mute:
    """What is kept quiet."""

    rule: str
    """Empty: every rule."""
    session_id: str
    """Empty: every session."""
    until: datetime | None
    """None: for good."""


@dataclass(frozen=True, eq=False, slots=True)
class AlertLog:
    """The newest alerts, and what is kept quiet."""

    as_of: datetime
    alerts: tuple[AlertRow, ...]
    mutes: tuple[Mute, ...]
