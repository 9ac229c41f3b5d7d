"""Reads titles: given by the user, generated, or taken from the first prompt."""

from __future__ import annotations

from tokentui.batch import FIRST_PROMPT_RANK, Batch, Title, better_title
from tokentui.transcripts.fields import title
from tokentui.transcripts.wire import Line
from tokentui.transcripts.writer import Writer

_TITLE_RANKS = {"custom-title": 5, "agent-name": 4, "ai-title": 3}


def read_title(line: Line, writer: Writer, batch: Batch) -> None:
    """Take a session's title or name; the last one of the best kind is kept."""
    given = line.custom_title or line.agent_name or line.ai_title
    if isinstance(given, str):
        offer_title(given, _TITLE_RANKS[line.type or ""], writer)


def offer_title(text: str, rank: int, writer: Writer) -> None:
    """Take the text for the session's title if it is better than the one so far."""
    known = writer.session.title
    if rank == FIRST_PROMPT_RANK and known is not None:
        return
    offered = Title(rank, writer.after_ms, writer.log_offset, title(text))
    if offered.text:
        writer.session.title = better_title(known, offered)
