"""Answers that are kept while nothing they rest on has changed; the dearer one is, the less often it is worked out."""

from __future__ import annotations

import time
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

Answer = TypeVar("Answer")

CHEAP_SECONDS = 0.02
"""What takes no longer is worked out whenever something has changed."""
PAUSES = 10
"""How many times as long as it took a dear answer stands: a tenth of one processor at most."""


class Kept(Generic[Answer]):
    """One answer, to the question asked last."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._held: tuple[Hashable, Hashable, Answer] | None = None
        self._due = 0.0

    def ask(self, question: Hashable, mark: Hashable, work_out: Callable[[], Answer]) -> Answer:
        """The answer: the very one from before while `mark`, which stands for all it rests on, is the same."""
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
