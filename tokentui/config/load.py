"""Where settings come from: the file if there is one, else those that ship."""

from __future__ import annotations

from pathlib import Path

from tokentui.config.settings import Settings


def is_there(path: Path) -> bool:
    """Whether there is such a file, or may be one where nobody is allowed to look: whoever reads it says why not."""
    try:
        return path.exists()
    except OSError:
        return True


def load_settings(path: Path) -> Settings:
    """The settings of a file, or those that ship where there is none. Raises ConfigError."""
    if not is_there(path):
        return Settings()
    from tokentui.config.file import read_settings

    return read_settings(path)
