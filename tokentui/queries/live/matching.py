"""Tries a filter's terms on sessions."""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable, Mapping, Set
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


class Texts(NamedTuple):
    """The texts of a session's own row."""

    row_id: int
    title: str
    project: str
    branch: str
    session_id: str


def rows_with_figure(term: Term, rows: Set[int], figures: Mapping[int, float]) -> Set[int]:
    """Sessions whose figure meets the term; a missing figure is 0."""
    compare, wanted = _COMPARISONS[term.operator], float(term.value)
    if compare(0, wanted):
        return rows - {row for row, figure in figures.items() if not compare(figure, wanted)}
    return {row for row, figure in figures.items() if compare(figure, wanted)}


def rows_with_text(term: Term, sessions: Iterable[Texts]) -> Set[int]:
    """Sessions whose text in the term's field meets the term."""
    if term.field == "project":
        return {s.row_id for s in sessions if says(term, s.project) or says(term, PurePath(s.project).name)}
    if term.field == "session":
        return {s.row_id for s in sessions if says(term, s.session_id) or says(term, s.title)}
    if term.field == "branch":
        return {s.row_id for s in sessions if says(term, s.branch)}
    return {s.row_id for s in sessions if any(says(term, str(text)) for text in s[1:])}


def model_matches(model: str, wanted: Filter) -> bool:
    """Whether the filter's terms about models let a model through; other terms are ignored."""
    terms = [term for term in wanted.terms if term.field == "model"]
    return all(says(term, model) != term.negated for term in terms)


def says(term: Term, text: str) -> bool:
    """Whether a text contains the term's text, or is equal to it if the term has `=`."""
    return term.value == text.lower() if term.operator == "=" else str(term.value) in text.lower()


def says_in_other_letters(word: str) -> bool:
    """Whether a text may contain a word of A to Z in letters that become those only in lower case.

    There are two, U+212A for `k` and U+0130 for `i`; the latter leaves a dot behind, so it can only end a word.
    """
    return "k" in word or word.endswith("i")
