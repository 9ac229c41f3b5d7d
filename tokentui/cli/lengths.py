"""Lengths of time as people type them."""

from __future__ import annotations

import re

_DURATION = re.compile(r"(\d{1,5})\s*([smhd])")
_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86_400}


def parse_seconds(text: str) -> int:
    """A length of time such as `90s`, `30m`, `1h` or `2d`. Raises ValueError."""
    found = _DURATION.fullmatch(text.strip().lower())
    if found is None or not int(found[1]):
        raise ValueError(f"{text!r} is no length of time: expected one such as 30m, 1h or 2d")
    return int(found[1]) * _SECONDS[found[2]]
