"""The settings of a program that keeps running: read again when the file changes, kept while the file is broken."""

from __future__ import annotations

from pathlib import Path

from tokentui.config.load import load_settings
from tokentui.config.settings import ConfigError, Settings

_Stamp = tuple[int, int, int]


class WatchedSettings:
    """The newest settings that could be used. Asking for them costs one `stat` of the file while it is unchanged."""

    def __init__(self, path: Path, settings: Settings | None = None) -> None:
        self._path = path
        self._settings = settings or Settings()
        self._stamp = self._look() if settings is not None else None
        self.trouble = ""
        """Why the file cannot be used as it is now: file, line, reason; empty if it can."""

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
        """A stamp that changes whenever the file does; zeros if there is none."""
        try:
            status = self._path.stat()
        except OSError:
            return (0, 0, 0)
        return (status.st_mtime_ns, status.st_size, status.st_ino)
