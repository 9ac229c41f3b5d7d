"""Looks up models in the price data of genai-prices, and their list prices on a day.

One price takes it 100 µs, so rates are read once per model and period, never for each row. Its methods `get_prices`
and `find_model` are not quite public: the dependency is pinned below the next minor version, and tests fail if they
change.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import TYPE_CHECKING, NamedTuple

from tokentui.pricing.model_names import normalise
from tokentui.pricing.rates import Rates, pico_per_token

if TYPE_CHECKING:
    from genai_prices.types import ConditionalPrice, ModelInfo, ModelPrice, PriceVariant, Provider

ANTHROPIC = "anthropic"
_CLAUDE_2 = frozenset({"claude-2-0", "claude-2-1"})
"""Models that share one entry of the data."""
_PRICE_KEYS = ("input_mtok", "output_mtok", "cache_write_mtok", "cache_write_1h_mtok", "cache_read_mtok")


class Library(NamedTuple):
    """One version of the price data."""

    name: str
    """`genai-prices 0.2.3`, or `prices file 1a2b3c4d` for a downloaded one."""
    providers: tuple[Provider, ...]


class ListPrice(NamedTuple):
    """The price of one model on one day, in pico-USD per token and per search."""

    standard: Rates
    long_threshold: int
    """Prompt tokens above which `long` holds; 0 for none."""
    long: Rates | None
    web_search_pico_usd: int


class KnownModel(NamedTuple):
    """A model in the data, and the id of the provider whose price it is."""

    provider: str
    model: ModelInfo


def claude_models(library: Library) -> tuple[str, ...]:
    """The normalised ids of all Claude models in the data, in its order."""
    return tuple(
        normalise(model.id) for provider in library.providers if provider.id == ANTHROPIC for model in provider.models
    )


def find(library: Library, model: str) -> KnownModel | None:
    """The model with this normalised id, or None. A Claude id has to match whole, not only where another id begins."""
    if "claude" in model and "/" not in model:
        found = _in_provider(library, ANTHROPIC, model)
        exact = found and (normalise(found.model.id) == model or model in _CLAUDE_2)
        return found if exact else None
    return _find_foreign(library, model)


def _find_foreign(library: Library, model: str) -> KnownModel | None:
    """The model at its maker (`deepseek/deepseek-chat`, `gpt-5.2`), else at z.ai, else at OpenRouter."""
    maker, slash, last = model.rpartition("/")
    tries = [(maker, last)] if slash else []
    tries += [
        (provider.id, last)
        for provider in library.providers
        if provider.model_match and provider.model_match.is_match(last)
    ]
    tries += [("zai", last), ("openrouter", model)]
    found = (_in_provider(library, provider, name) for provider, name in tries)
    return next((known for known in found if known and _has_token_prices(known.model)), None)


def _in_provider(library: Library, provider_id: str, model: str) -> KnownModel | None:
    for provider in library.providers:
        if provider.id == provider_id:
            info = provider.find_model(model)
            return KnownModel(provider.id, info) if info else None
    return None


def change_days(known: KnownModel) -> set[date]:
    """Days on which a new standard or fast price of the model begins."""
    dated: list[ConditionalPrice | PriceVariant] = []
    if isinstance(known.model.prices, list):
        dated += known.model.prices
    dated += [variant for variant in known.model.price_variants or () if "speed" in variant.when]
    starts = (getattr(entry.constraint, "start_date", None) for entry in dated)
    return {start for start in starts if start is not None}


def price_on(known: KnownModel, day: date, **context: str) -> ListPrice:
    """The list price on a day; `context` picks a variant, such as `speed="fast"` or `processing="batch"`.

    Where the price depends on the hour (DeepSeek), that of noon UTC is taken. Of several tiers only the first counts;
    more than one have only a few models of other makers, whose prices are estimates anyway.
    """
    noon = datetime.combine(day, time(12), UTC)
    price = known.model.get_prices(noon, context or None)
    thresholds = {start for key in _PRICE_KEYS if (start := _tier_start(price, key))}
    threshold = min(thresholds, default=0)
    long = _rates(price, above=True) if threshold else None
    searches = _usd(getattr(price, "web_searches_kcount", None))
    return ListPrice(_rates(price), threshold, long, pico_per_token(searches or 0) * 1000)


def has_variant(known: KnownModel, key: str, value: str) -> bool:
    """Whether the model has a price of its own for a property of requests, such as `speed` = `fast`."""
    return any(variant.when == {key: value} for variant in known.model.price_variants or ())


def _rates(price: ModelPrice, above: bool = False) -> Rates:
    """Rates up to the threshold or `above` it. As in the library, cached tokens without a price cost as input."""
    uncached, output, write_5m, write_1h, read = (_usd(getattr(price, key, None), above) for key in _PRICE_KEYS)
    uncached = uncached or Decimal(0)
    write_5m = uncached if write_5m is None else write_5m
    write_1h = write_5m if write_1h is None else write_1h
    read = uncached if read is None else read
    return Rates(*map(pico_per_token, (uncached, output or Decimal(0), write_5m, write_1h, read)))


def _usd(value: object, above: bool = False) -> Decimal | None:
    if value is None or isinstance(value, Decimal):
        return value
    base, tiers = getattr(value, "base", None), getattr(value, "tiers", ())
    chosen = tiers[0].price if above and tiers else base
    return chosen if isinstance(chosen, Decimal) else None


def _tier_start(price: ModelPrice, key: str) -> int:
    tiers = getattr(getattr(price, key, None), "tiers", ())
    return tiers[0].start if tiers else 0


def _has_token_prices(model: ModelInfo) -> bool:
    prices = model.prices if isinstance(model.prices, list) else [model]
    first = prices[0].prices if prices else None
    return getattr(first, "input_mtok", None) is not None and getattr(first, "output_mtok", None) is not None
