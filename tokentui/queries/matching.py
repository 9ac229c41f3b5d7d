"""A filter's terms, tried on sessions."""

from __future__ import annotations

import operator
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import PurePath

from tokentui.view import Filter, Term

_COMPARISONS: dict[str, Callable[[float, float], bool]] = {
    "=": operator.eq,
    ">": operator.gt,
    ">=": operator.ge,
    "<": operator.lt,
    "<=": operator.le,
}


@dataclass(frozen=True, slots=True)
class Candidate:
    """What of a session a filter can ask about."""

    title: str
    project: str
    session_id: str
    branch: str
    models: frozenset[str]
    agent_types: frozenset[str]
    cost_usd: float
    tokens: int
    agents: int
    last_line_at: datetime


def matches(candidate: Candidate, wanted: Filter, now: datetime) -> bool:
    """Whether all terms hold for a session."""
    return all(_holds(term, candidate, now) != term.negated for term in wanted.terms)


def model_matches(model: str, wanted: Filter) -> bool:
    """Whether the filter's words about models let a model through; other terms do not concern it."""
    terms = [term for term in wanted.terms if term.field == "model"]
    return all(says(term, model) != term.negated for term in terms)


def _holds(term: Term, candidate: Candidate, now: datetime) -> bool:
    if isinstance(term.value, str):
        return any(says(term, text) for text in _texts(term.field, candidate))
    if term.field == "since":
        return (now - candidate.last_line_at).total_seconds() <= term.value
    figure = {"cost": candidate.cost_usd, "tokens": candidate.tokens, "agents": candidate.agents}.get(term.field)
    return figure is not None and _COMPARISONS[term.operator](figure, term.value)


def says(term: Term, text: str) -> bool:
    """Whether a text contains the term's, or is the same where `=` asks for that."""
    return term.value == text.lower() if term.operator == "=" else str(term.value) in text.lower()


def _texts(field: str, candidate: Candidate) -> tuple[str, ...]:
    one = {
        "project": (candidate.project, PurePath(candidate.project).name),
        "session": (candidate.session_id, candidate.title),
        "branch": (candidate.branch,),
        "model": tuple(candidate.models),
        "agent": tuple(candidate.agent_types),
    }.get(field)
    if one is not None:
        return one
    return (candidate.title, candidate.project, candidate.branch, candidate.session_id, *candidate.models)
