"""Ranges of whole UTC days: what Anthropic counts and bills by."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import click

from tokentui.queries.span import SpanError, parse_since, parse_until

DEFAULT_DAYS = 30


def utc_days(since: str | None, until: str | None, now: datetime, first: date | None = None) -> tuple[date, date]:
    """First day, and first day that is out again; `first` where no start is given. Raises click.BadParameter."""
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


def usd_text(pico_usd: int | None) -> str | None:
    """Dollars, exactly: 6 decimals, more where they are needed."""
    if pico_usd is None:
        return None
    dollars, rest = divmod(abs(pico_usd), 10**12)
    decimals = f"{rest:012}"
    return f"{'-' if pico_usd < 0 else ''}{dollars}.{decimals[:6]}{decimals[6:].rstrip('0')}"


def cents_text(pico_usd: int | None, at_least: bool = False) -> str:
    """Dollars and cents for people; `–` for None."""
    if pico_usd is None:
        return "–"
    cents = abs(pico_usd) // 10**10 if at_least else (abs(pico_usd) + 5 * 10**9) // 10**10
    sign = "-" if pico_usd < 0 else ""
    if not cents and pico_usd and not at_least:
        return f"{sign}<$0.01"
    return f"{'≥' if at_least else ''}{sign}${cents // 100:,}.{cents % 100:02}"
