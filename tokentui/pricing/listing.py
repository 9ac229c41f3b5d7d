"""The rates in force on a day, for `tokentui prices`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from tokentui.pricing.book import RateBook
from tokentui.pricing.overlay import LAUNCHED
from tokentui.pricing.rates import RateCard


@dataclass(frozen=True, slots=True)
class PriceRow:
    """One Claude model with its rates, which are in the card."""

    model: str
    card: RateCard
    launched: date | None
    """First day of sale, where known."""
    since: date | None
    """First day of these rates; None if it is not known."""
    until: date | None
    """First day of other rates, if they are known already."""


def rates_in_force(book: RateBook, day: date) -> tuple[PriceRow, ...]:
    """A row for each Claude model that was on sale by that day, newest first."""
    rows = (_row(book, model, day) for model in book.claude_models() if _sold(model, day))
    return tuple(row for row in rows if row is not None)


def _sold(model: str, day: date) -> bool:
    return LAUNCHED.get(model, date.min) <= day


def _row(book: RateBook, model: str, day: date) -> PriceRow | None:
    held = next((card for card in book.history(model) if card.valid_from <= day < card.valid_until), None)
    if held is None:
        return None
    since = None if held.valid_from == date.min else held.valid_from
    until = None if held.valid_until == date.max else held.valid_until
    return PriceRow(model, held, LAUNCHED.get(model), since, until)
