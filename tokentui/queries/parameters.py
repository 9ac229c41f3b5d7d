"""Row ids and words on their way into a statement."""

from __future__ import annotations

import json
from collections.abc import Iterable


def as_json(values: Iterable[int]) -> str:
    """Row ids as one parameter for `json_each`."""
    return json.dumps(sorted(values))


def escaped(text: str) -> str:
    """A word of which LIKE takes every sign for itself, with a backslash as its escape."""
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
