"""The user's own prices: tables of the configuration, already parsed from TOML, checked into dataclasses.

[[prices]]
model = "claude-opus-*"     # fnmatch, on the id as logged or as normalised
from = 2026-01-01           # first day, optional
to = 2026-06-30             # last day, optional
input = "4.00"              # USD per million tokens, any of the five kinds
factor = 0.85               # what you pay of the price: 0.85 is 15 % off
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from fnmatch import fnmatchcase
from fractions import Fraction
from typing import Any, NamedTuple

from tokentui.pricing.rates import pico_per_token

KINDS = ("input", "output", "cache_write_5m", "cache_write_1h", "cache_read")
_FIELDS = ("model", "from", "to", *KINDS, "factor")
_HIGHEST_USD = Decimal(1_000_000)
_HIGHEST_FACTOR = Decimal(100)


class OverrideError(ValueError):
    """An entry that cannot be used; the message names the entry, the field and what it should be."""

    def __init__(self, where: str, field: str, reason: str) -> None:
        super().__init__(": ".join(part for part in (where, field, reason) if part))
        self.field = field
        self.reason = reason


class Override(NamedTuple):
    """For these models, in this period: these rates instead, then this factor on all token rates."""

    pattern: str
    since: date | None = None
    until: date | None = None
    """First day after the period."""
    rates: tuple[tuple[str, int], ...] = ()
    """(kind, pico-USD per token), for the standard rates."""
    factor: Fraction = Fraction(1)

    def covers(self, logged: str, model: str) -> bool:
        """Whether the pattern means this model, by the id as logged or as normalised."""
        return any(fnmatchcase(name.lower(), self.pattern.lower()) for name in (logged, model))

    def holds_on(self, day: date) -> bool:
        """Whether the day lies in the period."""
        return (self.since is None or self.since <= day) and (self.until is None or day < self.until)


def parse_overrides(entries: Sequence[Mapping[str, Any]] | object) -> tuple[Override, ...]:
    """The configuration's `prices` list; OverrideError names the first entry and field that is wrong."""
    if not isinstance(entries, list | tuple):
        raise OverrideError("prices", "", "expected a list of tables, each begun with [[prices]]")
    return tuple(_override(number, entry) for number, entry in enumerate(entries, 1))


def fingerprint(overrides: Iterable[Override]) -> str:
    """Short text that changes with any of the entries; empty when there are none."""
    import hashlib  # loads a library of its own, for those alone who have prices of their own

    listed = repr(tuple(overrides))
    return "" if listed == "()" else hashlib.sha256(listed.encode()).hexdigest()[:8]


def mistakes_in(entry: object) -> list[tuple[str, str]]:
    """(field, what it should be) of all that is wrong with one entry; the field is empty for the entry as a whole."""
    wrong = _mistake(entry)
    if wrong is None or not isinstance(entry, Mapping) or wrong.field == "model":
        return [(wrong.field, wrong.reason)] if wrong else []
    alone = [{"model": entry["model"], "factor": 1, field: value} for field, value in entry.items()]
    found = [mistake for mistake in map(_mistake, alone) if mistake] or [wrong]
    return [(mistake.field, mistake.reason) for mistake in found]


def _mistake(entry: object) -> OverrideError | None:
    try:
        _override(1, entry)
    except OverrideError as error:
        return error
    return None


def _override(number: int, entry: object) -> Override:
    if not isinstance(entry, Mapping):
        raise OverrideError(f"prices entry {number}", "", "expected a table")
    where = f"prices entry {number}"
    pattern = entry.get("model")
    if not isinstance(pattern, str) or not pattern.strip():
        raise OverrideError(where, "model", 'expected a pattern such as "claude-opus-*"')
    where = f"{where} ({pattern!r})"
    for field in entry:
        if field not in _FIELDS:
            raise OverrideError(where, field, f"no such field; there are {', '.join(_FIELDS)}")
    rates = tuple((kind, _rate(where, kind, entry[kind])) for kind in KINDS if kind in entry)
    if not rates and "factor" not in entry:
        raise OverrideError(where, "factor", "give a rate or a factor, or leave the entry out")
    since, until = _period(where, entry)
    return Override(pattern.strip(), since, until, rates, _factor(where, entry.get("factor", 1)))


def _period(where: str, entry: Mapping[str, Any]) -> tuple[date | None, date | None]:
    since = _day(where, "from", entry.get("from"))
    last = _day(where, "to", entry.get("to"))
    if since and last and last < since:
        raise OverrideError(where, "to", f"{last} is before from, {since}")
    return since, None if last is None or last == date.max else last + timedelta(days=1)


def _day(where: str, field: str, value: object) -> date | None:
    if value is None or (isinstance(value, date) and not isinstance(value, datetime)):
        return value
    try:
        if isinstance(value, str):
            return date.fromisoformat(value)
    except ValueError:
        pass
    raise OverrideError(where, field, f"expected a day such as 2026-11-22, not {str(value)!r}")


def _rate(where: str, field: str, value: object) -> int:
    usd = _number(where, field, value, "USD per million tokens", _HIGHEST_USD)
    if (usd * 10**6) % 1:
        raise OverrideError(where, field, f"{value} has more than 6 decimals")
    return pico_per_token(usd)


def _factor(where: str, value: object) -> Fraction:
    return Fraction(_number(where, "factor", value, "a factor such as 0.85", _HIGHEST_FACTOR))


def _number(where: str, field: str, value: object, meaning: str, highest: Decimal) -> Decimal:
    try:
        if isinstance(value, bool) or not isinstance(value, int | float | str | Decimal):
            raise InvalidOperation
        number = Decimal(str(value).strip())
    except InvalidOperation:
        raise OverrideError(where, field, f"expected {meaning}, not {value!r}") from None
    if not number.is_finite() or not 0 <= number <= highest:
        raise OverrideError(where, field, f"{value} is not between 0 and {highest}")
    return number
