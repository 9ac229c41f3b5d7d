"""What the user asks for: messages from panes and screens to the app."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.message import Message

from tokentui.view import Filter, SortName

if TYPE_CHECKING:
    from datetime import datetime

    from tokentui.queries.compare.subjects import SideKind
    from tokentui.queries.session.tools import ToolGrouping


class OpenSession(Message):
    """Show a session's agents, scrolled to the guilty ones."""

    def __init__(self, session_id: str, guilty: frozenset[str] = frozenset()) -> None:
        super().__init__()
        self.session_id = session_id
        self.guilty = guilty


class AcknowledgeAlert(Message):
    """Mark this alert as seen."""

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
    """Set two of a kind side by side; an empty name stands for the first that fits."""

    def __init__(self, kind: SideKind, one: str = "", other: str = "") -> None:
        super().__init__()
        self.kind: SideKind = kind
        self.one, self.other = one, other


class MarkFinding(Message):
    """Dismiss a piece of advice, or show it again."""

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


class SetColumns(Message):
    """Ask for as many slices of time as the chart can draw."""

    def __init__(self, columns: int) -> None:
        super().__init__()
        self.columns = columns


class SetSort(Message):
    """Sort by this column; asked twice, turn the order around."""

    def __init__(self, sort: SortName) -> None:
        super().__init__()
        self.sort: SortName = sort
