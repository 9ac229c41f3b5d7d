"""Finds out whether an open database was deleted or replaced; SQLite would go on with the old file without a word."""

from __future__ import annotations

from pathlib import Path

from tokentui.store.database import StoreError, explained

_SHORT_FILES = ("-wal", "-shm")
"""Endings of the files that SQLite keeps beside an open database."""
_Identity = tuple[int, int] | None


class OpenedFile:
    """The file of a database to which a connection was just opened."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._was, self._short_were = _identity(path), [_identity(short) for short in _short_files(path)]

    def check(self) -> None:
        """Raise StoreError if the file was deleted or replaced, since whatever is stored from now on would be lost.

        Then the files that SQLite kept beside it are deleted too: they would damage the next database of that name.
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
    """Device and inode of the file at a path; None if there is none. Raises StoreError without permission to look."""
    try:
        status = path.stat()
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise StoreError(explained(path, error)) from error
    return status.st_dev, status.st_ino
