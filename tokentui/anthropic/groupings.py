"""What the usage report is grouped by, and how an older gateway is asked that does not know all of it."""

from __future__ import annotations

from collections.abc import Iterator

WHOSE = (
    "model", "service_tier", "context_window", "inference_geo", "speed", "api_key_id", "workspace_id", "account_id",
    "service_account_id",
)  # fmt: skip
"""What usage has to be told apart by to know its price, and whose it is: all that the report can."""

FAST_MODE_BETA = "fast-mode-2026-02-01"
"""Needed for `speed` while fast mode was a preview."""
_SPEED, _ACCOUNTS = frozenset({"speed"}), frozenset({"account_id", "service_account_id"})
_LEFT_OUT: tuple[frozenset[str], ...] = (frozenset(), _SPEED, _ACCOUNTS, _SPEED | _ACCOUNTS)
"""What came to the report late, in the order in which it is given up."""


def ways() -> Iterator[tuple[tuple[str, ...], dict[str, str]]]:
    """Groups and headers to ask with, the fullest first."""
    for left_out in _LEFT_OUT:
        names = tuple(name for name in WHOSE if name not in left_out)
        yield names, {}
        if "speed" in names:
            yield names, {"anthropic-beta": FAST_MODE_BETA}
