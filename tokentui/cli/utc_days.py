"""Ranges of whole UTC days: what Anthropic counts and bills by."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import click

from tokentui.queries.typed_moments import SpanError, parse_since, parse_until

DEFAULT_DAYS = 30


def utc_days(since: str | None, until: str | None, now: datetime, first: date | None = None) -> tuple[date, date]:
    """The first day, `first` by default, and the day after the last. Raises click.BadParameter."""
    today = now.astimezone(UTC).date()
    try:
        start = parse_since(since, now, UTC).date() if since else first or today - timedelta(days=DEFAULT_DAYS - 1)
        last = parse_until(until, now, UTC) if until else None
    except SpanError as error:
        raise click.BadParameter(str(error)) from None
    end = today + timedelta(days=1) if last is None else (last - timedelta(microseconds=1)).date() + timedelta(days=1)
    if end <= start:
        raise click.BadParameter(f"--until {until} is not after --since {since or start}")
    return start, end
