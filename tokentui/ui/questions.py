"""What a drill-down screen asks for, as plain data; the query thread finds the answer."""

from __future__ import annotations

from dataclasses import dataclass

from tokentui.queries.alert_rows import AlertLog
from tokentui.queries.results import AgentResponses, ResponseDetail, SessionTree


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


@dataclass(frozen=True, slots=True)
class AskAlerts:
    """The alert log."""

    limit: int = 200


Question = AskTree | AskResponses | AskResponse | AskAlerts
Answer = SessionTree | AgentResponses | ResponseDetail | AlertLog
