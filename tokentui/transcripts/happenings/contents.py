"""The text of a message, whichever way it is logged."""

from __future__ import annotations

from tokentui.transcripts.decode import decode_part
from tokentui.transcripts.wire import Block


def text_of(content: list[Block] | str | None) -> str:
    """All text of a message's content, a line for each block."""
    if isinstance(content, list):
        texts = (decode_part(str, block.text) for block in content if block.type == "text")
        return "\n".join(text for text in texts if text is not None)
    return content or ""
