"""Moments as people write them: days, dates with a time, and how long ago."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta, tzinfo

from tokentui.instants import midnight

_AGO = r"(?P<count>\d{1,6})\s*(?P<unit>[smhdwSMHDW])"
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
_EXPECTED = "expected a day (2026-11-22), a time (2026-11-22T14:30), `today`, `yesterday`, or how long ago (2h, 7d)"


class SpanError(ValueError):
    """A moment that cannot be understood; the message says what would be."""


def parse_since(text: str, now: datetime, zone: tzinfo) -> datetime:
    """The moment meant by the start of a range, in UTC; a day means its first moment."""
    return _parse(text, now, zone, days_later=0)


def parse_until(text: str, now: datetime, zone: tzinfo) -> datetime:
    """The moment meant by the end of a range, in UTC and not itself in it; a day means all of that day."""
    return _parse(text, now, zone, days_later=1)


def _parse(text: str, now: datetime, zone: tzinfo, days_later: int) -> datetime:
    text = text.strip()
    today = now.astimezone(zone).date()
    try:
        named = {"today": today, "yesterday": today - timedelta(days=1)}.get(text.lower())
        if named is not None:
            return midnight(named + timedelta(days=days_later), zone)
        if ago := re.fullmatch(_AGO, text):
            return now.astimezone(UTC) - timedelta(**{_UNITS[ago["unit"].lower()]: int(ago["count"])})
        if re.fullmatch(r"\d{4}-?\d{2}-?\d{2}", text):
            return midnight(date.fromisoformat(text) + timedelta(days=days_later), zone)
        moment = datetime.fromisoformat(text)
        return (moment if moment.tzinfo else moment.replace(tzinfo=zone)).astimezone(UTC)
    except (ValueError, OverflowError):
        raise SpanError(f"{text!r} is no moment: {_EXPECTED}") from None
