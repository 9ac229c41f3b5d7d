"""The query thread: answers at once, merges what comes too fast, and survives what fails."""

from __future__ import annotations

import queue
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from textual.message import Message

from tests.kit.fakes import CannedQuestions
from tokentui.ui.background.asking import Asker
from tokentui.ui.messages import AnswerReady, SnapshotReady, SourceFailed, SourceRecovered
from tokentui.ui.questions import AskTree
from tokentui.view import View

PATIENCE_SECONDS = 10
NEVER_SECONDS = 3_600.0


@contextmanager
def asking(
    questions: CannedQuestions, interval_seconds: float = NEVER_SECONDS
) -> Iterator[tuple[Asker, queue.Queue[Message]]]:
    posted: queue.Queue[Message] = queue.Queue()
    asker = Asker(questions, View(), interval_seconds, posted.put)
    thread = threading.Thread(target=asker.run)
    thread.start()
    try:
        yield asker, posted
    finally:
        asker.stop()
        thread.join(PATIENCE_SECONDS)
        assert not thread.is_alive()


def test_the_first_answer_comes_unasked() -> None:
    with asking(CannedQuestions()) as (_, posted):
        assert isinstance(posted.get(timeout=PATIENCE_SECONDS), SnapshotReady)


def test_a_change_is_answered_without_waiting_for_the_interval() -> None:
    with asking(CannedQuestions()) as (asker, posted):
        posted.get(timeout=PATIENCE_SECONDS)
        asker.wake()
        assert isinstance(posted.get(timeout=PATIENCE_SECONDS), SnapshotReady)


def test_many_changes_at_once_are_answered_together() -> None:
    questions = CannedQuestions()
    with asking(questions) as (asker, posted):
        posted.get(timeout=PATIENCE_SECONDS)
        for _ in range(1_000):
            asker.wake()
        posted.get(timeout=PATIENCE_SECONDS)
    assert len(questions.asked) < 100


def test_the_latest_view_wins_and_the_question_comes_before_the_snapshot() -> None:
    with asking(CannedQuestions()) as (asker, posted):
        posted.get(timeout=PATIENCE_SECONDS)
        wanted = View()._replace(range="7d")
        asker.ask(wanted, AskTree("unknown"))
        answer = posted.get(timeout=PATIENCE_SECONDS)
        assert isinstance(answer, AnswerReady)
        assert answer.answer is None
        snapshot = posted.get(timeout=PATIENCE_SECONDS)
        assert isinstance(snapshot, SnapshotReady)
        assert snapshot.snapshot.view == wanted


def test_the_interval_asks_again() -> None:
    with asking(CannedQuestions(), 0.01) as (_, posted):
        for _ in range(3):
            assert isinstance(posted.get(timeout=PATIENCE_SECONDS), SnapshotReady)


def test_a_failure_is_told_and_so_is_the_recovery() -> None:
    questions = CannedQuestions(fail="locked")
    with asking(questions, 0.01) as (_, posted):
        failed = posted.get(timeout=PATIENCE_SECONDS)
        assert isinstance(failed, SourceFailed)
        assert failed.reason == "RuntimeError: locked"
        questions.fail = ""
        told: list[Message] = []
        while not any(isinstance(message, SourceRecovered) for message in told):
            told.append(posted.get(timeout=PATIENCE_SECONDS))


def test_questions_are_closed_in_the_thread_that_made_them() -> None:
    threads: list[int] = []

    class Watched(CannedQuestions):
        def __call__(self) -> CannedQuestions:
            threads.append(threading.get_ident())
            return self

        def close(self) -> None:
            threads.append(threading.get_ident())
            super().close()

    with asking(Watched()) as (_, posted):
        posted.get(timeout=PATIENCE_SECONDS)
    assert len(threads) == 2
    assert threads[0] == threads[1] != threading.get_ident()


def test_a_newer_snapshot_replaces_a_waiting_one_and_an_answer_only_its_own_question() -> None:
    snapshot = SnapshotReady(CannedQuestions().snapshot(View()))
    answer = AnswerReady(AskTree("a"), None)
    assert snapshot.can_replace(SnapshotReady(snapshot.snapshot))
    assert not snapshot.can_replace(answer)
    assert answer.can_replace(AnswerReady(AskTree("a"), None))
    assert not answer.can_replace(AnswerReady(AskTree("b"), None))
