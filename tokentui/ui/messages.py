"""What has happened: messages from the threads, the watch and the screens to the app."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.message import Message

from tokentui.ingest.report import IngestReport
from tokentui.queries.results import Snapshot
from tokentui.ui.background.syncing import SyncStatus
from tokentui.ui.questions import Answer, Question

if TYPE_CHECKING:
    from tokentui.watch.interrupt import Refusal, Target


class SnapshotReady(Message):
    """The query thread has built a new answer for the dashboard."""

    def __init__(self, snapshot: Snapshot) -> None:
        super().__init__()
        self.snapshot = snapshot

    def can_replace(self, message: Message) -> bool:
        """A newer snapshot makes a queued one useless."""
        return isinstance(message, SnapshotReady)


class AnswerReady(Message):
    """The query thread has answered the drill-down's question; None if there is no such session, agent or response."""

    def __init__(self, question: Question, answer: Answer | None) -> None:
        super().__init__()
        self.question = question
        self.answer = answer

    def can_replace(self, message: Message) -> bool:
        """A newer answer to the same question makes a queued one useless."""
        return isinstance(message, AnswerReady) and message.question == self.question


class IngestProgressed(Message):
    """The ingest thread reports how far it is."""

    def __init__(self, report: IngestReport) -> None:
        super().__init__()
        self.report = report

    def can_replace(self, message: Message) -> bool:
        """Only the newest report matters."""
        return isinstance(message, IngestProgressed)


class SourceFailed(Message):
    """A part below the screen has failed; the rest lives on."""

    def __init__(self, part: str, reason: str) -> None:
        super().__init__()
        self.part = part
        self.reason = reason


class SourceRecovered(Message):
    """A part that had failed works again."""

    def __init__(self, part: str) -> None:
        super().__init__()
        self.part = part


class SyncProgressed(Message):
    """The sync thread says how it stands."""

    def __init__(self, status: SyncStatus) -> None:
        super().__init__()
        self.status = status


class TerminalSaid(Message):
    """The watch has something for the terminal itself: a bell, a title, a notification."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.text = text


class ActionDone(Message):
    """Something that was asked of the watch is done, or has failed."""

    def __init__(self, said: str, *, has_failed: bool = False) -> None:
        super().__init__()
        self.said = said
        self.has_failed = has_failed


class TargetFound(Message):
    """The search for a session's process has ended: `found` is the process, or why it cannot be interrupted."""

    def __init__(self, name: str, found: Target | Refusal) -> None:
        super().__init__()
        self.name, self.found = name, found


class FindingMarked(Message):
    """A piece of advice was dismissed, or is shown again."""

    def __init__(self, key: str, *, is_dismissed: bool) -> None:
        super().__init__()
        self.key, self.is_dismissed = key, is_dismissed


class ScreenShown(Message):
    """A screen has come up and wants its scene and its answer."""
