"""The user's own prices: checks the `[[prices]]` tables of the configuration file, given as TOML's plain values.

[[prices]]
model = "claude-opus-*"     # a pattern of fnmatch, for the id as logged or as normalised
from = 2026-01-01           # first day, optional
to = 2026-06-30             # last day, optional
input = "4.00"              # USD per million tokens, any of the five kinds
factor = 0.85               # the share of the price that you pay: 0.85 is 15 % off
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
    """An entry that cannot be used; the message names the entry, the field and what the field should be."""

    def __init__(self, where: str, field: str, reason: str) -> None:
        super().__init__(": ".join(part for part in (where, field, reason) if part))
        self.field = field
        self.reason = reason


class Override(NamedTuple):
    """For models of a pattern, in a period: rates instead of the standard ones, then a factor on all token rates."""

    pattern: str
    since: date | None = None
    until: date | None = None
    """First day after the period."""
    rates: tuple[tuple[str, int], ...] = ()
    """(field of `Rates`, pico-USD per token)."""
    factor: Fraction = Fraction(1)

    def covers(self, logged: str, model: str) -> bool:
        """Whether the pattern fits a model, by its id as logged or as normalised."""
        return any(fnmatchcase(name.lower(), self.pattern.lower()) for name in (logged, model))

    def holds_on(self, day: date) -> bool:
        """Whether the day lies in the period."""
        return (self.since is None or self.since <= day) and (self.until is None or day < self.until)


def parse_overrides(entries: Sequence[Mapping[str, Any]] | object) -> tuple[Override, ...]:
    """The list `prices` of the configuration. Raises OverrideError, which names the first wrong entry and field."""
    if not isinstance(entries, list | tuple):
        raise OverrideError("prices", "", "expected a list of tables, each begun with [[prices]]")
    return tuple(_override(number, entry) for number, entry in enumerate(entries, 1))


def fingerprint(overrides: Iterable[Override]) -> str:
    """A short text that changes with any of the entries; empty if there are none."""
    import hashlib  # loads OpenSSL, which only users with prices of their own should wait for

    listed = repr(tuple(overrides))
    return "" if listed == "()" else hashlib.sha256(listed.encode()).hexdigest()[:8]


def mistakes_in(entry: object) -> list[tuple[str, str]]:
    """(field, what it should be) of all mistakes in one entry; the field is empty if the entry as a whole is wrong."""
    first = _first_error(entry)
    if first is None or not isinstance(entry, Mapping) or first.field == "model":
        return [(first.field, first.reason)] if first else []
    # A check stops at its first error, so each field is tried alone, in an entry that is right but for it.
    alone = [{"model": entry["model"], "factor": 1, field: value} for field, value in entry.items()]
    errors = [error for error in map(_first_error, alone) if error] or [first]
    return [(error.field, error.reason) for error in errors]


def _first_error(entry: object) -> OverrideError | None:
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
