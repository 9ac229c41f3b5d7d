"""What one request costs, in whole pico-dollars.

Never pass it a sum of requests: a dearer tier would apply that no single one of them reached.
"""

from __future__ import annotations

from tokentui.pricing.rates import Five, RateCard
from tokentui.records import BilledUsage, Tokens


def costs_pico_usd(usage: BilledUsage, card: RateCard) -> tuple[int, int]:
    """`cost_pico_usd` and `uncached_pico_usd` of one request."""
    rates = _rates_of(usage, card, _is_long(usage.tokens, card))
    cost = _times_rates(usage.tokens, usage.web_searches, rates, card)
    full, _, write_5m, write_1h, read = rates
    _, _, written_5m, written_1h, was_read = usage.tokens
    saved = written_5m * (full - write_5m) + written_1h * (full - write_1h) + was_read * (full - read)
    return cost, cost + saved


def cost_pico_usd(usage: BilledUsage, card: RateCard) -> int:
    """The request at list price: tokens × rate, kind by kind, exact.

    Raises ValueError for a count that is negative or not an integer.
    """
    return costs_pico_usd(usage, card)[0]


def uncached_pico_usd(usage: BilledUsage, card: RateCard) -> int:
    """What the request would have cost without a cache: the entire prompt at the input rate, and the output.

    Minus `cost_pico_usd` it is the cache saving; where writes were never read again that is negative.
    """
    return costs_pico_usd(usage, card)[1]


def sum_pico_usd(usage: BilledUsage, card: RateCard, *, long: bool) -> int:
    """The cost of many requests added up, all of them above the card's threshold or none.

    For rows that come as sums and name their class of prompt length, as those of Anthropic's usage report do.
    """
    return _times_rates(usage.tokens, usage.web_searches, _rates_of(usage, card, long), card)


def rates_of(usage: BilledUsage, card: RateCard) -> Five:
    """Rates that hold for this request, in pico-USD per token, in the order of `Tokens`: its tier, speed and place."""
    return _rates_of(usage, card, _is_long(usage.tokens, card))


def _is_long(tokens: Tokens, card: RateCard) -> bool:
    threshold = card.long_threshold
    return threshold > 0 and tokens[0] + tokens[2] + tokens[3] + tokens[4] > threshold


def _rates_of(usage: BilledUsage, card: RateCard, long: bool) -> Five:
    """Tier, speed and place decide: the table of modifiers was worked out with the card."""
    batch, fast, us = usage.service_tier == "batch", usage.speed == "fast", usage.inference_geo == "us"
    return card.by_modifier[batch + 2 * fast + 4 * us][long]


def _times_rates(tokens: Tokens, searches: int, rates: Five, card: RateCard) -> int:
    if min(tokens) < 0 or searches < 0:
        raise ValueError(f"a token count is negative: {tokens}, {searches} web searches")
    cost = (
        tokens[0] * rates[0]
        + tokens[1] * rates[1]
        + tokens[2] * rates[2]
        + tokens[3] * rates[3]
        + tokens[4] * rates[4]
        + searches * card.web_search_pico_usd
    )
    if cost.__class__ is not int:
        raise ValueError(f"a token count is not an integer: {tokens}, {searches} web searches")
    return cost
