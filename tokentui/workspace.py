"""The parts wired together: where state lives, what the user set, where logs are, and how days are counted."""

from __future__ import annotations

import os
import sqlite3
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import closing, contextmanager, nullcontext
from datetime import UTC, datetime, tzinfo
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from tokentui.config.load import load_settings
from tokentui.config.settings import Settings
from tokentui.config.watch import WatchedSettings
from tokentui.config.zones import find_zone
from tokentui.home import Home, find_home
from tokentui.ingest.news import has_new_rates, has_news
from tokentui.pricing.sources import PriceSources
from tokentui.pricing.stamp import rates_stamp
from tokentui.store.database import StoreError, explained, open_reader
from tokentui.transcripts.found_logs import FoundLog
from tokentui.transcripts.sources import Source, sources

if TYPE_CHECKING:
    from tokentui.ingest.batches import Told
    from tokentui.ingest.catch_up import Apart, Progress
    from tokentui.store.priced import PricedStore

Clock = Callable[[], datetime]


def utc_now() -> datetime:
    """The time."""
    return datetime.now(UTC)


class Workspace(NamedTuple):
    """Everything a command needs to know before it touches the database or a log."""

    home: Home
    settings: Settings
    sources: tuple[Source, ...]
    """Where logs are looked for, as found at the start; some may not exist (yet)."""
    find_sources: Callable[[], tuple[Source, ...]]
    """Looks for them anew, for a program that runs on while directories come and go."""
    time_zone: tzinfo
    clock: Clock = utc_now
    is_demo: bool = False

    @property
    def price_sources(self) -> PriceSources:
        """The user's own prices, and those fetched on request."""
        return PriceSources(self.settings.prices, self.home.prices_file)


def open_workspace(
    environment: Mapping[str, str],
    directories: Iterable[Path] = (),
    time_zone: str = "",
    clock: Clock = utc_now,
) -> Workspace:
    """Wire up what the environment, the configuration and the command line say. Raises ConfigError."""
    settings = load_settings(find_home(environment).config_file)
    return make_workspace(
        environment, settings, find_zone(time_zone or settings.time_zone, environment), directories, clock
    )


def make_workspace(
    environment: Mapping[str, str],
    settings: Settings,
    zone: tzinfo,
    directories: Iterable[Path] = (),
    clock: Clock = utc_now,
) -> Workspace:
    """The same with settings at hand. Directories given come before `CLAUDE_CONFIG_DIR`, and that before settings."""
    named = list(directories)
    if not named and not environment.get("CLAUDE_CONFIG_DIR"):
        named = list(settings.directories)
    user_home = Path(environment.get("HOME") or Path.home())

    def find_sources() -> tuple[Source, ...]:
        return sources(named, environment, user_home)

    return Workspace(find_home(environment), settings, find_sources(), find_sources, zone, clock)


class CatchUp(NamedTuple):
    """What bringing the store up to date came to."""

    progress: Progress | None = None
    """None where nothing was new, or nothing could be written."""
    unreadable: tuple[tuple[str, str], ...] = ()
    """Directories and logs that could not be read, and why."""
    trouble: str = ""
    """Why the store could not be brought up to date, in one line."""


def open_store(
    workspace: Workspace,
    timeout_seconds: float | None = None,
    on_repricing: Callable[[int, int], None] = lambda *_: None,
) -> PricedStore:
    """The store, ready to be written to with prices; closing it keeps the rates for next time. Raises StoreError."""
    from tokentui.store.priced import open_priced

    return open_priced(workspace.home.database, workspace.price_sources, timeout_seconds, on_repricing)


class LivePrices:
    """The prices of a program that runs on: they follow the configuration and what was fetched meanwhile."""

    def __init__(self, workspace: Workspace) -> None:
        self._home = workspace.home
        self._settings = WatchedSettings(workspace.home.config_file, workspace.settings)
        self._stamp: dict[str, Any] = {}

    def has_changed(self) -> bool:
        """Whether other rates hold than when the store was opened."""
        return rates_stamp(self._sources()) != self._stamp

    def open_store(self, on_repricing: Callable[[int, int], None]) -> PricedStore:
        """The store at the prices that hold now; what it holds is priced anew if need be. Raises StoreError."""
        from tokentui.store.priced import open_priced

        sources = self._sources()
        self._stamp = rates_stamp(sources)
        return open_priced(self._home.database, sources, on_repricing=on_repricing)

    def _sources(self) -> PriceSources:
        return PriceSources(self._settings.current().prices, self._home.prices_file)


def bring_up_to_date(
    workspace: Workspace,
    stop: threading.Event,
    on_progress: Callable[[Progress], None] = lambda _: None,
    timeout_seconds: float | None = None,
) -> CatchUp:
    """Read what is new in all logs into the store. Raises StoreError where it cannot be written."""
    from tokentui.ingest.catch_up import catch_up
    from tokentui.ingest.logs import Logs

    try:
        with _crew(workspace) as apart, closing(open_store(workspace, timeout_seconds)) as store:
            logs = Logs(store)
            logs.remember_stored()
            progress = catch_up(logs, workspace.sources, stop, on_progress, apart)
    except sqlite3.Error as error:
        raise StoreError(explained(workspace.home.database, error)) from error
    return CatchUp(progress, (*logs.errors, *logs.failures.items()))


@contextmanager
def _crew(workspace: Workspace) -> Iterator[Apart]:
    """Reads a large history; where there is no database yet, its processes start while one is made."""
    home = workspace.home
    if os.path.exists(home.database):  # noqa: PTH110 - a path object raises where nobody may look
        yield partial(_read_apart, home)
        return
    from tokentui.ingest.catch_up import is_worth_it
    from tokentui.ingest.crew import crew_of, reading_apart, started_ahead

    with started_ahead(crew_of(home)) if is_worth_it(workspace.sources) else nullcontext(crew_of(home)) as crew:
        yield partial(reading_apart, crew)


def _read_apart(home: Home, found: list[FoundLog]) -> Iterator[Told]:
    """Imported only for a history that is worth a crew."""
    from tokentui.ingest.crew import crew_of, reading_apart

    return reading_apart(crew_of(home), found)


def read_few(workspace: Workspace, found: Iterable[FoundLog], timeout_seconds: float) -> None:
    """Read what is new in these logs alone, in one transaction. Raises StoreError where it cannot be written."""
    from tokentui.ingest.batches import store as keep
    from tokentui.ingest.logs import Logs

    try:
        with closing(open_store(workspace, timeout_seconds)) as store:
            logs = Logs(store)
            logs.remember_stored()
            keep(logs, [addition for log in found for addition in logs.read(log.place)])
    except sqlite3.Error as error:
        raise StoreError(explained(workspace.home.database, error)) from error


SHORT_WAIT_SECONDS = 3.0
"""How long an answer waits for another program's lock before it makes do with what is stored."""


def open_fresh(
    workspace: Workspace, stop: threading.Event, on_progress: Callable[[Progress], None] = lambda _: None
) -> tuple[sqlite3.Connection, CatchUp]:
    """A reader of the store after catching up; where that fails, of what is stored already, with the reason.

    Raises StoreError where there is nothing to read from either.
    """
    database = workspace.home.database
    try:
        reader = open_reader(database, SHORT_WAIT_SECONDS)
    except StoreError:
        caught_up = bring_up_to_date(workspace, stop, on_progress, SHORT_WAIT_SECONDS)
        return open_reader(database), caught_up
    try:
        if not has_new_rates(reader, workspace.price_sources) and not has_news(reader, workspace.sources):
            return reader, CatchUp()
        return reader, bring_up_to_date(workspace, stop, on_progress, SHORT_WAIT_SECONDS)
    except StoreError as error:
        return reader, CatchUp(trouble=str(error))
    except BaseException:
        reader.close()
        raise
