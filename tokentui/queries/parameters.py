"""Turns row ids and words into parameters of a statement."""

from __future__ import annotations

import json
from collections.abc import Iterable


def as_json(values: Iterable[int]) -> str:
    """Row ids as one parameter for `json_each`."""
    return json.dumps(sorted(values))


def escaped(text: str) -> str:
    """A word in which LIKE takes every character literally; the escape is a backslash."""
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
