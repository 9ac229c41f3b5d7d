"""The logs below a source, as they are on disk."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import NamedTuple

from tokentui.records import LogPlace
from tokentui.transcripts.log_names import is_log_name, is_note_name, log_of, place_of
from tokentui.transcripts.sources import Source

NO_TEXT = "its path is not valid UTF-8"
"""Why a log is not read: the database cannot hold such a path."""


class FoundLog(NamedTuple):
    """A log on disk, described by its directory entry."""

    source: str
    """The directory it was found under."""
    path: str
    size_bytes: int
    modified_ns: int
    inode: int
    has_note: bool
    """Whether an agent's log has its `.meta.json` beside it."""

    @property
    def place(self) -> LogPlace:
        """What its path says; worked out only when asked for, since most of thousands of logs have nothing new."""
        return place_of(self.path, self.source)


def find_logs(source: Source, on_error: list[tuple[str, str]] | None = None) -> Iterator[FoundLog]:
    """Every log below a source; directories that cannot be read are added to `on_error` and skipped."""
    for path, status, has_note in log_files(source, on_error):
        yield found_log(path, status, has_note, source)


def found_log(path: str, status: os.stat_result, has_note: bool, source: Source) -> FoundLog:
    """Describe a log by its path, its directory entry, and whether a note is beside it."""
    return FoundLog(str(source.root), path, status.st_size, status.st_mtime_ns, status.st_ino, has_note)


def log_files(
    source: Source, on_error: list[tuple[str, str]] | None = None
) -> Iterator[tuple[str, os.stat_result, bool]]:
    """Every log below a source as (path, directory entry, has note): cheaper than `find_logs` if few of them matter.

    Links to directories are followed once each, so loops end. A source that does not exist is no error.
    """
    errors = [] if on_error is None else on_error
    visited: set[tuple[int, int]] = set()
    stack = [str(source.root)]
    while stack:
        directory = stack.pop()
        try:
            here = os.stat(directory)  # noqa: PTH116 - a path object would cost as much as the call
            if (here.st_dev, here.st_ino) in visited:
                continue
            visited.add((here.st_dev, here.st_ino))
            entries = list(os.scandir(directory))
        except OSError as error:
            if not isinstance(error, FileNotFoundError):
                errors.append((directory, error.strerror or str(error)))
            continue
        noted = {log_of(entry.name) for entry in entries if is_note_name(entry.name)}
        for entry in entries:
            status = _log_status(entry, stack)
            if status is None:
                continue
            if _is_text(entry.path):
                yield entry.path, status, entry.name in noted
            else:
                errors.append((ascii(entry.path), NO_TEXT))


def _is_text(path: str) -> bool:
    try:
        return path.isascii() or bool(path.encode())
    except UnicodeEncodeError:
        return False


def _log_status(entry: os.DirEntry[str], stack: list[str]) -> os.stat_result | None:
    """Size, time and inode of a log, None for anything else; a directory is put on the stack to be searched."""
    try:
        if is_log_name(entry.name) and entry.is_file():
            return entry.stat()
        if entry.is_dir():
            stack.append(entry.path)
    except OSError:
        pass  # it vanished, or its link leads nowhere
    return None
