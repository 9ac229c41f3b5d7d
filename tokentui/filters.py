"""Parses the filter language: turns the text that the user types into conditions. Raises nothing but `FilterError`."""

from __future__ import annotations

import re
from typing import cast

from tokentui.view import Filter, Operator, Term

TEXT_FIELDS = ("model", "project", "session", "branch", "agent")
NUMBER_FIELDS = ("cost", "tokens", "agents")
MOST_TERMS = 32
"""More conditions than anybody types: keeps a page of pasted text from becoming a query."""

_FIELD = re.compile(r"([A-Za-z_]+)(>=|<=|:|=|>|<)")
_NUMBER = re.compile(r"\$?(\d{1,15}(?:\.\d{0,15})?|\.\d{1,15})([kmb]?)", re.IGNORECASE)
_SPAN = re.compile(r"(\d{1,6}(?:\.\d{1,6})?)(s|m|h|d|w)", re.IGNORECASE)
_SCALES = {"": 1.0, "k": 1e3, "m": 1e6, "b": 1e9}
_SECONDS = {"s": 1, "m": 60, "h": 3_600, "d": 86_400, "w": 604_800}


class FilterError(ValueError):
    """The text cannot be parsed; `position` is the index of the character where it goes wrong."""

    def __init__(self, message: str, position: int) -> None:
        super().__init__(message)
        self.message = message
        self.position = position


def parse_filter(text: str) -> Filter:
    """The filter that a text stands for: conditions that must all hold. Raises FilterError.

    Conditions are `word`, `"two words"`, `model:opus`, `project:`, `session:`, `branch:`, `agent:`, `cost>1`,
    `tokens>=1.5m`, `agents>3` and `since:2h`; a `!` in front negates one.
    """
    terms: list[Term] = []
    position = 0
    while position < len(text):
        if text[position].isspace():
            position += 1
            continue
        if len(terms) == MOST_TERMS:
            raise FilterError(f"at most {MOST_TERMS} conditions", position)
        term, position = _term(text, position)
        terms.append(term)
    return Filter(tuple(terms), text.strip())


def _term(text: str, start: int) -> tuple[Term, int]:
    negated = text[start] == "!"
    position = start + negated
    if negated and (position == len(text) or text[position].isspace()):
        raise FilterError("nothing after the !", start)
    field = _FIELD.match(text, position)
    if field is None:
        value, end = _value(text, position)
        if not value.strip():
            raise FilterError("nothing between the quotes", position)
        return Term("text", "~", value.lower(), negated), end
    value, end = _value(text, field.end())
    name, operator = field.group(1).lower(), field.group(2)
    if name not in (*TEXT_FIELDS, *NUMBER_FIELDS, "since"):
        raise FilterError(f"no field {name}; quote it to search for text", position)
    if not value.strip():
        raise FilterError(f"{name}{operator} needs a value", field.end())
    if name in TEXT_FIELDS:
        return _text_term(name, operator, value, negated, field.start(2)), end
    if name == "since":
        return _since_term(operator, value, negated, field), end
    return _number_term(name, operator, value, negated, field), end


def _value(text: str, start: int) -> tuple[str, int]:
    """The quoted string at `start`, or all characters up to the next space; and the position after it."""
    if start < len(text) and text[start] == '"':
        end = text.find('"', start + 1)
        if end < 0:
            raise FilterError("the quote is not closed", start)
        if end + 1 < len(text) and not text[end + 1].isspace():
            raise FilterError("a space is missing after the quote", end + 1)
        return text[start + 1 : end], end + 1
    end = start
    while end < len(text) and not text[end].isspace():
        end += 1
    return text[start:end], end


def _text_term(name: str, operator: str, value: str, negated: bool, position: int) -> Term:
    if operator not in (":", "="):
        raise FilterError(f"{name} is text: write {name}:…", position)
    return Term(name, "~" if operator == ":" else "=", value.lower(), negated)


def _number_term(name: str, operator: str, value: str, negated: bool, field: re.Match[str]) -> Term:
    if operator == ":":
        raise FilterError(f"{name} is a number: write {name}>1", field.start(2))
    number = _NUMBER.fullmatch(value)
    if number is None:
        raise FilterError(f"{value} is no number", field.end())
    amount = float(number.group(1)) * _SCALES[number.group(2).lower()]
    return Term(name, cast("Operator", operator), amount, negated)


def _since_term(operator: str, value: str, negated: bool, field: re.Match[str]) -> Term:
    if operator not in (":", "="):
        raise FilterError("write since:2h", field.start(2))
    span = _SPAN.fullmatch(value)
    if span is None:
        raise FilterError(f"{value} is no time span such as 90s, 30m, 2h, 3d or 1w", field.end())
    seconds = float(span.group(1)) * _SECONDS[span.group(2).lower()]
    return Term("since", "<=", seconds, negated)
