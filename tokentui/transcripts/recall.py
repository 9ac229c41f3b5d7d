"""Works out again, from a log, what an earlier run knew of it."""

from __future__ import annotations

from collections.abc import Iterator

from tokentui.records import Cursor
from tokentui.transcripts.decode import decode_block
from tokentui.transcripts.read import BLOCK_BYTES, read_stretch
from tokentui.transcripts.wire import Line
from tokentui.transcripts.writer import copies_parent, inline_agent

_FIRST_BYTES = 512
"""Read at first of a log of which mostly the first line is enough."""


def sidechain_roots(path: str, end_offset: int) -> dict[str, str]:
    """Each record before an offset → its inline agent (see `LogMemory`), as far as the log can be read."""
    roots: dict[str, str] = {}
    for line in _lines(path, end_offset, BLOCK_BYTES):
        if line.is_sidechain and not line.agent_id:
            inline_agent(line, roots)
    return roots


def ends_in_copy(path: str, end_offset: int) -> bool:
    """Whether all lines of an agent's log before an offset are copied from its parent (see `LogMemory.is_copy`)."""
    is_copy = False
    for line in _lines(path, end_offset, _FIRST_BYTES):
        is_copy = copies_parent(line, is_copy)
        if not is_copy:
            break
    return is_copy


def _lines(path: str, end_offset: int, most_bytes: int) -> Iterator[Line]:
    """The lines of a log before an offset, read about `most_bytes` at a time; none after one that cannot be read."""
    cursor, more = Cursor(), True
    while more and cursor.offset < end_offset:
        try:
            stretch = read_stretch(path, cursor, most_bytes)
        except OSError:
            return
        for offset, line in decode_block(stretch.block, cursor.offset):
            if offset < end_offset and isinstance(line, Line):
                yield line
        cursor, more = stretch.end, stretch.more
