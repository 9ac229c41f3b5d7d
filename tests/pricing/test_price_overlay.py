"""The whole price table, checked by hand, against library and overlay."""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from itertools import pairwise

import pytest

from tokentui.pricing import library, overlay, price_data
from tokentui.pricing.book import RateBook
from tokentui.pricing.rates import RateCard, claude_rates, pico_per_token

pytestmark = pytest.mark.usefixtures("offline")
TODAY = date(2026, 11, 22)
BOOK = RateBook()
LIBRARY = price_data.bundled()

PRICES = """
claude-fable-5-2    8     10     16    0.20   40    16  80
claude-mythos-5-2   8     10     16    0.20   40    16  80
claude-fable-5-1    10    12.50  20    0.25   50
claude-mythos-5-1   10    12.50  20    0.25   50
claude-fable-5      10    12.50  20    1.00   50
claude-mythos-5     10    12.50  20    1.00   50
claude-opus-5-5     4     5      8     0.20   20    8   40
claude-opus-5       5     6.25   10    0.50   25    10  50
claude-opus-4-8     5     6.25   10    0.50   25    10  50
claude-opus-4-7     5     6.25   10    0.50   25
claude-opus-4-6     5     6.25   10    0.50   25
claude-opus-4-5     5     6.25   10    0.50   25
claude-opus-4-1     15    18.75  30    1.50   75
claude-opus-4       15    18.75  30    1.50   75
claude-3-opus       15    18.75  30    1.50   75
claude-sonnet-5-5   2     2.50   4     0.10   10
claude-sonnet-5     2     2.50   4     0.20   10
claude-sonnet-4-6   3     3.75   6     0.30   15
claude-sonnet-4-5   3     3.75   6     0.30   15
claude-sonnet-4     3     3.75   6     0.30   15
claude-3-7-sonnet   3     3.75   6     0.30   15
claude-3-5-sonnet   3     3.75   6     0.30   15
claude-haiku-5-5    0.10  0.125  0.20  0.01   0.50
claude-haiku-4-5    1     1.25   2     0.10   5
claude-3-5-haiku    0.80  1      1.60  0.08   4
claude-3-haiku      0.25  0.30   0.50  0.03   1.25
"""
"""The list of 2026-11-22 in USD per MTok, checked by hand: input, 5m write, 1h write, read, output, fast.
A failure means that a release of the library has changed a price: look at the pricing page, then here."""

ROWS = [line.split() for line in PRICES.strip().splitlines()]
LONG_TODAY = {
    "claude-haiku-5-5": (100_000, ("0.50", "2.50", "0.625", "1.00", "0.05")),
    "claude-sonnet-4-5": (200_000, ("6", "22.5", "7.5", "12", "0.6")),
    "claude-sonnet-4": (200_000, ("6", "22.5", "7.5", "12", "0.6")),
}


def priced(book: RateBook, model: str, day: date = TODAY) -> RateCard:
    card = book.card(model, day)
    assert card is not None, model
    return card


class TestThePriceTable:
    @pytest.mark.parametrize("row", ROWS, ids=lambda row: row[0])
    def test_every_rate_is_that_of_the_pricing_page(self, row: list[str]) -> None:
        card = priced(BOOK, row[0])
        full, write_5m, write_1h, read, output = row[1:6]
        assert card.standard.five == tuple(map(pico_per_token, (full, output, write_5m, write_1h, read)))
        assert (card.fast and (card.fast.input, card.fast.output)) == (tuple(map(pico_per_token, row[6:])) or None)
        assert card.basis == f"{price_data.bundled_name()} + overlay {overlay.VERSION}"
        assert (card.batch_factor, card.web_search_pico_usd) == (Fraction(1, 2), 10**10)

    @pytest.mark.parametrize("row", ROWS, ids=lambda row: row[0])
    def test_only_these_have_a_long_context_price(self, row: list[str]) -> None:
        card = priced(BOOK, row[0])
        threshold, long = LONG_TODAY.get(row[0], (0, None))
        assert card.long_threshold == threshold
        assert (card.long and card.long.five) == (long and tuple(map(pico_per_token, long)))

    @pytest.mark.parametrize("row", [row for row in ROWS if row[6:]], ids=lambda row: row[0])
    def test_fast_mode_keeps_the_cache_multiples_of_its_model(self, row: list[str]) -> None:
        card = priced(BOOK, row[0])
        assert card.fast == card.standard.times(Fraction(2))

    def test_us_costs_a_tenth_more_since_4_6_and_february(self) -> None:
        dearer = {row[0] for row in ROWS if priced(BOOK, row[0]).us_factor == Fraction(11, 10)}
        assert {row[0] for row in ROWS} - dearer == {
            "claude-opus-4-5", "claude-opus-4-1", "claude-opus-4", "claude-3-opus", "claude-sonnet-4-5",
            "claude-sonnet-4", "claude-3-7-sonnet", "claude-3-5-sonnet", "claude-haiku-4-5",
            "claude-3-5-haiku", "claude-3-haiku",
        }  # fmt: skip

    def test_every_rate_is_a_whole_pico_dollar_after_every_modifier(self) -> None:
        """So no rounding happens anywhere, on any day of any Claude model."""
        for model in BOOK.claude_models():
            for card in BOOK.history(model):
                for rates in filter(None, (card.standard, card.long, card.fast, card.fast_long)):
                    for factor in (card.batch_factor, card.us_factor, card.batch_factor * card.us_factor):
                        scaled = [rate * factor for rate in rates.five]
                        assert all(rate.denominator == 1 for rate in scaled), (model, rates, factor)


class TestTheOverlayAgainstTheLibrary:
    """What is here no longer needed or no longer right shows when the library is updated."""

    def test_batch_is_half_of_everything_where_the_library_has_it(self) -> None:
        for model in library.claude_models(LIBRARY):
            known = library.find(LIBRARY, model)
            assert known is not None
            if library.has_variant(known, "processing", "batch"):
                standard = library.price_on(known, TODAY)
                batch = library.price_on(known, TODAY, processing="batch")
                assert batch.standard == standard.standard.times(Fraction(1, 2)), model

    def test_fast_opus_4_8_is_the_librarys_price(self) -> None:
        known = library.find(LIBRARY, "claude-opus-4-8")
        assert known is not None
        assert priced(BOOK, "claude-opus-4-8").fast == library.price_on(known, TODAY, speed="fast").standard

    @pytest.mark.parametrize("model", ["claude-opus-4-6", "claude-sonnet-4-6"])
    def test_the_library_still_has_the_tier_of_4_6(self, model: str) -> None:
        before, after = priced(BOOK, model, date(2026, 3, 12)), priced(BOOK, model, date(2026, 3, 13))
        assert (before.long_threshold, after.long_threshold) == (200_000, 0)

    @pytest.mark.parametrize("entry", overlay.LONG, ids=lambda entry: entry.model)
    def test_long_prompts_double_the_input_prices(self, entry: overlay.DatedPrice) -> None:
        card = priced(BOOK, entry.model)
        doubled = card.standard.times(Fraction(2))
        assert card.long == claude_rates(entry.input_usd, entry.output_usd)
        assert (card.long.input, card.long.five[2:]) == (doubled.input, doubled.five[2:])

    def test_entries_of_one_model_do_not_overlap_and_all_have_a_source(self) -> None:
        for entries in (overlay.FAST, overlay.LONG):
            for one, two in pairwise(entries):
                assert one.model != two.model or (one.until and one.until == two.since)
            assert all(entry.source for entry in entries)


class TestUnpricedAndForeign:
    @pytest.mark.parametrize(
        "model",
        ["claude-mythos-preview", "claude-nova-9", "claude-opus-4-10", "claude-haiku-4-5-turbo", "sonnet", "",
         "<synthetic>", "claude-instant-v1", "nobody/knows", "x" * 500],
    )  # fmt: skip
    def test_an_unknown_model_has_no_price(self, model: str) -> None:
        assert BOOK.card(model, TODAY) is None

    @pytest.mark.parametrize(
        ("model", "provider"),
        [("deepseek-chat", "deepseek"), ("deepseek/deepseek-chat", "deepseek"), ("gpt-5.2", "openai"),
         ("gemini-2.5-pro", "google"), ("MiniMax-M2", "minimax"), ("minimax/minimax-m2", "minimax"),
         ("glm-4.6", "zai"), ("kimi-k2-thinking", "moonshotai"), ("qwen/qwen3-coder", "openrouter")],
    )  # fmt: skip
    def test_a_foreign_model_is_an_estimate_of_its_provider(self, model: str, provider: str) -> None:
        card = priced(BOOK, model)
        assert (card.provider, card.is_estimate) == (provider, True)
        assert card.basis.endswith(f"estimate at the list price of {provider}")
        assert min(card.standard.input, card.standard.output) > 0
        assert (card.fast, card.batch_factor * card.us_factor) == (None, Fraction(1))

    def test_a_day_before_the_model_takes_the_earliest_price_and_says_so(self) -> None:
        card = priced(BOOK, "claude-sonnet-5-5", date(2026, 1, 1))
        assert card.standard.cache_read == 200_000
        assert "of 2026-09-28: the model was not yet on sale" in card.basis
        assert card.valid_until <= date(2026, 9, 28)
        assert "not yet" not in priced(BOOK, "claude-sonnet-5-5", date(2026, 9, 28)).basis

    def test_one_card_serves_all_days_of_its_period(self) -> None:
        book = RateBook()
        card = priced(book, "claude-opus-4-7", date(2026, 6, 1))
        assert (card.valid_from, card.valid_until) == (date(2026, 5, 12), date(2026, 7, 24))
        assert book.card("claude-opus-4-7", date(2026, 7, 23)) is card
        assert book.card("claude-opus-4-7", date(2026, 7, 24)) is not card
