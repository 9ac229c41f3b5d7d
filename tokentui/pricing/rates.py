"""What a model costs: rates in whole pico-dollars per token, and the card that prices any request of one day.

A pico-dollar per token is a micro-dollar per million tokens. Every list price is a whole number of them, also at half
price (batch) and with 10 % on top (`inference_geo` us); in nano-dollars some would be fractions.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

FiveRates = tuple[int, int, int, int, int]
"""Rates in pico-USD per token, in the order of `Tokens`: input, output, 5m write, 1h write, read."""


def pico_per_token(usd_per_mtok: Decimal | int | str) -> int:
    """USD per million tokens in whole pico-USD per token; beyond 6 decimals rounded, halves to the even number."""
    return round(Fraction(usd_per_mtok) * 10**6)


@dataclass(frozen=True, slots=True)
class Rates:
    """One price list; every field in pico-USD per token."""

    input: int
    """Uncached input."""
    output: int
    cache_write_5m: int
    cache_write_1h: int
    cache_read: int

    @property
    def five(self) -> FiveRates:
        """The rates in the order of `Tokens`."""
        return (self.input, self.output, self.cache_write_5m, self.cache_write_1h, self.cache_read)

    def times(self, factor: Fraction) -> Rates:
        """The rates, each multiplied and rounded, halves to the even number (no Claude price needs rounding)."""
        return Rates(*(round(rate * factor) for rate in self.five))


def claude_rates(input_usd: Decimal | str, output_usd: Decimal | str) -> Rates:
    """Rates from USD per million tokens; writes to the cache cost 1.25 and 2 times the input, reads 0.1 times."""
    full = Fraction(input_usd) * 10**6
    prices = (full, Fraction(output_usd) * 10**6, full * Fraction(5, 4), full * 2, full / 10)
    return Rates(*(round(price) for price in prices))


@dataclass(frozen=True, slots=True)
class RateCard:
    """All that is needed to price any request of one model on the UTC days it is valid."""

    model: str
    """The normalised id."""
    provider: str
    """Whose price list it is: `anthropic`, another provider's id, or `yours` for a model that only the user priced."""
    basis: str
    """The sources of the prices and their versions: `genai-prices 0.2.3 + overlay 1`."""
    standard: Rates
    long_threshold: int = 0
    """Prompt tokens (input + reads + writes) above which the long rates hold for the whole request; 0 for none."""
    long: Rates | None = None
    fast: Rates | None = None
    """Rates of `speed: fast`; if None, a fast request costs the standard rates."""
    fast_long: Rates | None = None
    """Fast rates above the threshold; if None, the fast rates hold for any prompt."""
    batch_factor: Fraction = Fraction(1)
    us_factor: Fraction = Fraction(1)
    """For `inference_geo: us`, on all kinds of tokens."""
    web_search_pico_usd: int = 0
    """For one search; no factor changes it."""
    is_estimate: bool = False
    """Whether it is another maker's model at that provider's list price, which a proxy need not charge."""
    valid_from: date = date.min
    """First UTC day of this card."""
    valid_until: date = date.max
    """First UTC day after it."""
    by_modifier: tuple[tuple[FiveRates, FiveRates], ...] = field(init=False, repr=False, compare=False)
    """The final rates, (up to the threshold, above it), at the index 1 for batch + 2 for fast + 4 for us."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "by_modifier", tuple(map(self._modified, range(8))))

    def _modified(self, index: int) -> tuple[FiveRates, FiveRates]:
        batch, fast, us = index & 1, index & 2, index & 4
        factor = (self.batch_factor if batch else 1) * (self.us_factor if us else Fraction(1))
        low, high = self.standard, self.long or self.standard
        if fast and not batch and self.fast:  # the batch API has no fast mode
            low, high = self.fast, self.fast_long or self.fast
        return low.times(factor).five, high.times(factor).five

    def to_dict(self) -> dict[str, Any]:
        """The card as plain values for JSON; `from_dict` makes an equal card of them."""
        return {
            "model": self.model,
            "provider": self.provider,
            "basis": self.basis,
            **{name: _plain(getattr(self, name)) for name in _RATES},
            "long_threshold": self.long_threshold,
            "batch_factor": str(self.batch_factor),
            "us_factor": str(self.us_factor),
            "web_search_pico_usd": self.web_search_pico_usd,
            "is_estimate": self.is_estimate,
            "valid_from": self.valid_from.isoformat(),
            "valid_until": self.valid_until.isoformat(),
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> RateCard:
        """The card that `to_dict` turned into these values. Raises ValueError if they are no card."""
        try:
            return cls(
                model=data["model"],
                provider=data["provider"],
                basis=data["basis"],
                standard=Rates(*data["standard"]),
                long=_rates(data["long"]),
                fast=_rates(data["fast"]),
                fast_long=_rates(data["fast_long"]),
                long_threshold=data["long_threshold"],
                batch_factor=Fraction(data["batch_factor"]),
                us_factor=Fraction(data["us_factor"]),
                web_search_pico_usd=data["web_search_pico_usd"],
                is_estimate=data["is_estimate"],
                valid_from=date.fromisoformat(data["valid_from"]),
                valid_until=date.fromisoformat(data["valid_until"]),
            )
        except (KeyError, TypeError, ZeroDivisionError) as error:
            raise ValueError(f"not a rate card: {error!r}") from error


_RATES = ("standard", "long", "fast", "fast_long")


def _plain(rates: Rates | None) -> list[int] | None:
    return None if rates is None else list(rates.five)


def _rates(values: list[int] | None) -> Rates | None:
    return None if values is None else Rates(*values)
