"""The thread for questions that take seconds, on a connection of its own: the live figures do not wait for it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from contextlib import closing
from typing import TYPE_CHECKING, NamedTuple, cast

from textual.message import Message

from tokentui.ui.messages import AnswerReady, SourceFailed, SourceRecovered
from tokentui.ui.ports import Questions, QuestionsFactory
from tokentui.ui.questions import AskAdvice, AskComparison, SlowAnswer, SlowQuestion

if TYPE_CHECKING:
    from tokentui.queries.compare.screen import Comparison

PART = "advice and comparing"
"""The name of this part on screen when it fails."""
KEPT_SECONDS = 60.0
"""Shortest time that an answer is kept. After it, and once the store has something new, an answer on screen is
renewed."""
KEPT_TIMES = 50
"""An answer is kept for this many times as long as it took, so that renewing it takes at most 1/50 of a processor."""


class _Kept(NamedTuple):
    answer: SlowAnswer
    until: float


class SlowAsker:
    """Answers slow questions in one thread, which the first question starts; every public method is safe in any
    thread."""

    def __init__(
        self,
        factory: QuestionsFactory,
        post: Callable[[Message], object],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._factory, self._post, self._clock = factory, post, clock
        self._changed = threading.Condition()
        self._wanted: SlowQuestion | None = None
        self._kept: dict[SlowQuestion, _Kept] = {}
        self._is_running = self._is_stopped = self._has_news = False

    def ask(self, question: SlowQuestion | None) -> None:
        """Post the answer to this question now and whenever it is renewed; None for no question. Only the latest call
        counts."""
        with self._changed:
            self._wanted = question
            if question is None:
                return
            if (kept := self._kept.get(question)) and self._clock() < kept.until:
                self._post(AnswerReady(question, kept.answer))
            else:
                self._kept.pop(question, None)
            self._changed.notify()
            if not self._is_running:
                self._is_running = True
                threading.Thread(target=self._run, name="slow questions", daemon=True).start()

    def wake(self) -> None:
        """Renew the answer on screen once its time is over, since the store has something new."""
        with self._changed:
            self._has_news = True
            self._changed.notify()

    def forget(self) -> None:
        """Drop all kept answers, which are no longer true."""
        with self._changed:
            self._kept.clear()

    def stop(self) -> None:
        """End the thread; an answer under way is not waited for."""
        with self._changed:
            self._is_stopped = True
            self._changed.notify()

    def _run(self) -> None:
        """Answer until stopped, each question on a new connection: minutes may pass between two, and caches would be
        stale."""
        while (question := self._next()) is not None:
            try:
                began = self._clock()
                with closing(self._factory()) as questions:
                    answer = _answer(questions, _pinned(question, self._kept.get(question)))
                self._deliver(question, answer, self._clock() - began)
            except Exception as error:  # shown on screen; the next question tries again
                self._give_up(question)
                self._say(SourceFailed(PART, f"{type(error).__name__}: {error}"))

    def _next(self) -> SlowQuestion | None:
        """Wait until the wanted question is due, and return it; None once stopped."""
        with self._changed:
            while not self._is_stopped:
                seconds = self._seconds_left()
                if seconds is not None and seconds <= 0:
                    self._has_news = False
                    return self._wanted
                self._changed.wait(seconds)
            return None

    def _seconds_left(self) -> float | None:
        """Seconds until the wanted question is due, not above 0 if now; None if it need not be answered."""
        if self._wanted is None:
            return None
        kept = self._kept.get(self._wanted)
        if kept is None:
            return 0.0
        return kept.until - self._clock() if self._has_news else None

    def _give_up(self, question: SlowQuestion) -> None:
        with self._changed:
            if self._wanted == question:
                self._wanted = None

    def _deliver(self, question: SlowQuestion, answer: SlowAnswer, took_seconds: float) -> None:
        with self._changed:
            until = self._clock() + max(KEPT_SECONDS, KEPT_TIMES * took_seconds)
            self._kept = {**self._kept, question: _Kept(answer, until)}
        self._say(SourceRecovered(PART))
        self._say(AnswerReady(question, answer))

    def _say(self, message: Message) -> None:
        if not self._is_stopped:
            self._post(message)


def _pinned(question: SlowQuestion, kept: _Kept | None) -> SlowQuestion:
    """The question with the names that its last answer chose, so that a comparison on screen keeps its two sides."""
    if kept is None or not isinstance(question, AskComparison):
        return question
    return AskComparison(question.kind, *(side.name for side in cast("Comparison", kept.answer).sides))


def _answer(questions: Questions, question: SlowQuestion) -> SlowAnswer:
    match question:
        case AskAdvice(days):
            return questions.advice(days)
        case AskComparison(kind, one, other):
            return questions.comparison(kind, one, other)
