"""What one request costs, in whole pico-dollars. Never price a sum of requests: tiers would fire on it."""

from __future__ import annotations

from tokentui.pricing.rates import Five, RateCard
from tokentui.records import BilledUsage


def cost_pico_usd(usage: BilledUsage, card: RateCard) -> int:
    """The request at list price: tokens × rate, kind by kind, exact.

    Raises ValueError for a count that is negative or not an integer.
    """
    rates = _rates_of(usage, card)
    tokens, searches = usage.tokens, usage.web_searches
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


def uncached_pico_usd(usage: BilledUsage, card: RateCard) -> int:
    """What the request would have cost without a cache: the entire prompt at the input rate, and the output.

    Minus `cost_pico_usd` it is the cache saving; where writes were never read again that is negative.
    """
    rates = _rates_of(usage, card)
    tokens, searches = usage.tokens, usage.web_searches
    if min(tokens) < 0 or searches < 0:
        raise ValueError(f"a token count is negative: {tokens}, {searches} web searches")
    prompt = tokens[0] + tokens[2] + tokens[3] + tokens[4]
    cost = prompt * rates[0] + tokens[1] * rates[1] + searches * card.web_search_pico_usd
    if cost.__class__ is not int:
        raise ValueError(f"a token count is not an integer: {tokens}, {searches} web searches")
    return cost


def _rates_of(usage: BilledUsage, card: RateCard) -> Five:
    """Tier, speed, place and prompt length decide; the table of modifiers was worked out with the card."""
    pair = card.by_modifier[
        (usage.service_tier == "batch") + 2 * (usage.speed == "fast") + 4 * (usage.inference_geo == "us")
    ]
    if not card.long_threshold:
        return pair[0]
    tokens = usage.tokens
    return pair[tokens[0] + tokens[2] + tokens[3] + tokens[4] > card.long_threshold]
