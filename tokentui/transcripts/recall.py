"""What an earlier run knew of a log, found again in the log itself."""

from __future__ import annotations

from tokentui.transcripts.decode import decode_block
from tokentui.transcripts.read import Cursor, read_stretch
from tokentui.transcripts.wire import Line
from tokentui.transcripts.writer import inline_agent


def sidechain_roots(path: str, end: int) -> dict[str, str]:
    """Which inline agent each record up to an offset belongs to; see `LogMemory`. As far as the log can be read."""
    roots: dict[str, str] = {}
    cursor, more = Cursor(), True
    while more and cursor.offset < end:
        try:
            stretch = read_stretch(path, cursor)
        except OSError:
            break
        for offset, line in decode_block(stretch.block, cursor.offset):
            if offset < end and isinstance(line, Line) and line.is_sidechain and not line.agent_id:
                inline_agent(line, roots)
        cursor, more = stretch.end, stretch.more
    return roots
