"""Loads the settings: from the configuration file if there is one, else those that ship."""

from __future__ import annotations

from pathlib import Path

from tokentui.config.settings import Settings
from tokentui.file_trouble import is_there


def load_settings(path: Path) -> Settings:
    """The settings of a file, or those that ship if there is none. Raises ConfigError."""
    if not is_there(path):
        return Settings()
    from tokentui.config.file import read_settings

    return read_settings(path)
