"""The query thread: sleeps until something has changed, asks the store, posts the answer."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable

from textual.message import Message

from tokentui.queries.results import Snapshot
from tokentui.ui.messages import AnswerReady, SnapshotReady, SourceFailed, SourceRecovered
from tokentui.ui.ports import Questions, QuestionsFactory
from tokentui.ui.questions import (
    Answer,
    AskAlerts,
    AskBilled,
    AskBudgets,
    AskCalls,
    AskInsight,
    AskResponse,
    AskResponses,
    AskTree,
    AskTurn,
    QuickQuestion,
)
from tokentui.view import View

PART = "figures"
"""The name of this part on screen when it fails."""
BREATH_SECONDS = 0.02
"""Shortest pause between two answers while new lines arrive, besides the time the last answer took; a key ends it."""
QUIET_INTERVALS = 30
"""Longest pause, in intervals, when no agent works or the past is shown: then only ages change, or nothing."""


class Asker:
    """`run` is the body of the query thread; `wake`, `ask` and `stop` may be called from any thread."""

    def __init__(
        self,
        factory: QuestionsFactory,
        view: View,
        interval_seconds: float,
        post: Callable[[Message], object],
    ) -> None:
        self._factory = factory
        self._interval_seconds = self._pause_seconds = interval_seconds
        self._post = post
        self._changed = threading.Condition()
        self._view = view
        self._question: QuickQuestion | None = None
        self._is_dirty = True
        self._is_urgent = True
        self._is_stopped = False

    def wake(self) -> None:
        """Answer again soon, since the store has something new."""
        with self._changed:
            self._is_dirty = True
            self._changed.notify()

    def ask(self, view: View, question: QuickQuestion | None) -> None:
        """Answer for this view and question from now on, at once; only the latest call counts."""
        with self._changed:
            self._view, self._question = view, question
            self._is_urgent = True
            self._changed.notify()

    def stop(self) -> None:
        """End the thread, once the question it is answering is answered."""
        with self._changed:
            self._is_stopped = True
            self._changed.notify()

    def run(self) -> None:
        """Answer until stopped; the database connection is opened, used and closed in this thread alone."""
        questions: Questions | None = None
        has_failed = False
        breath_seconds = 0.0
        while self._wait(breath_seconds):
            started = time.perf_counter()
            try:
                questions = questions or self._factory()
                self._answer(questions)
                breath_seconds = BREATH_SECONDS + time.perf_counter() - started
                if has_failed:
                    self._post(SourceRecovered(PART))
                    has_failed = False
            except Exception as error:  # shown on screen; the next round opens a new connection
                self._post(SourceFailed(PART, f"{type(error).__name__}: {error}"))
                close_quietly(questions)
                questions, has_failed, breath_seconds = None, True, self._interval_seconds
        close_quietly(questions)

    def _wait(self, breath_seconds: float) -> bool:
        """Sleep for at least a breath, unless a key ends it, then until there is something to do; False once
        stopped."""
        with self._changed:
            hurried = self._changed.wait_for(lambda: self._is_stopped or self._is_urgent, breath_seconds)
            if not hurried:
                self._changed.wait_for(
                    lambda: self._is_stopped or self._is_urgent or self._is_dirty,
                    max(0.0, self._pause_seconds - breath_seconds),
                )
            self._is_dirty = self._is_urgent = False
            return not self._is_stopped

    def _answer(self, questions: Questions) -> None:
        with self._changed:
            view, question = self._view, self._question
        if question is not None:
            self._post(AnswerReady(question, _answer_to(questions.at(view.as_of), question)))
        snapshot = questions.snapshot(view)
        is_moving = view.as_of is None and _is_busy(snapshot)
        longest = self._interval_seconds * (1 if is_moving else QUIET_INTERVALS)
        self._pause_seconds = min(2 * self._pause_seconds, longest)
        self._post(SnapshotReady(snapshot))


def _is_busy(snapshot: Snapshot) -> bool:
    """Whether figures change without new lines: the last minute empties, and working agents grow old."""
    headline = snapshot.headline
    return bool(headline.responses_last_minute or headline.working_agents)


def close_quietly(questions: Questions | None) -> None:
    """Close the connection, whatever state it is in."""
    if questions is not None:
        with contextlib.suppress(Exception):
            questions.close()


def _answer_to(questions: Questions, question: QuickQuestion) -> Answer | None:
    match question:
        case AskResponse(response_id):
            return questions.response(response_id)
        case AskAlerts(limit):
            return questions.alert_log(limit)
        case AskBudgets(windows):
            return questions.budgets(windows)
        case AskBilled(by, days):
            return questions.billed(by, days)
        case _:
            return _about_session(questions, question)


def _about_session(
    questions: Questions, question: AskTree | AskInsight | AskTurn | AskCalls | AskResponses
) -> Answer | None:
    match question:
        case AskTree(session_id):
            return questions.session_tree(session_id)
        case AskInsight(session_id, name, agent_id):
            return questions.session_insight(session_id, name, agent_id)
        case AskTurn(session_id, number, limit):
            return questions.turn_responses(session_id, number, limit)
        case AskCalls(session_id, by, name, limit):
            return questions.tool_calls(session_id, by, name, limit)
        case AskResponses(session_id, agent_id, limit):
            return questions.agent_responses(session_id, agent_id, limit)
