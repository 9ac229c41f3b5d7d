"""Gives freed memory back to the system: the C library keeps it, and with several threads that grows for hours."""

from __future__ import annotations

import sys
from collections.abc import Callable
from contextlib import suppress

_ARENA_MAX = -8
"""`M_ARENA_MAX`: the option of `mallopt` that limits how many pools of memory threads share."""


def use_one_pool() -> None:
    """Make all threads share one pool, so that each can use what another has freed; call it before they start."""
    with suppress(AttributeError, OSError):
        _c_function("mallopt")(_ARENA_MAX, 1)


def give_back() -> None:
    """Give free memory back to the system; takes about a millisecond."""
    with suppress(AttributeError, OSError):
        _c_function("malloc_trim")(0)


def _c_function(name: str) -> Callable[..., int]:
    """A function of the C library. Raises AttributeError or OSError where there is none, as on macOS."""
    import ctypes

    if sys.platform != "linux":
        raise AttributeError(name)
    return getattr(ctypes.CDLL(None), name)  # type: ignore[no-any-return]
