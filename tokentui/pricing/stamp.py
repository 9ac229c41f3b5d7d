"""A stamp that changes whenever rates may have changed, made without loading any prices."""

from __future__ import annotations

import os
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tokentui.pricing.sources import PriceSources

_SOURCES = ("genai_prices", "tokentui.pricing.overlay")


def rates_stamp(sources: PriceSources) -> dict[str, Any]:
    """Plain values for JSON that change with the installed prices, the fetched price data and the user's own prices."""
    stamp: dict[str, Any] = {name: _file_stamp(name) for name in _SOURCES}
    if sources.update is not None:
        stamp["update"] = [str(sources.update), sources.update.stat().st_mtime_ns]
    if sources.overrides:
        from tokentui.pricing.overrides import fingerprint

        stamp["your prices"] = fingerprint(sources.overrides)
    return stamp


def _file_stamp(module: str) -> list[Any]:
    """Path and modification time of a module's file; finding a module does not load it."""
    spec = find_spec(module)
    if spec is None or spec.origin is None:
        return []
    return [spec.origin, os.stat(spec.origin).st_mtime_ns]  # noqa: PTH116
