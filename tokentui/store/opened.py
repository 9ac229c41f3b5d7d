"""Whether an open database is still the file in its place: SQLite would go on with a deleted one without a word."""

from __future__ import annotations

from pathlib import Path

from tokentui.store.database import StoreError, explained

_SHORT_FILES = ("-wal", "-shm")
"""What SQLite keeps beside a database while it is open."""
_Identity = tuple[int, int] | None


class OpenedFile:
    """The file of a database to which a connection was just opened."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._was, self._short_were = _identity(path), [_identity(short) for short in _short_files(path)]

    def check(self) -> None:
        """Raises StoreError where the file was deleted or replaced: what is stored from now on would be lost.

        The short files that it left go with it; they would damage the next database of its name.
        """
        if (now := _identity(self._path)) == self._was:
            return
        for short, was in zip(_short_files(self._path), self._short_were, strict=True):
            if _identity(short) == was:
                short.unlink(missing_ok=True)
        if now is None:
            raise StoreError(f"{self._path} was deleted while it was open; it is made anew from the logs that are left")
        raise StoreError(f"{self._path} was replaced while it was open; the other one is opened")


def _short_files(path: Path) -> list[Path]:
    return [path.with_name(path.name + ending) for ending in _SHORT_FILES]


def _identity(path: Path) -> _Identity:
    """Which file a path leads to; None where it leads to none. Raises StoreError where nobody may look."""
    try:
        status = path.stat()
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise StoreError(explained(path, error)) from error
    return status.st_dev, status.st_ino
