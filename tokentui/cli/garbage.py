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
"""New objects before the youngest are looked through, and looks at those before one at older ones."""


@contextmanager
def later() -> Iterator[Callable[[], None]]:
    """No look inside until what is yielded is called: by then, what there is is there to stay."""
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
