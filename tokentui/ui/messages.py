"""Every message that crosses the app: facts in the past tense, requests in the imperative."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.message import Message

from tokentui.ingest.report import IngestReport
from tokentui.queries.results import Snapshot
from tokentui.ui.background.syncing import SyncStatus
from tokentui.ui.questions import Answer, Question
from tokentui.view import Filter, SortName

if TYPE_CHECKING:
    from datetime import datetime

    from tokentui.queries.compare.subjects import SideKind
    from tokentui.queries.session.tools import ToolGrouping
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
    """The query thread has answered the drill-down's question; None where the thing is unknown."""

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


class OpenSession(Message):
    """Show a session's agents, the guilty ones first in sight."""

    def __init__(self, session_id: str, guilty: frozenset[str] = frozenset()) -> None:
        super().__init__()
        self.session_id = session_id
        self.guilty = guilty


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


class AcknowledgeAlert(Message):
    """Somebody has seen this alert."""

    def __init__(self, alert_id: int) -> None:
        super().__init__()
        self.alert_id = alert_id


class MuteAlerts(Message):
    """Keep this rule quiet for an hour, or this session for good."""

    def __init__(self, rule: str, session_id: str, name: str) -> None:
        super().__init__()
        self.rule, self.session_id, self.name = rule, session_id, name


class OfferInterrupt(Message):
    """Ask whether to interrupt this session."""

    def __init__(self, session_id: str, name: str) -> None:
        super().__init__()
        self.session_id, self.name = session_id, name


class TargetFound(Message):
    """The process of a session was found, or why it cannot be interrupted."""

    def __init__(self, name: str, found: Target | Refusal) -> None:
        super().__init__()
        self.name, self.found = name, found


class OpenAgent(Message):
    """Show the responses of one agent."""

    def __init__(self, session_id: str, agent_id: str) -> None:
        super().__init__()
        self.session_id = session_id
        self.agent_id = agent_id


class OpenResponse(Message):
    """Show one response in full."""

    def __init__(self, response_id: int) -> None:
        super().__init__()
        self.response_id = response_id


class ShowContext(Message):
    """Show the context of another agent of the same session."""

    def __init__(self, agent_id: str) -> None:
        super().__init__()
        self.agent_id = agent_id


class ZoomLanes(Message):
    """Show only this stretch of a session's timeline, in milliseconds; None for all of it."""

    def __init__(self, stretch: tuple[int, int] | None) -> None:
        super().__init__()
        self.stretch = stretch


class OpenTurn(Message):
    """Show the responses of one turn."""

    def __init__(self, session_id: str, number: int) -> None:
        super().__init__()
        self.session_id, self.number = session_id, number


class OpenCalls(Message):
    """Show the calls of one tool, server, skill or type of agent."""

    def __init__(self, session_id: str, by: ToolGrouping, name: str) -> None:
        super().__init__()
        self.session_id, self.name = session_id, name
        self.by: ToolGrouping = by


class OpenComparison(Message):
    """Set two of a kind side by side; empty names take the first that fit."""

    def __init__(self, kind: SideKind, one: str = "", other: str = "") -> None:
        super().__init__()
        self.kind: SideKind = kind
        self.one, self.other = one, other


class MarkFinding(Message):
    """Dismiss a piece of advice, or show it again."""

    def __init__(self, key: str, *, is_dismissed: bool) -> None:
        super().__init__()
        self.key, self.is_dismissed = key, is_dismissed


class FindingMarked(Message):
    """It is dismissed, or shown again."""

    def __init__(self, key: str, *, is_dismissed: bool) -> None:
        super().__init__()
        self.key, self.is_dismissed = key, is_dismissed


class SetFilter(Message):
    """Show only what this filter lets through."""

    def __init__(self, wanted: Filter) -> None:
        super().__init__()
        self.wanted = wanted


class ChangeBudget(Message):
    """Open the form for this budget; for a new one where the name is empty."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.name = name


class RemoveBudget(Message):
    """Ask whether to take this budget out."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.name = name


class ShowMoment(Message):
    """Show the dashboard as it stood then."""

    def __init__(self, moment: datetime) -> None:
        super().__init__()
        self.moment = moment


class ShowPresent(Message):
    """Leave the past."""


class ScreenShown(Message):
    """A screen has come up and wants its scene and its answer."""


class SetColumns(Message):
    """The chart can draw this many buckets."""

    def __init__(self, columns: int) -> None:
        super().__init__()
        self.columns = columns


class SetSort(Message):
    """Sort by this column; the same again turns the order around."""

    def __init__(self, sort: SortName) -> None:
        super().__init__()
        self.sort: SortName = sort
