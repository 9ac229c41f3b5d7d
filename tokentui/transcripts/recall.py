"""Works out again, from a log, what an earlier run knew of it."""

from __future__ import annotations

from tokentui.records import Cursor
from tokentui.transcripts.decode import decode_block
from tokentui.transcripts.read import read_stretch
from tokentui.transcripts.wire import Line
from tokentui.transcripts.writer import inline_agent


def sidechain_roots(path: str, end_offset: int) -> dict[str, str]:
    """Each record before an offset → its inline agent (see `LogMemory`), as far as the log can be read."""
    roots: dict[str, str] = {}
    cursor, more = Cursor(), True
    while more and cursor.offset < end_offset:
        try:
            stretch = read_stretch(path, cursor)
        except OSError:
            break
        for offset, line in decode_block(stretch.block, cursor.offset):
            if offset < end_offset and isinstance(line, Line) and line.is_sidechain and not line.agent_id:
                inline_agent(line, roots)
        cursor, more = stretch.end, stretch.more
    return roots
