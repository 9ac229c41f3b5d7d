"""The loop of the watch thread: looks, rests, and starts over where the store cannot be used for a while."""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Callable
from contextlib import closing

from tokentui.guard.guard import Guard, Sighting
from tokentui.store.database import StoreError

LOOK_SECONDS = 1.0
QUIET_SECONDS = 30.0
"""Pauses double up to this while nobody works or spends; a new line still wakes the watch at once."""
PAUSE_SECONDS = 0.2
"""Least time between two looks, however many lines come."""
PAUSES = 20
"""How many times as long as a look the pause after it is: quick looks take a twentieth of one processor."""
LEAST_PAUSES = 2
"""The same where looks are so slow that the next one would come a second late."""
RETRY_SECONDS = 5.0


def keep_looking(
    open_one: Callable[[], Guard],
    stop: threading.Event,
    woken: threading.Event,
    on_sighting: Callable[[Sighting], None] = lambda _: None,
    on_trouble: Callable[[str], None] = lambda _: None,
    is_caught_up: Callable[[], bool] = lambda: True,
) -> None:
    """Look every second while anybody works, and at once when woken by new lines, until `stop` is set.

    The body of a thread. Trouble with the store is told in a sentence and as an empty text once it is over; the
    guard is then opened anew.
    """
    while not stop.is_set():
        try:
            with closing(open_one()) as guard:
                on_trouble("")
                _look_in_turn(guard, stop, woken, on_sighting, is_caught_up)
        except (sqlite3.Error, StoreError) as error:
            on_trouble(f"the rules cannot be applied: {error}")
            stop.wait(RETRY_SECONDS)


def _look_in_turn(
    guard: Guard,
    stop: threading.Event,
    woken: threading.Event,
    on_sighting: Callable[[Sighting], None],
    is_caught_up: Callable[[], bool],
) -> None:
    pause = LOOK_SECONDS
    while not stop.is_set():
        woken.wait(pause)
        woken.clear()
        if stop.is_set():
            return
        began = time.monotonic()
        sighting = guard.look(is_caught_up())
        on_sighting(sighting)
        is_busy = sighting.facts.is_spending or sighting.facts.working_agents
        pause = LOOK_SECONDS if is_busy else min(2 * pause, QUIET_SECONDS)
        stop.wait(pause_after(time.monotonic() - began))


def pause_after(look_seconds: float) -> float:
    """Seconds until the next look; not more than a second unless looks take nearly as long themselves."""
    return max(PAUSE_SECONDS, min(PAUSES * look_seconds, LOOK_SECONDS), LEAST_PAUSES * look_seconds)
