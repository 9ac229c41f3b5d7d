"""Time zones by name, and those written as rules, as `TZ` may be: `CET-1CEST,M3.5.0,M10.5.0/3`, `EST5`, `<+03>-3`."""

from __future__ import annotations

import io
import struct
from contextlib import suppress
from datetime import tzinfo
from zoneinfo import ZoneInfo

_ONE_KIND_OF_TIME = struct.pack(">5s15x6l", b"TZif2", 0, 0, 0, 0, 1, 4) + bytes(6) + b"UTC\0"
"""The least that a zone's file must have before its last line, which has the rules for all times after it."""


def zone_called(name: str) -> tzinfo:
    """The zone of this name, or of these rules. Raises ValueError where it is neither."""
    with suppress(OSError, ValueError, LookupError):
        return ZoneInfo(name)
    file = 2 * _ONE_KIND_OF_TIME + b"\n" + name.encode(errors="replace") + b"\n"
    return ZoneInfo.from_file(io.BytesIO(file), key=name)
