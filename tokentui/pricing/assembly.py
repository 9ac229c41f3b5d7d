"""Puts one rate card together: the library's list price, the overlay on top, then the user's own prices."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from fractions import Fraction

from tokentui.pricing import overlay
from tokentui.pricing.library import ANTHROPIC, KnownModel, Library, ListPrice, find, has_variant, price_on
from tokentui.pricing.overrides import Override
from tokentui.pricing.rates import RateCard, Rates, claude_rates, pico_per_token

EARLY = "the model was not yet on sale"
"""The end of a card's basis for a day before the model was on sale."""


def list_card(library: Library, source: str, model: str, day: date) -> RateCard | None:
    """The card of a model, by its normalised id, at list price; None if its price is not known.

    `source` names the price data for the card's basis.
    """
    known = None if model in overlay.UNPRICED else find(library, overlay.priced_as(model))
    if known is None:
        return None
    if known.provider != ANTHROPIC:
        return _foreign_card(known, source, model, day)
    launched = overlay.LAUNCHED.get(model, date.min)
    if day < launched:
        source = f"{source}; earliest known price, of {launched}: {EARLY}"
    return _claude_card(known, source, model, max(day, launched))


def with_overrides(card: RateCard | None, entries: Sequence[Override], model: str, basis: str) -> RateCard | None:
    """The card with the user's prices, applied entry by entry in the order of the configuration.

    Rates replace standard rates; long-context and fast rates stay at list price. A factor multiplies all token rates.
    A model without a list price gets a card if `input` and `output` are given; its cache costs what input costs.
    """
    for entry in entries:
        given = dict(entry.rates)
        if card is None:
            if not {"input", "output"} <= given.keys():
                continue
            flat = Rates(given["input"], given["output"], given["input"], given["input"], given["input"])
            card = RateCard(model, "yours", basis, flat, web_search_pico_usd=overlay.WEB_SEARCH_PICO_USD)
        card = replace(card, standard=replace(card.standard, **given))
        card = _times(card, entry.factor)
    return card


def _claude_card(known: KnownModel, source: str, model: str, day: date) -> RateCard:
    price = _corrected(price_on(known, day), model, day)
    fast, fast_long = _fast(known, model, day)
    return RateCard(
        model=model,
        provider=ANTHROPIC,
        basis=source,
        standard=price.standard,
        long_threshold=price.long_threshold,
        long=price.long,
        fast=fast,
        fast_long=fast_long,
        batch_factor=overlay.factor_on(overlay.BATCH, model, day),
        us_factor=overlay.factor_on(overlay.US, model, day),
        web_search_pico_usd=overlay.WEB_SEARCH_PICO_USD,
    )


def _foreign_card(known: KnownModel, source: str, model: str, day: date) -> RateCard:
    price = price_on(known, day)
    return RateCard(
        model=model,
        provider=known.provider,
        basis=f"{source}; estimate at the list price of {known.provider}",
        standard=price.standard,
        long_threshold=price.long_threshold,
        long=price.long,
        web_search_pico_usd=price.web_search_pico_usd,
        is_estimate=True,
    )


def _corrected(price: ListPrice, model: str, day: date) -> ListPrice:
    """The library's list price, with the overlay's corrections and long-context price of that day."""
    for entry in overlay.corrections_on(model, day):
        price = price._replace(standard=replace(price.standard, **{entry.kind: pico_per_token(entry.usd)}))
    long = overlay.long_on(model, day)
    if long:
        dearer = claude_rates(long.input_usd, long.output_usd)
        price = price._replace(long_threshold=overlay.LONG_PROMPT, long=dearer)
    return price


def _fast(known: KnownModel, model: str, day: date) -> tuple[Rates | None, Rates | None]:
    """Fast rates, (up to the threshold, above it): from the overlay if it has their history, else from the library."""
    if overlay.has_fast_history(model):
        entry = overlay.fast_on(model, day)
        if entry is None:
            return None, None
        above = claude_rates(entry.long_input_usd, entry.long_output_usd) if entry.long_input_usd else None
        return claude_rates(entry.input_usd, entry.output_usd), above
    if not has_variant(known, "speed", "fast"):
        return None, None
    price = price_on(known, day, speed="fast")
    return price.standard, price.long


def _times(card: RateCard, factor: Fraction) -> RateCard:
    long, fast, fast_long = (rates.times(factor) if rates else None for rates in (card.long, card.fast, card.fast_long))
    return replace(card, standard=card.standard.times(factor), long=long, fast=fast, fast_long=fast_long)
