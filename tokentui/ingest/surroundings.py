"""What following logs needs from outside: the store, the places to read, the user's day, and how often to look."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from tokentui.ingest.catch_up import Apart
from tokentui.store.write import Store
from tokentui.transcripts.sources import Source

RESTAT_SECONDS = 2.0
"""How often logs of the last hour are looked at, whether or not anything was noticed."""
SEARCH_SECONDS = 30.0
"""How often all directories are searched for what slipped through; less often where that takes long."""
RETRY_SECONDS = 2.0
"""Pause after a failed read or write."""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What following needs from outside."""

    open_store: Callable[[Callable[[int, int], None]], Store]
    """Opens the store; told (done, in all) while stored costs are priced anew. Raises StoreError."""
    find_sources: Callable[[], tuple[Source, ...]]
    today_started_at: Callable[[], float]
    """Epoch seconds of the last midnight in the user's time zone."""
    has_new_rates: Callable[[], bool] = lambda: False
    """Whether stored costs stand on other rates than those that hold now: then the store is opened anew."""
    apart: Apart | None = None
    """Reads a large history in other processes, so that the screen keeps its own."""
    tidy: Callable[[], None] = lambda: None
    """Called with each search, for chores of a program that runs for hours."""
    restat_seconds: float = RESTAT_SECONDS
    search_seconds: float = SEARCH_SECONDS
    retry_seconds: float = RETRY_SECONDS
