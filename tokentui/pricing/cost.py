"""What one request costs, in whole pico-dollars.

Never price a sum of requests as one: the sum may reach a dearer tier that none of them reached. `sum_pico_usd` is told
the tier instead.
"""

from __future__ import annotations

from tokentui.pricing.rates import FiveRates, RateCard
from tokentui.records import BilledUsage, Tokens


def costs_pico_usd(usage: BilledUsage, card: RateCard) -> tuple[int, int]:
    """What one request costs, and would have cost without a cache; see `cost_pico_usd` and `uncached_pico_usd`."""
    rates = _rates_of(usage, card, _is_long(usage.tokens, card))
    cost = _times_rates(usage.tokens, usage.web_searches, rates, card)
    full, _, write_5m, write_1h, read = rates
    _, _, written_5m, written_1h, was_read = usage.tokens
    saved = written_5m * (full - write_5m) + written_1h * (full - write_1h) + was_read * (full - read)
    return cost, cost + saved


def cost_pico_usd(usage: BilledUsage, card: RateCard) -> int:
    """The exact cost of a request at list price: the sum of tokens × rate over the five kinds, plus its web searches.

    Raises ValueError if a count is negative or not an integer.
    """
    return costs_pico_usd(usage, card)[0]


def uncached_pico_usd(usage: BilledUsage, card: RateCard) -> int:
    """What a request would have cost without a cache: with its whole prompt at the rate of uncached input.

    Less `cost_pico_usd` it is what the cache saved: a negative amount if too little was read of what was written.
    """
    return costs_pico_usd(usage, card)[1]


def sum_pico_usd(usage: BilledUsage, card: RateCard, *, long: bool) -> int:
    """The cost of many requests from their summed usage; either all (`long`) or none are above the card's threshold.

    For rows that are sums already and name their class of prompt length, as in Anthropic's usage report.
    """
    return _times_rates(usage.tokens, usage.web_searches, _rates_of(usage, card, long), card)


def rates_of(usage: BilledUsage, card: RateCard) -> FiveRates:
    """The rates for this request, by its prompt length, service tier, speed and place of inference."""
    return _rates_of(usage, card, _is_long(usage.tokens, card))


def _is_long(tokens: Tokens, card: RateCard) -> bool:
    uncached, _, write_5m, write_1h, read = tokens
    return 0 < card.long_threshold < uncached + write_5m + write_1h + read


def _rates_of(usage: BilledUsage, card: RateCard, long: bool) -> FiveRates:
    batch, fast, us = usage.service_tier == "batch", usage.speed == "fast", usage.inference_geo == "us"
    return card.by_modifier[batch + 2 * fast + 4 * us][long]


def _times_rates(tokens: Tokens, searches: int, rates: FiveRates, card: RateCard) -> int:
    if min(tokens) < 0 or searches < 0:
        raise ValueError(f"a token count is negative: {tokens}, {searches} web searches")
    uncached, output, write_5m, write_1h, read = tokens
    uncached_rate, output_rate, write_5m_rate, write_1h_rate, read_rate = rates
    cost = (
        uncached * uncached_rate
        + output * output_rate
        + write_5m * write_5m_rate
        + write_1h * write_1h_rate
        + read * read_rate
        + searches * card.web_search_pico_usd
    )
    if cost.__class__ is not int:
        raise ValueError(f"a token count is not an integer: {tokens}, {searches} web searches")
    return cost
