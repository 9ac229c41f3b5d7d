"""What one line says of a response."""

from __future__ import annotations

from typing import NamedTuple

from tokentui.records import Tokens
from tokentui.transcripts.wire import Message, Usage


class Sighting(NamedTuple):
    """One line's word on a response; of an author's own lines the greatest holds, as `counting.fold` has it."""

    output_tokens: int
    at_ms: int
    log_offset: int
    tokens: Tokens
    usage: Usage
    message: Message
