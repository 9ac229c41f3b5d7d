"""The thread for questions that take seconds: on a connection of its own, so that the figures go on meanwhile."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from contextlib import closing

from textual.message import Message

from tokentui.ui.messages import AnswerReady, SourceFailed, SourceRecovered
from tokentui.ui.ports import Questions, QuestionsFactory
from tokentui.ui.questions import AskAdvice, AskComparison, SlowAnswer, SlowQuestion

PART = "advice and comparing"
"""What the screen calls this part when it fails."""
KEPT_SECONDS = 60.0
"""How long an answer is good for when the same is asked again."""


class SlowAsker:
    """One thread, started by the first question; `ask`, `forget` and `stop` may be called from any other."""

    def __init__(
        self,
        factory: QuestionsFactory,
        post: Callable[[Message], object],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._factory, self._post, self._clock = factory, post, clock
        self._changed = threading.Condition()
        self._wanted: SlowQuestion | None = None
        self._kept: dict[SlowQuestion, tuple[float, SlowAnswer]] = {}
        self._is_running = self._is_stopped = False

    def ask(self, question: SlowQuestion) -> None:
        """Want this answer; the latest wish wins. At once where it was worked out lately."""
        with self._changed:
            kept = self._kept.get(question)
            if kept is not None and self._clock() - kept[0] < KEPT_SECONDS:
                self._wanted = None
                self._post(AnswerReady(question, kept[1]))
                return
            self._wanted = question
            self._changed.notify()
            if not self._is_running:
                self._is_running = True
                threading.Thread(target=self._run, name="slow questions", daemon=True).start()

    def forget(self) -> None:
        """What is kept is no longer so."""
        with self._changed:
            self._kept.clear()

    def stop(self) -> None:
        """End; leaving does not wait for an answer that is under way."""
        with self._changed:
            self._is_stopped = True
            self._changed.notify()

    def _run(self) -> None:
        """Each on a connection of its own: minutes may lie between two, and what each keeps does not serve the next."""
        while (question := self._next()) is not None:
            try:
                with closing(self._factory()) as questions:
                    self._deliver(question, _answer(questions, question))
            except Exception as error:  # a failing question becomes a visible state; the next one tries anew
                self._say(SourceFailed(PART, f"{type(error).__name__}: {error}"))

    def _next(self) -> SlowQuestion | None:
        with self._changed:
            self._changed.wait_for(lambda: self._is_stopped or self._wanted is not None)
            question, self._wanted = self._wanted, None
            return None if self._is_stopped else question

    def _deliver(self, question: SlowQuestion, answer: SlowAnswer) -> None:
        with self._changed:
            self._kept = {**self._kept, question: (self._clock(), answer)}
        self._say(SourceRecovered(PART))
        self._say(AnswerReady(question, answer))

    def _say(self, message: Message) -> None:
        if not self._is_stopped:
            self._post(message)


def _answer(questions: Questions, question: SlowQuestion) -> SlowAnswer:
    match question:
        case AskAdvice(days):
            return questions.advice(days)
        case AskComparison(kind, one, other):
            return questions.comparison(kind, one, other)
