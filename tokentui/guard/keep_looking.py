"""The loop of the watch thread: looks, rests, and opens the store anew when it could not be used."""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Callable
from contextlib import closing

from tokentui.guard.guard import Guard, Look
from tokentui.store.database import StoreError

LOOK_SECONDS = 1.0
QUIET_SECONDS = 30.0
"""Pauses double up to this while nobody works or spends; a new line still wakes the watch at once."""
PAUSE_SECONDS = 0.2
"""The shortest pause after a look, however many lines come."""
PAUSES = 20
"""The pause after a look is this many times as long as the look, but at most a second."""
LEAST_PAUSES = 2
"""The pause is at least this many times as long as the look, even beyond a second."""
RETRY_SECONDS = 5.0


def keep_looking(
    open_one: Callable[[], Guard],
    stop: threading.Event,
    woken: threading.Event,
    on_look: Callable[[Look], None] = lambda _: None,
    on_trouble: Callable[[str], None] = lambda _: None,
    is_caught_up: Callable[[], bool] = lambda: True,
) -> None:
    """Look every second while anybody works, and at once when woken by new lines, until `stop` is set.

    The body of a thread. If the store cannot be used, `on_trouble` gets a sentence that says why, and the guard is
    opened anew after a few seconds; whenever one was opened, `on_trouble` gets an empty text.
    """
    while not stop.is_set():
        try:
            with closing(open_one()) as guard:
                on_trouble("")
                _look_in_turn(guard, stop, woken, on_look, is_caught_up)
        except (sqlite3.Error, StoreError) as error:
            on_trouble(f"the rules cannot be applied: {error}")
            stop.wait(RETRY_SECONDS)


def _look_in_turn(
    guard: Guard,
    stop: threading.Event,
    woken: threading.Event,
    on_look: Callable[[Look], None],
    is_caught_up: Callable[[], bool],
) -> None:
    pause = LOOK_SECONDS
    while not stop.is_set():
        woken.wait(pause)
        woken.clear()
        if stop.is_set():
            return
        began = time.monotonic()
        look = guard.look(is_caught_up())
        on_look(look)
        is_busy = look.facts.is_spending or look.facts.working_agents
        pause = LOOK_SECONDS if is_busy else min(2 * pause, QUIET_SECONDS)
        stop.wait(pause_after(time.monotonic() - began))


def pause_after(look_seconds: float) -> float:
    """Seconds to rest after a look that took so long; more than one only if the look took over half a second."""
    return max(PAUSE_SECONDS, min(PAUSES * look_seconds, LOOK_SECONDS), LEAST_PAUSES * look_seconds)
