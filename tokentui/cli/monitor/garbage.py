"""When Python looks for garbage in the monitor: not while it starts, and later only among what came since.

What counting makes holds no cycles and goes by itself; only screens that were left need to be looked for. A look
through everything there is would hold all threads up for a twentieth of a second, several times in each second of a
storm.
"""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator
from contextlib import contextmanager

NEW_OBJECTS = (5_000, 5, 1)
"""Python's thresholds: new objects before a collection of the youngest, and collections before one of older ones."""


@contextmanager
def later() -> Iterator[Callable[[], None]]:
    """Collect nothing until the yielded function is called; what exists then is excluded from later collections."""
    before = gc.get_threshold()
    gc.disable()
    try:
        yield _begin
    finally:
        gc.set_threshold(*before)
        gc.unfreeze()
        gc.enable()


def _begin() -> None:
    gc.collect()
    gc.freeze()
    gc.set_threshold(*NEW_OBJECTS)
    gc.enable()
