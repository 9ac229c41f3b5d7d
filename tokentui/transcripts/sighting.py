"""What one line says of a response."""

from __future__ import annotations

from typing import NamedTuple

from tokentui.records import Tokens
from tokentui.transcripts.wire import Message, Usage


class Sighting(NamedTuple):
    """What one line says of a response; of an author's own lines the greatest counts hold (see `counting.fold`)."""

    output_tokens: int
    at_ms: int
    log_offset: int
    tokens: Tokens
    usage: Usage
    message: Message
