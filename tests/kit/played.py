"""The demo's made-up run up to a moment, written at once: for pictures and figures under a fixed clock."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from pathlib import Path

from tokentui.demo.log import Event
from tokentui.demo.player import DEFAULT_SEED, write_event
from tokentui.demo.script import play


def write_until(config_dir: Path, start_at: datetime, until_at: datetime, seed: int = DEFAULT_SEED) -> None:
    """Write all of the live part from its start up to a moment."""
    write_events(config_dir, until(play(seed, start_at), until_at))


def write_events(config_dir: Path, events: Iterable[Event]) -> None:
    """Write events in their order, without waiting."""
    for event in events:
        write_event(config_dir, event)


def until(events: Iterable[Event], last: datetime) -> Iterator[Event]:
    """The events up to and including that moment; the source must be in order of time."""
    for event in events:
        if event.at > last:
            return
        yield event
