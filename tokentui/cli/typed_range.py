"""The range of time that a command is about: its options `--since`, `--until` and `--tz`, and what they mean."""

from __future__ import annotations

import functools
import os
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Any

import click

from tokentui.config.settings import ConfigError
from tokentui.config.zones import named_zone
from tokentui.queries.typed_moments import SpanError, parse_since, parse_until
from tokentui.workspace import Workspace, open_workspace


@dataclass(frozen=True, slots=True)
class TypedRange:
    """A range as the user typed it; both ends may be left open."""

    since: str | None
    until: str | None
    zone: str

    def workspace(self) -> Workspace:
        """The workspace, in the time zone given. Raises click.BadParameter if there is none of that name."""
        return open_workspace(os.environ, time_zone=checked_zone(self.zone))

    def bounds(self, workspace: Workspace) -> tuple[datetime | None, datetime | None]:
        """Start and end, aware. Raises click.BadParameter."""
        return range_of(self.since, self.until, workspace.clock(), workspace.time_zone)


def range_options(zone_help: str) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Give a command the three options; it takes them together, as `typed`."""

    def add(command: Callable[..., None]) -> Callable[..., None]:
        @click.option("--since", metavar="WHEN", help="From here on: a day, a time, `today`, `yesterday`, `2h`, `7d`.")
        @click.option("--until", metavar="WHEN", help="Up to here; a day is counted whole.")
        @click.option("--tz", "zone", metavar="ZONE", default="", help=zone_help)
        @functools.wraps(command)
        def with_range(since: str | None, until: str | None, zone: str, **rest: Any) -> None:
            command(typed=TypedRange(since, until, zone), **rest)

        return with_range

    return add


def checked_zone(name: str) -> str:
    """The name of a time zone. Raises click.BadParameter if there is none of that name."""
    try:
        if name:
            named_zone(name)
    except ConfigError as error:
        raise click.BadParameter(str(error)) from None
    return name


def range_of(
    since: str | None, until: str | None, now: datetime, zone: tzinfo
) -> tuple[datetime | None, datetime | None]:
    """The range asked for, in UTC. Raises click.BadParameter."""
    try:
        start_at = parse_since(since, now, zone) if since else None
        end_at = parse_until(until, now, zone) if until else None
    except SpanError as error:
        raise click.BadParameter(str(error)) from None
    if start_at and end_at and end_at <= start_at:
        raise click.BadParameter(f"--until {until} is not after --since {since}")
    return start_at, end_at
