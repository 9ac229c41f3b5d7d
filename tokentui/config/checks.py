"""Checks for tables of the configuration: plain functions, because a model library costs more than a whole command.

A check takes what TOML gave, and returns what the program uses or raises ValueError with what was expected. Checks of
lists and tables raise EntryError instead where a part is wrong, so that the line of the part can be named.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

Check = Callable[[Any], Any]


class EntryError(Exception):
    """An entry that cannot be used: the keys that lead to it, and why."""

    def __init__(self, keys: tuple[str | int, ...], reason: str) -> None:
        super().__init__(reason)
        self.keys = keys


def table(value: object, checks: Mapping[str, Check], needed: tuple[str, ...] = (), more: tuple[str, ...] = ()) -> Any:
    """A table that may hold nothing but what is known; `more` names what is checked elsewhere."""
    if not isinstance(value, dict):
        raise ValueError("should be a table")
    found = {}
    for key, entry in value.items():
        if key not in checks:
            raise EntryError((key,), f"no such setting; there are {', '.join((*checks, *more))}")
        found[key] = _inside(key, checks[key], entry)
    for key in needed:
        if key not in found:
            raise EntryError((key,), "is needed")
    return found


def each(check: Check, what: str = "list") -> Callable[[object], tuple[Any, ...]]:
    """A list whose every entry passes, as a tuple."""

    def checked(value: object) -> tuple[Any, ...]:
        if not isinstance(value, list | tuple):
            raise ValueError(f"should be a {what}")
        return tuple(_inside(place, check, entry) for place, entry in enumerate(value))

    return checked


def _inside(key: str | int, check: Check, value: object) -> Any:
    try:
        return check(value)
    except EntryError as error:
        raise EntryError((key, *error.keys), str(error)) from None
    except ValueError as error:
        raise EntryError((key,), str(error)) from None


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
    """true or false."""
    if not isinstance(value, bool):
        raise ValueError("should be true or false")
    return value


def one_of(*names: str) -> Check:
    """One of these words."""
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
    """A number in a range, both ends in it."""

    def checked(value: object) -> float:
        found = number(value)
        if not least <= found <= most:
            raise ValueError(f"should be greater than or equal to {least:g} and at most {most:g}")
        return found

    return checked


def percent(value: object) -> int:
    """A whole percentage up to 1000."""
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= 1000:
        raise ValueError("should be a whole percentage from 1 to 1000")
    return value
