"""What a guard needs besides the store."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, tzinfo

from tokentui.config.settings import Settings
from tokentui.transcripts.registry import LiveSession


@dataclass(frozen=True, slots=True)
class Surroundings:
    """The clock, the user's time zone and settings, and the live registry of sessions."""

    clock: Callable[[], datetime]
    time_zone: tzinfo
    read_settings: Callable[[], Settings]
    read_registry: Callable[[], Iterable[LiveSession]] = tuple
    week_start: int = 0
    """First day of the week, 0 for Monday."""
