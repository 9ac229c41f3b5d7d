"""Times as they are stored, and as they are told."""

from __future__ import annotations

from datetime import UTC, datetime


def moment(at_ms: int) -> datetime:
    """Milliseconds since 1970 as an aware time."""
    return datetime.fromtimestamp(at_ms / 1000, UTC)
