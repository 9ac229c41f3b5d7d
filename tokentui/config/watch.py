"""The settings of a program that runs on: read again when the file changes, the last good ones while it is broken."""

from __future__ import annotations

from pathlib import Path

from tokentui.config.load import load_settings
from tokentui.config.settings import ConfigError, Settings

_Stamp = tuple[int, int, int]


class WatchedSettings:
    """The newest settings that could be used; asking costs a look at the file's directory entry."""

    def __init__(self, path: Path, settings: Settings | None = None) -> None:
        self._path = path
        self._settings = settings or Settings()
        self._stamp = self._look() if settings is not None else None
        self.trouble = ""
        """Why the file as it is now cannot be used: file, line, reason; empty where it can."""

    def current(self) -> Settings:
        """The settings that hold now."""
        stamp = self._look()
        if stamp != self._stamp:
            self._stamp = stamp
            try:
                self._settings, self.trouble = load_settings(self._path), ""
            except ConfigError as error:
                self.trouble = f"{error}; until then the settings before hold"
        return self._settings

    def _look(self) -> _Stamp:
        """Changes whenever the file does; zeros where there is none."""
        try:
            status = self._path.stat()
        except OSError:
            return (0, 0, 0)
        return (status.st_mtime_ns, status.st_size, status.st_ino)
