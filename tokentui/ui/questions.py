"""What a drill-down screen asks for, as plain data; the query thread finds the answer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tokentui.queries.alert_rows import AlertLog
from tokentui.queries.billed_side import USUAL_DAYS, BilledSide
from tokentui.queries.budget_side import BudgetSide
from tokentui.queries.results import AgentResponses, ResponseDetail, SessionTree

if TYPE_CHECKING:
    from tokentui.queries.billing import BillingGrouping


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


@dataclass(frozen=True, slots=True)
class AskBudgets:
    """Every budget, and how its past windows ended."""

    windows: int = 30


@dataclass(frozen=True, slots=True)
class AskBilled:
    """Anthropic's side beside the logs."""

    by: BillingGrouping = "day"
    days: int = USUAL_DAYS


Question = AskTree | AskResponses | AskResponse | AskAlerts | AskBudgets | AskBilled
Answer = SessionTree | AgentResponses | ResponseDetail | AlertLog | BudgetSide | BilledSide
