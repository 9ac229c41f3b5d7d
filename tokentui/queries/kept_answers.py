"""Keeps answers while what they rest on has not changed; the longer one takes, the less often it is worked out."""

from __future__ import annotations

import time
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

Answer = TypeVar("Answer")

CHEAP_SECONDS = 0.02
"""An answer that takes no longer is worked out whenever something has changed."""
PAUSES = 10
"""How many times as long as it took a slower answer is kept, so that it takes a tenth of one processor at most."""


class Kept(Generic[Answer]):
    """The answer to the question that was asked last."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._held: tuple[Hashable, Hashable, Answer] | None = None
        self._due = 0.0

    def ask(self, question: Hashable, mark: Hashable, work_out: Callable[[], Answer]) -> Answer:
        """The answer: the same object as before while `mark`, which stands for all that it rests on, is the same."""
        if self._held is not None and self._held[0] == question:
            _, held_mark, answer = self._held
            if held_mark == mark or self._clock() < self._due:
                return answer
        started = self._clock()
        answer = work_out()
        took = self._clock() - started
        self._held = (question, mark, answer)
        self._due = started + took * (1 + PAUSES) if took > CHEAP_SECONDS else 0.0
        return answer
