"""The hour that the project's first notes priced wrongly: the same tokens at the prices of that day."""

from __future__ import annotations

from datetime import date
from fractions import Fraction

import pytest

from tokentui.pricing.book import RateBook
from tokentui.pricing.cost import sum_pico_usd
from tokentui.pricing.rates import RateCard
from tokentui.records import BilledUsage, Tokens

BOOK = RateBook()
THAT_DAY = date(2025, 11, 28)
SEEDS_HOUR = Tokens(input=35_844, cache_write_5m=58_196, cache_read=508_912, output=7_382)
"""The hour of 2025-11-28 15:00 UTC that the project's first notes were written about."""


def card_of(model: str) -> RateCard:
    card = BOOK.card(model, THAT_DAY)
    assert card is not None
    return card


class TestTheFirstNotes:
    """They price an hour of 610,334 tokens at $0.80, by a $7.50 cache write, and call reads 50x cheaper."""

    HAIKU = Tokens(input=9_704, cache_write_5m=15_755, cache_read=137_775, output=2_888)
    """They give 25,459 tokens in (uncached and written) and 2,888 out; the rest is split in proportion."""
    SONNET = Tokens(input=26_140, cache_write_5m=42_441, cache_read=371_137, output=4_494)

    @staticmethod
    def hour_usd(model: str, tokens: Tokens) -> Fraction:
        """Cost of many small requests with these totals: one request of the sum would reach the 200k tier."""
        return Fraction(sum_pico_usd(BilledUsage(model, tokens), card_of(model), long=False), 10**12)

    def test_the_split_is_the_hour(self) -> None:
        assert SEEDS_HOUR.total == 610_334
        assert self.HAIKU.plus(self.SONNET) == SEEDS_HOUR
        assert (self.HAIKU.fresh, self.SONNET.fresh) == (28_347, 73_075)

    def test_the_hour_cost_forty_seven_cents(self) -> None:
        haiku = self.hour_usd("claude-haiku-4-5-20251001", self.HAIKU)
        sonnet = self.hour_usd("claude-sonnet-4-5-20250929", self.SONNET)
        assert (haiku, sonnet) == (Fraction("0.05761525"), Fraction("0.41632485"))
        assert haiku + sonnet == Fraction("0.4739401")

    def test_even_all_on_sonnet_it_was_no_eighty_cents(self) -> None:
        right = self.hour_usd("claude-sonnet-4-5", SEEDS_HOUR)
        assert right == Fraction("0.5891706")
        one_hour_writes = SEEDS_HOUR._replace(cache_write_5m=0, cache_write_1h=58_196)
        assert self.hour_usd("claude-sonnet-4-5", one_hour_writes) == Fraction("0.7201116")
        wrong_write = Fraction("7.50") - Fraction("3.75")
        assert round(right + SEEDS_HOUR.cache_write * wrong_write / 1_000_000, 2) == Fraction("0.81")

    def test_a_cache_write_costs_three_seventy_five(self) -> None:
        rates = card_of("claude-sonnet-4-5").standard
        assert (rates.cache_write_5m, rates.cache_write_1h) == (3_750_000, 6_000_000)

    @pytest.mark.parametrize("model", ["claude-sonnet-4-5", "claude-haiku-4-5"])
    def test_reads_are_ten_times_cheaper_not_fifty(self, model: str) -> None:
        rates = card_of(model).standard
        assert rates.input == 10 * rates.cache_read
