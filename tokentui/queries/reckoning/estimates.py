"""What tokens come to at list price, and what keeps such a sum from being exact."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import NamedTuple

from tokentui.billed import ABOVE_200K
from tokentui.pricing.book import RateBook
from tokentui.pricing.cost import sum_pico_usd
from tokentui.queries.reckoning.reported.rows import Whose
from tokentui.records import BilledUsage, Tokens

_LONG_CLASS = 200_000
"""Prompt tokens that separate the reports' two classes of prompt length."""


class Estimate(NamedTuple):
    """A sum at list price."""

    pico_usd: int = 0
    open_tokens: int = 0
    """Tokens that may cost more: their class of prompt length does not tell their price."""
    unpriced_tokens: int = 0
    inexact_responses: int = 0
    """Logged responses whose final count was never written, or whose model has no price."""

    @property
    def is_unknown(self) -> bool:
        """Whether nothing of it has a price."""
        return bool(self.unpriced_tokens) and not self.pico_usd

    @property
    def is_lower_bound(self) -> bool:
        """Whether it may be more."""
        return bool(self.open_tokens or self.unpriced_tokens or self.inexact_responses)

    def plus(self, other: Estimate) -> Estimate:
        """Both together."""
        return Estimate(*(mine + theirs for mine, theirs in zip(self, other, strict=True)))


def all_estimates(parts: Iterable[Estimate]) -> Estimate:
    """Estimates added up."""
    whole = Estimate()
    for part in parts:
        whole = whole.plus(part)
    return whole


def estimate(book: RateBook, day: date, whose: Whose, tokens: Tokens, web_searches: int) -> Estimate:
    """A sum at the list price of the day: its class of prompt length picks the rates, never its size."""
    card = book.card(whose.model or whose.reported_model, day)
    if card is None:
        return Estimate(unpriced_tokens=tokens.total)
    usage = BilledUsage(
        whose.reported_model, tokens, whose.service_tier, whose.speed, whose.inference_geo, web_searches
    )
    is_long = whose.context_window == ABOVE_200K
    is_told = is_long or card.long is None or (card.long_threshold >= _LONG_CLASS and whose.context_window != "")
    return Estimate(sum_pico_usd(usage, card, long=is_long), 0 if is_told else tokens.total)
