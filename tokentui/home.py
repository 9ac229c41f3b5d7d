"""Where tokentui keeps its files: in a directory each for data, settings and logs, or all in `TOKENTUI_HOME`."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple


class Home(NamedTuple):
    """The three directories that tokentui keeps files in; none has to exist yet."""

    data_dir: Path
    config_dir: Path
    log_dir: Path

    @property
    def database(self) -> Path:
        """The SQLite database of everything that was ever counted."""
        return self.data_dir / "tokentui.db"

    @property
    def config_file(self) -> Path:
        """The user's settings; written by the user, by a command, or when a setting is changed on screen."""
        return self.config_dir / "config.toml"

    @property
    def prices_file(self) -> Path:
        """Price data fetched by `tokentui prices update`."""
        return self.data_dir / "prices.json"

    @property
    def log_file(self) -> Path:
        """Errors that occurred while the monitor filled the screen."""
        return self.log_dir / "tokentui.log"


def find_home(environment: Mapping[str, str]) -> Home:
    """The directory that `TOKENTUI_HOME` names, else the platform's usual directories."""
    named = environment.get("TOKENTUI_HOME", "").strip()
    if named:
        return home_in(Path(named).expanduser().absolute())
    from platformdirs import PlatformDirs

    places = PlatformDirs("tokentui", appauthor=False)
    return Home(Path(places.user_data_dir), Path(places.user_config_dir), Path(places.user_log_dir))


def home_in(directory: Path) -> Home:
    """A home with everything in one directory."""
    return Home(directory, directory, directory)
