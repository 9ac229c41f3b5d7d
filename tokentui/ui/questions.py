"""What a drill-down screen asks for, as plain data; the query thread finds the answer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tokentui.queries.advice.advise import AdviceView
    from tokentui.queries.alert_rows import AlertLog
    from tokentui.queries.budgets.screen import BudgetSide
    from tokentui.queries.compare.screen import Comparison
    from tokentui.queries.compare.subjects import SideKind
    from tokentui.queries.reckoning.billing import BillingGrouping
    from tokentui.queries.reckoning.screen import BilledSide
    from tokentui.queries.session.drills import ToolCalls, TurnResponses
    from tokentui.queries.session.parts import PartName, SessionInsight
    from tokentui.queries.session.results import AgentResponses, ResponseDetail, SessionTree
    from tokentui.queries.session.tools import ToolGrouping


@dataclass(frozen=True, slots=True)
class AskTree:
    """A session's agents."""

    session_id: str


@dataclass(frozen=True, slots=True)
class AskInsight:
    """A session's agents and one more part of it; `agent_id` matters only to the context."""

    session_id: str
    name: PartName
    agent_id: str = ""


@dataclass(frozen=True, slots=True)
class AskTurn:
    """The responses of one turn."""

    session_id: str
    number: int
    limit: int = 200


@dataclass(frozen=True, slots=True)
class AskCalls:
    """The calls of one tool, server, skill or type of agent."""

    session_id: str
    by: ToolGrouping
    name: str
    limit: int = 200


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


@dataclass(frozen=True, slots=True)
class AskBudgets:
    """Every budget, and how its past windows ended."""

    windows: int = 30


@dataclass(frozen=True, slots=True)
class AskBilled:
    """Anthropic's side beside the logs."""

    by: BillingGrouping = "day"
    days: int = 30


@dataclass(frozen=True, slots=True)
class AskAdvice:
    """Where money could have been saved."""

    days: int = 30


@dataclass(frozen=True, slots=True)
class AskComparison:
    """Two of a kind side by side; an empty name takes the first that fits."""

    kind: SideKind
    one: str = ""
    other: str = ""


SlowQuestion = AskAdvice | AskComparison
"""Questions that the slow thread answers: they take seconds on a long history."""
QuickQuestion = (
    AskTree | AskInsight | AskTurn | AskCalls | AskResponses | AskResponse | AskAlerts | AskBudgets | AskBilled
)
Question = QuickQuestion | SlowQuestion
if TYPE_CHECKING:
    SlowAnswer = AdviceView | Comparison
    Answer = (
        SessionTree
        | SessionInsight
        | TurnResponses
        | ToolCalls
        | AgentResponses
        | ResponseDetail
        | AlertLog
        | BudgetSide
        | BilledSide
        | SlowAnswer
    )
else:  # importing the answers' types would delay the first picture
    SlowAnswer = Answer = object
