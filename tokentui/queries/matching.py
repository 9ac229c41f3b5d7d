"""A filter's terms, tried on sessions."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import PurePath
from typing import NamedTuple

from tokentui.view import Filter, Term

_COMPARISONS: dict[str, Callable[[float, float], bool]] = {
    "=": operator.eq,
    ">": operator.gt,
    ">=": operator.ge,
    "<": operator.lt,
    "<=": operator.le,
}
_NO_NAMES = frozenset[str]()


class Candidate(NamedTuple):
    """What of a session's own row a filter can ask about."""

    row_id: int
    title: str
    project: str
    session_id: str
    branch: str
    last_at_ms: int


@dataclass(frozen=True, slots=True)
class Figures:
    """What else a filter can ask about, by session row; nothing stands for 0 or nobody."""

    cost_usd: Mapping[int, float] = field(default_factory=dict)
    tokens: Mapping[int, float] = field(default_factory=dict)
    agents: Mapping[int, float] = field(default_factory=dict)
    models: Mapping[int, frozenset[str]] = field(default_factory=dict)
    agent_types: Mapping[int, frozenset[str]] = field(default_factory=dict)


def holds_of(term: Term, figures: Figures, now_ms: int) -> Callable[[Candidate], bool]:
    """Whether a term holds for a session, negated or not."""
    holds = _number_test(term, figures, now_ms) if isinstance(term.value, float | int) else _text_test(term, figures)
    return (lambda session: not holds(session)) if term.negated else holds


def model_matches(model: str, wanted: Filter) -> bool:
    """Whether the filter's words about models let a model through; other terms do not concern it."""
    terms = [term for term in wanted.terms if term.field == "model"]
    return all(says(term, model) != term.negated for term in terms)


def says(term: Term, text: str) -> bool:
    """Whether a text contains the term's, or is the same where `=` asks for that."""
    return term.value == text.lower() if term.operator == "=" else str(term.value) in text.lower()


def _number_test(term: Term, figures: Figures, now_ms: int) -> Callable[[Candidate], bool]:
    wanted = float(term.value)
    if term.field == "since":
        since_ms = now_ms - wanted * 1000
        return lambda session: session.last_at_ms >= since_ms
    compare = _COMPARISONS[term.operator]
    found: Mapping[int, float] = getattr(figures, {"cost": "cost_usd"}.get(term.field, term.field))
    return lambda session: compare(found.get(session.row_id, 0), wanted)


def _text_test(term: Term, figures: Figures) -> Callable[[Candidate], bool]:
    if term.field == "project":
        return lambda session: says(term, session.project) or says(term, PurePath(session.project).name)
    if term.field == "session":
        return lambda session: says(term, session.session_id) or says(term, session.title)
    if term.field == "branch":
        return lambda session: says(term, session.branch)
    if term.field == "agent":
        return lambda session: _any_says(term, figures.agent_types.get(session.row_id, _NO_NAMES))
    if term.field == "model":
        return lambda session: _any_says(term, figures.models.get(session.row_id, _NO_NAMES))
    return lambda session: (
        _any_says(term, session[1:5]) or _any_says(term, figures.models.get(session.row_id, _NO_NAMES))
    )


def _any_says(term: Term, texts: frozenset[str] | tuple[object, ...]) -> bool:
    return any(says(term, str(text)) for text in texts)
