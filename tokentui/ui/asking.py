"""The query thread: sleeps until something changed, asks the store, hands the answer over. Knows no widget."""

from __future__ import annotations

import contextlib
import threading
import time
from dataclasses import dataclass
from typing import Protocol

from tokentui.queries.results import AgentResponses, ResponseDetail, SessionTree, Snapshot
from tokentui.ui.ports import Questions, QuestionsFactory
from tokentui.view import View

BREATH_SECONDS = 0.04
"""Least time between two answers while lines pour in; keys do not wait for it."""


@dataclass(frozen=True, slots=True)
class AskTree:
    """A session's agents."""

    session_id: str


@dataclass(frozen=True, slots=True)
class AskResponses:
    """The newest responses of one agent."""

    session_id: str
    agent_id: str
    limit: int = 200


@dataclass(frozen=True, slots=True)
class AskResponse:
    """One response in full."""

    response_id: int


Question = AskTree | AskResponses | AskResponse
Answer = SessionTree | AgentResponses | ResponseDetail


class Listener(Protocol):
    """Who hears the answers; called in the query thread."""

    def snapshot_ready(self, snapshot: Snapshot) -> None:
        """A new answer for the dashboard."""
        ...

    def answer_ready(self, question: Question, answer: Answer | None) -> None:
        """The answer to the drill-down's question."""
        ...

    def asking_failed(self, reason: str) -> None:
        """A question raised an exception; the next try comes with the next tick."""
        ...


class Asker:
    """One long-lived thread body; `wake`, `ask` and `stop` may be called from any thread."""

    def __init__(self, factory: QuestionsFactory, view: View, interval_seconds: float, listener: Listener) -> None:
        self._factory = factory
        self._interval_seconds = interval_seconds
        self._listener = listener
        self._changed = threading.Condition()
        self._view = view
        self._question: Question | None = None
        self._is_dirty = True
        self._is_urgent = True
        self._is_stopped = False

    def wake(self) -> None:
        """Something new is in the store."""
        with self._changed:
            self._is_dirty = True
            self._changed.notify()

    def ask(self, view: View, question: Question | None) -> None:
        """The user wants to see something else: answer at once. The latest request wins."""
        with self._changed:
            self._view, self._question = view, question
            self._is_urgent = True
            self._changed.notify()

    def stop(self) -> None:
        """Leave the loop as soon as the running question is answered."""
        with self._changed:
            self._is_stopped = True
            self._changed.notify()

    def run(self) -> None:
        """Answer until stopped. Questions are made, used and closed in this thread alone."""
        questions: Questions | None = None
        breath_seconds = 0.0
        while self._wait(breath_seconds):
            started = time.perf_counter()
            try:
                questions = questions or self._factory()
                self._answer(questions)
                breath_seconds = BREATH_SECONDS + time.perf_counter() - started
            except Exception as error:  # a failing question becomes a visible state; the next tick tries anew
                self._listener.asking_failed(f"{type(error).__name__}: {error}")
                _close(questions)
                questions, breath_seconds = None, self._interval_seconds
        _close(questions)

    def _wait(self, breath_seconds: float) -> bool:
        """Sleep until there is something to do; False once stopped."""
        with self._changed:
            hurried = self._changed.wait_for(lambda: self._is_stopped or self._is_urgent, breath_seconds)
            if not hurried:
                self._changed.wait_for(
                    lambda: self._is_stopped or self._is_urgent or self._is_dirty,
                    max(0.0, self._interval_seconds - breath_seconds),
                )
            self._is_dirty = self._is_urgent = False
            return not self._is_stopped

    def _answer(self, questions: Questions) -> None:
        with self._changed:
            view, question = self._view, self._question
        if question is not None:
            self._listener.answer_ready(question, _answer_to(questions, question, view))
        self._listener.snapshot_ready(questions.snapshot(view))


def _close(questions: Questions | None) -> None:
    """Give the connection back, whatever state it is in."""
    if questions is not None:
        with contextlib.suppress(Exception):
            questions.close()


def _answer_to(questions: Questions, question: Question, view: View) -> Answer | None:
    match question:
        case AskTree(session_id):
            return questions.session_tree(session_id, view)
        case AskResponses(session_id, agent_id, limit):
            return questions.agent_responses(session_id, agent_id, view, limit)
        case AskResponse(response_id):
            return questions.response(response_id)
