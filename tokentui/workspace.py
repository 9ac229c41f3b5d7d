"""Wires the parts together: where files are kept, what the user set, where logs are, and where days begin."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime, tzinfo
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from tokentui.config.load import load_settings
from tokentui.config.settings import Settings
from tokentui.config.watch import WatchedSettings
from tokentui.config.zones import find_zone
from tokentui.home import Home, find_home
from tokentui.pricing.sources import PriceSources
from tokentui.pricing.stamp import rates_stamp
from tokentui.transcripts.sources import Source, sources

if TYPE_CHECKING:
    from tokentui.store.priced import PricedStore

Clock = Callable[[], datetime]


def utc_now() -> datetime:
    """The present time, aware and in UTC."""
    return datetime.now(UTC)


class Workspace(NamedTuple):
    """Everything a command needs to know before it touches the database or a log."""

    home: Home
    settings: Settings
    sources: tuple[Source, ...]
    """The directories to search for logs, as found at the start; some may not exist yet."""
    find_sources: Callable[[], tuple[Source, ...]]
    """Finds these directories again, for a program that keeps running while directories come and go."""
    time_zone: tzinfo
    clock: Clock = utc_now
    is_demo: bool = False

    @property
    def price_sources(self) -> PriceSources:
        """The user's own prices, and the file of fetched price data."""
        return PriceSources(self.settings.prices, self.home.prices_file)


def open_workspace(
    environment: Mapping[str, str],
    directories: Iterable[Path] = (),
    time_zone: str = "",
    clock: Clock = utc_now,
) -> Workspace:
    """The workspace that environment, configuration file and command line describe. Raises ConfigError."""
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
    """A workspace with these settings.

    Logs are searched in the given directories; without any, where `CLAUDE_CONFIG_DIR` says; else where settings say.
    """
    named = list(directories)
    if not named and not environment.get("CLAUDE_CONFIG_DIR"):
        named = list(settings.directories)
    user_home = Path(environment.get("HOME") or Path.home())

    def find_sources() -> tuple[Source, ...]:
        return sources(named, environment, user_home)

    return Workspace(find_home(environment), settings, find_sources(), find_sources, zone, clock)


def open_store(workspace: Workspace, timeout_seconds: float | None = None) -> PricedStore:
    """Open the store for writing, with prices; closing it keeps the rates for the next run. Raises StoreError.

    `timeout_seconds`: how long to wait for another program's lock; None for the store's usual time.
    """
    from tokentui.store.priced import open_priced

    return open_priced(workspace.home.database, workspace.price_sources, timeout_seconds)


class LivePrices:
    """The prices of a program that keeps running: they follow the configuration file and the fetched price data."""

    def __init__(self, workspace: Workspace) -> None:
        self._home = workspace.home
        self._settings = WatchedSettings(workspace.home.config_file, workspace.settings)
        self._stamp: dict[str, Any] = {}

    def has_changed(self) -> bool:
        """Whether rates may have changed since the store was opened."""
        return rates_stamp(self._sources()) != self._stamp

    def open_store(self, on_repricing: Callable[[int, int], None]) -> PricedStore:
        """Open the store with the prices that hold now, pricing its responses anew if they changed.

        `on_repricing` is called with (responses done, responses in all). Raises StoreError.
        """
        from tokentui.store.priced import open_priced

        sources = self._sources()
        self._stamp = rates_stamp(sources)
        return open_priced(self._home.database, sources, on_repricing=on_repricing)

    def _sources(self) -> PriceSources:
        return PriceSources(self._settings.current().prices, self._home.prices_file)
