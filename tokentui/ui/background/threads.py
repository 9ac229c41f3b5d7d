"""The threads below the screen: one reads logs, one answers, one watches; slow questions and syncing have their own.

They post messages and touch no widget.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import datetime
from functools import partial

from textual.message import Message

from tokentui.ingest.report import IngestReport
from tokentui.ui import messages
from tokentui.ui.background.asking import Asker
from tokentui.ui.background.slow import SlowAsker
from tokentui.ui.background.syncing import Syncer
from tokentui.ui.ports import IngestLoop, QuestionsFactory, Sync
from tokentui.ui.questions import Question, SlowQuestion
from tokentui.ui.settings import UiSettings
from tokentui.view import View

Start = Callable[[Callable[[], None], str], object]
"""Runs a function in a thread of a group."""
LookOut = Callable[[threading.Event, threading.Event, Callable[[], None]], None]
"""Runs the watch: told to stop by the first event, woken by the second; it calls the function when alerts change."""


class Threads:
    """The threads of one app: created with it, started after its first picture, stopped when it is left."""

    def __init__(
        self,
        questions: QuestionsFactory,
        ingest: IngestLoop,
        sync: Sync | None,
        settings: UiSettings,
        clock: Callable[[], datetime],
        post: Callable[[Message], object],
    ) -> None:
        self._ingest, self._post = ingest, post
        self._stopped, self._woken = threading.Event(), threading.Event()
        self._asker = Asker(questions, settings.view, settings.interval_seconds, post)
        self._slow = SlowAsker(questions, post)
        self._syncer = sync and Syncer(
            sync, clock, lambda status: post(messages.SyncProgressed(status)), self._asker.wake
        )

    def start(self, run: Start, look_out: LookOut) -> None:
        """Start the threads that run all the time."""
        run(self._asker.run, "query")
        run(self._follow, "ingest")
        run(partial(look_out, self._stopped, self._woken, self._asker.wake), "watch")
        if self._syncer:
            self._syncer.start()

    def stop(self) -> None:
        """Tell all threads to end soon."""
        self._stopped.set()
        self._asker.stop()
        self._slow.stop()
        self._woken.set()
        if self._syncer:
            self._syncer.stop()

    def ask(self, view: View, question: Question | None) -> None:
        """Have the figures of this view and the answer to this question posted from now on."""
        if isinstance(question, SlowQuestion):
            self._slow.ask(question)
            self._asker.ask(view, None)
        else:
            self._slow.ask(None)
            self._asker.ask(view, question)

    def forget_slow_answers(self) -> None:
        """Drop the kept answers to slow questions, which are no longer true."""
        self._slow.forget()

    def sync_now(self) -> bool:
        """Fetch Anthropic's reports; False if there is no key for that."""
        if self._syncer:
            self._syncer.hurry()
        return self._syncer is not None

    def _follow(self) -> None:
        try:
            self._ingest.run(self._stopped, self._report, self._wake)
        except Exception as error:  # the one place where a dead ingest is put on screen
            self._post(messages.SourceFailed("reading", f"{type(error).__name__}: {error}"))

    def _report(self, report: IngestReport) -> None:
        self._post(messages.IngestProgressed(report))

    def _wake(self) -> None:
        """Wake the watch and both query threads, since the store has something new."""
        self._woken.set()
        self._asker.wake()
        self._slow.wake()
