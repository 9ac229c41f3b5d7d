"""The price of one request, as the store asks for it."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from tokentui.instants import utc_day
from tokentui.pricing.book import RateBook
from tokentui.pricing.cost import costs_pico_usd
from tokentui.records import BilledUsage


class Price(NamedTuple):
    """What one request costs at list price, and on which sources that rests."""

    cost_pico_usd: int | None
    """None where the model has no known price."""
    uncached_pico_usd: int | None
    """What the request would have cost without the cache; None likewise."""
    basis: str
    """See `RateCard.basis`."""


Pricer = Callable[[BilledUsage, int], Price]
"""(request, moment of use in milliseconds since 1970) → its price."""


def pricer(book: RateBook) -> Pricer:
    """A function that prices requests by this rate book."""

    def price(usage: BilledUsage, at_ms: int) -> Price:
        card = book.card(usage.model, utc_day(at_ms))
        if card is None:
            return Price(None, None, book.basis)
        return Price(*costs_pico_usd(usage, card), card.basis)

    return price
