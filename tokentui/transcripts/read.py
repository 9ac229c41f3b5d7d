"""Reads the whole lines of a log after a cursor, and finds out whether the log is still the same file."""

from __future__ import annotations

import json
import os
from hashlib import blake2b
from typing import BinaryIO, NamedTuple

from tokentui.records import Cursor

BLOCK_BYTES = 512 * 1024
"""Small enough for the processor's cache: such blocks are read and decoded a third faster than ones of 4 MiB."""
LONGEST_LINE_BYTES = 64 * 1024 * 1024
"""A longer line is skipped; nothing that Claude Code writes comes near."""
REST_NS = 10 * 10**9
"""Claude Code ends every line: a file that is unchanged for so long without a last newline is a copy, and complete."""

_MARK_BYTES = 64


class Stretch(NamedTuple):
    """Whole lines of a log from one offset to another."""

    block: bytes | None
    """The bytes as they are in the file; None for one line that is too long to read."""
    start: Cursor
    """Where reading began: the given cursor, or the beginning if the file had changed under it."""
    end: Cursor
    restarted: bool
    more: bool
    """Whether the file holds further bytes beyond this stretch."""
    size_bytes: int
    """Size of the file when reading began."""
    modified_ns: int
    """Modification time of the file when reading began."""
    waits: bool = False
    """Whether a whole last line without its newline waits for the file to be at rest."""


def read_stretch(
    path: str,
    cursor: Cursor,
    most_bytes: int = BLOCK_BYTES,
    longest_line_bytes: int = LONGEST_LINE_BYTES,
    now_ns: int = 0,
) -> Stretch:
    """Read the whole lines after a cursor, about `most_bytes` of them; an unterminated last line waits.

    It waits for its newline, or until the file was at rest for `REST_NS` at `now_ns`: then a whole object is read as
    if it had one. A file that shrank, was replaced, or has other bytes at the cursor is read again from its beginning.
    Raises OSError where the file cannot be read.
    """
    with open(path, "rb", buffering=0) as file:  # noqa: PTH123 - a path object costs as much as a short read
        status = os.fstat(file.fileno())
        restarted = cursor.offset > 0 and not _is_same_file(file, status, cursor)
        start = Cursor() if restarted else cursor
        # Most reads are of a line or two; a whole block of memory would be allocated for each otherwise.
        want = min(most_bytes, status.st_size - start.offset + 1)
        block, offset = _whole_lines(file, start.offset, want, longest_line_bytes)
        last = _last_object(file, offset, status.st_size) if block == b"" else b""
        waits = last != b"" and now_ns - status.st_mtime_ns < REST_NS
        if last and not waits:
            block, offset = last + b"\n", offset + len(last)
        is_idle = offset == start.offset and not restarted
        end = start if is_idle else Cursor(offset, status.st_ino, _mark(file, offset))
    more = block != b"" and offset < status.st_size
    return Stretch(block, start, end, restarted, more, status.st_size, status.st_mtime_ns, waits)


def _last_object(file: BinaryIO, start: int, end: int) -> bytes:
    """The last line without its newline, if it is a whole JSON object; the beginning of a longer line never is one."""
    if not (start < end <= start + LONGEST_LINE_BYTES and _bytes_at(file, end - 1, 1) == b"}"):
        return b""
    last = _bytes_at(file, start, end - start)
    try:
        return last if isinstance(json.loads(last.decode("utf-8", "replace"), strict=False), dict) else b""
    except (ValueError, RecursionError):
        return b""


def _is_same_file(file: BinaryIO, status: os.stat_result, cursor: Cursor) -> bool:
    if status.st_size < cursor.offset or (cursor.inode and status.st_ino != cursor.inode):
        return False
    return _mark(file, cursor.offset) == cursor.mark


def _mark(file: BinaryIO, offset: int) -> str:
    head = _bytes_at(file, 0, min(_MARK_BYTES, offset))
    tail = _bytes_at(file, max(0, offset - _MARK_BYTES), min(_MARK_BYTES, offset))
    return blake2b(head + b"\0" + tail, digest_size=8).hexdigest()


def _bytes_at(file: BinaryIO, offset: int, size: int) -> bytes:
    return os.pread(file.fileno(), size, offset)


def _whole_lines(file: BinaryIO, start: int, want: int, longest: int) -> tuple[bytes | None, int]:
    want = min(want, longest + 1)
    while True:
        block = _bytes_at(file, start, want)
        end = block.rfind(b"\n") + 1
        if end:
            return block[:end], start + end
        if len(block) < want:
            return b"", start  # the last line is still being written
        if want > longest:
            return _pass_over(file, start, want)
        want = min(want * 4, longest + 1)


def _pass_over(file: BinaryIO, start: int, seen: int) -> tuple[bytes | None, int]:
    """Find the end of an over-long line without keeping its bytes."""
    offset = start + seen
    while block := _bytes_at(file, offset, BLOCK_BYTES):
        found = block.find(b"\n")
        if found >= 0:
            return None, offset + found + 1
        offset += len(block)
    return b"", start
