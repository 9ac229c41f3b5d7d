"""Writes the made-up run to disk: its history, and its live part as time goes by."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta, tzinfo
from pathlib import Path

from tokentui.demo.history import DEFAULT_DAYS, history
from tokentui.demo.log import Event
from tokentui.demo.script import play

DEFAULT_SEED = 7
LONGEST_WAIT_SECONDS = 0.5
"""A pause is cut into pieces this long, so that a stepped clock is noticed."""


def utc_now() -> datetime:
    """The time."""
    return datetime.now(UTC)


def write_history(
    config_dir: Path,
    start_at: datetime,
    days: int = DEFAULT_DAYS,
    zone: tzinfo = UTC,
    seed: int = DEFAULT_SEED,
) -> None:
    """Write the logs of the days before the start."""
    for path, data in history(seed, start_at, days, zone):
        target = config_dir / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(data)


def play_into(
    config_dir: Path,
    stop: threading.Event,
    clock: Callable[[], datetime] = utc_now,
    speed: float = 1.0,
    seed: int = DEFAULT_SEED,
) -> None:
    """Play the live part from now on, each line when its time has come, until told to stop.

    With a speed above 1 the logs' own times run ahead of the clock.
    """
    began_at = clock()
    play_events(config_dir, play(seed, began_at), began_at, stop, clock, speed)


def play_events(
    config_dir: Path,
    events: Iterable[Event],
    began_at: datetime,
    stop: threading.Event,
    clock: Callable[[], datetime] = utc_now,
    speed: float = 1.0,
) -> None:
    """Play any events that begin at that moment, each when its time has come, until told to stop."""
    for event in events:
        due_at = began_at + (event.at - began_at) / speed
        while not stop.is_set() and (left := due_at - clock()) > timedelta():
            stop.wait(min(left.total_seconds(), LONGEST_WAIT_SECONDS))
        if stop.is_set():
            return
        write_event(config_dir, event)


def write_event(config_dir: Path, event: Event) -> None:
    """Append the event's bytes to its file, or replace the file by them."""
    target = config_dir / event.path
    target.parent.mkdir(parents=True, exist_ok=True)
    if event.replace:
        target.write_bytes(event.data)
        return
    with target.open("ab") as log:
        log.write(event.data)
