"""Checks for the values of the configuration file, as functions: loading pydantic would take longer than a command.

A check takes a value as TOML has it and returns the value for the program, or raises ValueError with what was expected.
Checks of lists and tables raise EntryError if parts of them are wrong, so that the line of each part can be named.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

Check = Callable[[Any], Any]
HIGHEST_MARK = 1000
"""The highest threshold that a budget may have, in percent of its limit."""


class Mistake(NamedTuple):
    """Why an entry of a list or table cannot be used."""

    keys: tuple[str | int, ...]
    """The keys and places in lists, from 0, that lead to the entry from the outermost table."""
    reason: str


class EntryError(Exception):
    """A list or table with entries that cannot be used; has all of its mistakes, not only the first."""

    def __init__(self, *mistakes: Mistake) -> None:
        super().__init__(*mistakes)
        self.mistakes = mistakes


def table(value: object, checks: Mapping[str, Check], needed: tuple[str, ...] = ()) -> Any:
    """A table checked key by key; a key without a check is a mistake, and so is the lack of one of `needed`."""
    if not isinstance(value, dict):
        raise ValueError("should be a table")
    known = f"no such setting; there are {', '.join(checks)}"
    mistakes = [Mistake((key,), known) for key in value if key not in checks]
    found = {key: _tried(key, checks[key], entry, mistakes) for key, entry in value.items() if key in checks}
    mistakes += [Mistake((key,), "is needed") for key in needed if key not in found]
    if mistakes:
        raise EntryError(*mistakes)
    return found


def each(check: Check, what: str = "list") -> Callable[[object], tuple[Any, ...]]:
    """A check for a list whose entries all have to pass, returned as a tuple."""

    def checked(value: object) -> tuple[Any, ...]:
        if not isinstance(value, list | tuple):
            raise ValueError(f"should be a {what}")
        mistakes: list[Mistake] = []
        found = tuple(_tried(place, check, entry, mistakes) for place, entry in enumerate(value))
        if mistakes:
            raise EntryError(*mistakes)
        return found

    return checked


def _tried(key: str | int, check: Check, value: object, mistakes: list[Mistake]) -> Any:
    """The checked entry, or None if it is wrong; its mistakes are then added to the list."""
    try:
        return check(value)
    except EntryError as error:
        mistakes += [Mistake((key, *keys), reason) for keys, reason in error.mistakes]
    except ValueError as error:
        mistakes.append(Mistake((key,), str(error)))
    return None


def text(value: object) -> str:
    """A string."""
    if not isinstance(value, str):
        raise ValueError("should be a text in quotes")
    return value


def short_text(value: object) -> str:
    """A string of 1 to 40 characters."""
    if not 1 <= len(text(value)) <= 40:
        raise ValueError("should have 1 to 40 characters")
    return text(value)


def some_text(value: object) -> str:
    """A string that is not empty."""
    if not text(value):
        raise ValueError("should not be empty")
    return text(value)


def switch(value: object) -> bool:
    """True or false, and no other value."""
    if not isinstance(value, bool):
        raise ValueError("should be true or false")
    return value


def one_of(*names: str) -> Check:
    """A check for one of these words."""
    quoted = [f"'{name}'" for name in names]

    def checked(value: object) -> object:
        if value not in names:
            raise ValueError(f"should be {', '.join(quoted[:-1])} or {quoted[-1]}")
        return value

    return checked


def number(value: object) -> float:
    """A finite number."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ValueError("should be a valid number")
    try:
        found = float(value)
    except OverflowError:
        found = math.inf
    if not math.isfinite(found):
        raise ValueError("should be a finite number")
    return found


def between(least: float, most: float) -> Check:
    """A check for a number in a range that includes both ends."""

    def checked(value: object) -> float:
        found = number(value)
        if not least <= found <= most:
            raise ValueError(f"should be greater than or equal to {least:g} and at most {most:g}")
        return found

    return checked


def percent(value: object) -> int:
    """A whole percentage from 1 to `HIGHEST_MARK`."""
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= HIGHEST_MARK:
        raise ValueError(f"should be a whole percentage from 1 to {HIGHEST_MARK}")
    return value
