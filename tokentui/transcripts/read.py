"""Bytes and offsets: whole new lines of a log since a cursor, and whether the log is still the same file."""

from __future__ import annotations

import os
from dataclasses import dataclass
from hashlib import blake2b
from typing import BinaryIO

BLOCK_BYTES = 4 * 1024 * 1024
LONGEST_LINE_BYTES = 64 * 1024 * 1024
"""A longer line is passed over: nothing Claude Code writes comes near."""

_MARK_BYTES = 64
_BOM = b"\xef\xbb\xbf"


@dataclass(frozen=True, slots=True)
class Cursor:
    """How far a log has been read, and by what it is recognised as the same file."""

    offset: int = 0
    inode: int = 0
    mark: str = ""
    """Digest of the first bytes and of those right before the offset."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """Whole lines of a log from one offset to another."""

    lines: list[tuple[int, bytes | None]]
    """(offset, line without its newline); None stands for a line too long to read."""
    start: Cursor
    """Where reading began: the given cursor, or the beginning if the file had changed under it."""
    end: Cursor
    restarted: bool
    more: bool
    """Whether the file holds further bytes beyond this stretch."""


def read_stretch(path: str, cursor: Cursor, most_bytes: int = BLOCK_BYTES) -> Stretch:
    """Read the whole lines after a cursor, about `most_bytes` of them; an unterminated last line waits.

    A file that shrank, was replaced, or has other bytes at the cursor is read again from its beginning.
    Raises OSError where the file cannot be read.
    """
    with open(path, "rb", buffering=0) as file:  # noqa: PTH123 - a path object costs as much as a short read
        status = os.fstat(file.fileno())
        restarted = cursor.offset > 0 and not _is_same_file(file, status, cursor)
        start = Cursor() if restarted else cursor
        lines, offset = _whole_lines(file, start.offset, status.st_size, most_bytes)
        if offset == start.offset and not restarted:
            return Stretch([], start, start, restarted, more=False)
        end = Cursor(offset, status.st_ino, _mark(file, offset))
    return Stretch(lines, start, end, restarted, more=offset < status.st_size and bool(lines))


def _is_same_file(file: BinaryIO, status: os.stat_result, cursor: Cursor) -> bool:
    if status.st_size < cursor.offset or (cursor.inode and status.st_ino != cursor.inode):
        return False
    return _mark(file, cursor.offset) == cursor.mark


def _mark(file: BinaryIO, offset: int) -> str:
    head = os.pread(file.fileno(), min(_MARK_BYTES, offset), 0)
    tail = os.pread(file.fileno(), min(_MARK_BYTES, offset), max(0, offset - _MARK_BYTES))
    return blake2b(head + b"\0" + tail, digest_size=8).hexdigest()


def _whole_lines(file: BinaryIO, start: int, size: int, most_bytes: int) -> tuple[list[tuple[int, bytes | None]], int]:
    if start >= size:
        return [], start
    want = most_bytes
    while True:
        block = os.pread(file.fileno(), want, start)
        end = block.rfind(b"\n") + 1
        if end:
            return _split(block[:end], start), start + end
        if len(block) < want:
            return [], start  # the last line is still being written
        if want > LONGEST_LINE_BYTES:
            return _pass_over(file, start, size)
        want *= 4


def _split(block: bytes, start: int) -> list[tuple[int, bytes | None]]:
    lines: list[tuple[int, bytes | None]] = []
    offset = start
    for line in block[:-1].split(b"\n"):
        lines.append((offset, line.removeprefix(_BOM) if offset == 0 else line))
        offset += len(line) + 1
    return lines


def _pass_over(file: BinaryIO, start: int, size: int) -> tuple[list[tuple[int, bytes | None]], int]:
    """Find the end of an over-long line without keeping it."""
    offset = start
    while offset < size:
        block = os.pread(file.fileno(), BLOCK_BYTES, offset)
        found = block.find(b"\n")
        if found >= 0:
            return [(start, None)], offset + found + 1
        if not block:
            break
        offset += len(block)
    return [], start
