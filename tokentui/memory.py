"""Gives freed memory back to the system: the C library keeps it, and with several threads it would grow for hours."""

from __future__ import annotations

import sys
from collections.abc import Callable
from contextlib import suppress

_ARENA_MAX = -8
"""Number of the option of `mallopt` for how many pools threads get."""


def use_one_pool() -> None:
    """Let all threads take memory from one pool, so that what one has freed serves the others; before they start."""
    with suppress(AttributeError, OSError):
        _c_function("mallopt")(_ARENA_MAX, 1)


def give_back() -> None:
    """Give what is free back to the system; takes about a millisecond."""
    with suppress(AttributeError, OSError):
        _c_function("malloc_trim")(0)


def _c_function(name: str) -> Callable[..., int]:
    """Raises AttributeError or OSError where the C library has none of that name, as on macOS."""
    import ctypes

    if sys.platform != "linux":
        raise AttributeError(name)
    return getattr(ctypes.CDLL(None), name)  # type: ignore[no-any-return]
