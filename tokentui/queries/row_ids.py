"""Row ids on their way into a statement."""

from __future__ import annotations

import json
from collections.abc import Iterable


def as_json(values: Iterable[int]) -> str:
    """Row ids as one parameter for `json_each`."""
    return json.dumps(sorted(values))
