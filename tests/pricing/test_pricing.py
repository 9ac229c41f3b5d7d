"""Exact money: the cases of the price fixture, tiers per request, and the algebra of the cost function."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tokentui.pricing.book import RateBook
from tokentui.pricing.cost import cost_pico_usd, sum_pico_usd, uncached_pico_usd
from tokentui.pricing.rates import RateCard
from tokentui.records import BilledUsage, Tokens

pytestmark = pytest.mark.usefixtures("offline")
BOOK = RateBook()
TODAY = "2026-11-22"
MILLION = 1_000_000


def card_on(model: str, day: str) -> RateCard:
    card = BOOK.card(model, date.fromisoformat(day))
    assert card is not None
    return card


def usage_of(
    model: str,
    *,
    service_tier: str = "",
    speed: str = "",
    inference_geo: str = "",
    web_searches: int = 0,
    **tokens: int,
) -> BilledUsage:
    return BilledUsage(model, Tokens(**tokens), service_tier, speed, inference_geo, web_searches)


def usd(model: str, day: str = TODAY, **counts: Any) -> Fraction:
    """Cost in USD of one request, exact."""
    return Fraction(cost_pico_usd(usage_of(model, **counts), card_on(model, day)), 10**12)


CASES: list[tuple[str, str, dict[str, Any], str]] = [
    # cache reads, whose multiple differs per model and, for Sonnet 5.5, per day
    ("claude-opus-5-5", TODAY, {"cache_read": MILLION}, "0.20"),
    ("claude-fable-5-1", TODAY, {"cache_read": MILLION}, "0.25"),
    ("claude-fable-5-2", TODAY, {"cache_read": MILLION}, "0.20"),
    ("claude-mythos-5-1", TODAY, {"cache_read": MILLION}, "0.25"),
    ("claude-mythos-5", TODAY, {"cache_read": MILLION}, "1.00"),
    ("claude-sonnet-5-5", "2026-10-01", {"cache_read": MILLION}, "0.20"),
    ("claude-sonnet-5-5", "2026-10-06", {"cache_read": MILLION}, "0.20"),
    ("claude-sonnet-5-5", "2026-10-07", {"cache_read": MILLION}, "0.10"),
    ("claude-sonnet-5-5", "2026-10-08", {"cache_read": MILLION}, "0.10"),
    # output
    ("claude-sonnet-5", TODAY, {"output": 10_000}, "0.10"),
    ("claude-sonnet-5", "2026-09-02", {"output": 10_000}, "0.10"),
    ("claude-sonnet-5-5", TODAY, {"output": 10_000}, "0.10"),
    # fast mode, per model and day
    ("claude-opus-5", TODAY, {"output": 10_000, "speed": "fast"}, "0.50"),
    ("claude-opus-5-5", TODAY, {"cache_write_1h": MILLION, "speed": "fast"}, "16"),
    ("claude-opus-4-6", "2026-02-06", {"output": 10_000, "speed": "fast"}, "0.25"),
    ("claude-opus-4-6", "2026-02-10", {"output": 10_000, "speed": "fast"}, "1.50"),
    ("claude-opus-4-6", "2026-02-10", {"input": 200_000, "output": 10_000, "speed": "fast"}, "7.50"),
    ("claude-opus-4-6", "2026-02-10", {"input": 200_001, "output": 10_000, "speed": "fast"}, "14.25006"),
    ("claude-opus-4-6", "2026-03-01", {"output": 10_000, "speed": "fast"}, "1.50"),
    ("claude-opus-4-6", "2026-03-01", {"input": 300_000, "speed": "fast"}, "9.00"),
    ("claude-opus-4-6", "2026-06-28", {"output": 10_000, "speed": "fast"}, "1.50"),
    ("claude-opus-4-6", "2026-06-29", {"output": 10_000, "speed": "fast"}, "0.25"),
    ("claude-opus-4-7", "2026-05-11", {"output": 10_000, "speed": "fast"}, "0.25"),
    ("claude-opus-4-7", "2026-05-12", {"output": 10_000, "speed": "fast"}, "1.50"),
    ("claude-opus-4-7", "2026-05-12", {"cache_read": MILLION, "speed": "fast"}, "3"),
    ("claude-opus-4-7", "2026-07-24", {"output": 10_000, "speed": "fast"}, "0.25"),
    ("claude-opus-4-8", "2026-11-29", {"output": 10_000, "speed": "fast"}, "0.50"),
    ("claude-opus-4-8", "2026-11-30", {"output": 10_000, "speed": "fast"}, "0.25"),
    ("claude-haiku-4-5", TODAY, {"output": 10_000, "speed": "fast"}, "0.05"),
    # long prompts: strictly above the threshold, the whole request
    ("claude-haiku-5-5", TODAY, {"input": 90_000}, "0.009"),
    ("claude-haiku-5-5", TODAY, {"input": 100_000}, "0.01"),
    ("claude-haiku-5-5", TODAY, {"input": 100_001}, "0.0500005"),
    ("claude-haiku-5-5", TODAY, {"input": 150_000}, "0.075"),
    ("claude-haiku-5-5", TODAY, {"input": 1, "cache_read": 100_000, "output": 1000}, "0.0075005"),
    ("claude-sonnet-4-5", "2025-11-01", {"input": 200_000}, "0.60"),
    ("claude-sonnet-4-5", "2025-11-01", {"input": 250_000}, "1.50"),
    ("claude-sonnet-4-5", "2025-11-01", {"input": 250_000, "output": MILLION}, "24.00"),
    ("claude-sonnet-4-5", "2025-11-01", {"cache_read": 150_000, "cache_write_1h": 100_000}, "1.29"),
    ("claude-sonnet-4", "2025-08-11", {"input": 250_000}, "0.75"),
    ("claude-sonnet-4", "2025-10-15", {"input": 250_000, "output": 1000}, "1.5225"),
    ("claude-sonnet-4", "2025-10-15", {"cache_write_5m": 250_000}, "1.875"),
    ("claude-opus-4-6", "2026-03-12", {"input": 250_000, "output": 1000}, "2.5375"),
    ("claude-opus-4-6", "2026-03-13", {"input": 250_000, "output": 1000}, "1.275"),
    ("claude-sonnet-4-6", "2026-03-12", {"input": 250_000}, "1.50"),
    ("claude-sonnet-4-6", "2026-03-13", {"input": 250_000}, "0.75"),
    ("claude-opus-5", TODAY, {"input": 900_000}, "4.50"),
    # cache writes
    ("claude-opus-5", TODAY, {"cache_write_1h": 100_000}, "1.00"),
    ("claude-opus-5", TODAY, {"cache_write_5m": 100_000}, "0.625"),
    ("claude-fable-5-2", TODAY, {"cache_write_1h": MILLION, "output": 30}, "16.0012"),
    ("claude-3-haiku-20240307", "2025-01-01", {"cache_write_5m": MILLION}, "0.30"),
    # place, batch, searches
    ("claude-opus-5", TODAY, {"output": 10_000, "inference_geo": "us"}, "0.275"),
    ("claude-opus-5", TODAY, {"output": 10_000, "inference_geo": "global"}, "0.25"),
    ("claude-opus-4-5", TODAY, {"output": 10_000, "inference_geo": "us"}, "0.25"),
    ("claude-opus-5", TODAY, {"output": 10_000, "speed": "fast", "inference_geo": "us"}, "0.55"),
    ("claude-opus-5", TODAY, {"output": 10_000, "service_tier": "batch"}, "0.125"),
    ("claude-opus-5", "2026-09-01", {"output": 10_000, "service_tier": "batch"}, "0.125"),
    ("claude-3-5-sonnet-20240620", "2024-10-07", {"output": 10_000, "service_tier": "batch"}, "0.15"),
    ("claude-3-5-sonnet-20240620", "2024-10-08", {"output": 10_000, "service_tier": "batch"}, "0.075"),
    ("claude-opus-5", TODAY, {"output": 10_000, "service_tier": "batch", "speed": "fast"}, "0.125"),
    (
        "claude-haiku-5-5",
        TODAY,
        {"cache_read": 1, "service_tier": "batch", "inference_geo": "us"},
        "0.0000000055",
    ),
    ("claude-opus-5", TODAY, {"output": 10_000, "service_tier": "priority"}, "0.25"),
    ("claude-opus-5", TODAY, {"web_searches": 5}, "0.05"),
    ("claude-opus-5", TODAY, {"web_searches": 5, "service_tier": "batch", "inference_geo": "us"}, "0.05"),
    # all kinds at once
    (
        "claude-opus-4-6",
        "2026-06-01",
        {"input": 1500, "cache_write_5m": 500, "cache_write_1h": 1000, "cache_read": 200}
        | {"output": 500, "web_searches": 10},
        "0.133225",
    ),
]


@pytest.mark.parametrize(("model", "day", "counts", "expected"), CASES)
def test_a_request_costs_exactly_this(model: str, day: str, counts: dict[str, Any], expected: str) -> None:
    assert usd(model, day, **counts) == Fraction(expected)


def test_small_requests_never_reach_a_tier_however_many() -> None:
    small = usd("claude-haiku-5-5", input=2000)
    assert sum([small] * 200) == Fraction("0.04")
    assert usd("claude-haiku-5-5", input=400_000) == Fraction("0.20"), "their sum as one request would"
    day_row, card = usage_of("claude-haiku-5-5", input=400_000), card_on("claude-haiku-5-5", TODAY)
    assert sum_pico_usd(day_row, card, long=False) == 4 * 10**10
    assert sum_pico_usd(day_row, card, long=True) == 20 * 10**10


class TestCacheSaving:
    @staticmethod
    def saving(model: str, **counts: Any) -> Fraction:
        usage, card = usage_of(model, **counts), card_on(model, TODAY)
        return Fraction(uncached_pico_usd(usage, card) - cost_pico_usd(usage, card), 10**12)

    def test_reads_save(self) -> None:
        assert self.saving("claude-opus-5", cache_read=MILLION, input=500, output=900) == Fraction("4.50")

    def test_writes_that_nobody_reads_lose(self) -> None:
        assert self.saving("claude-opus-5", cache_write_5m=MILLION) == Fraction("-1.25")
        assert self.saving("claude-opus-5", cache_write_1h=MILLION) == -5

    def test_output_and_searches_are_neither(self) -> None:
        assert self.saving("claude-opus-5", output=MILLION, web_searches=3, input=10) == 0

    def test_the_uncached_prompt_takes_the_same_tier_and_modifiers(self) -> None:
        usage = usage_of("claude-haiku-5-5", cache_read=100_001, service_tier="batch", inference_geo="us")
        assert uncached_pico_usd(usage, card_on("claude-haiku-5-5", TODAY)) == 100_001 * 275_000


class TestBadCounts:
    @pytest.mark.parametrize("cost", [cost_pico_usd, uncached_pico_usd])
    @pytest.mark.parametrize("kind", Tokens._fields)
    def test_a_negative_count_is_refused(self, cost: Any, kind: str) -> None:
        tokens = Tokens(9, 9, 9, 9, 9)._replace(**{kind: -1})
        with pytest.raises(ValueError, match="negative"):
            cost(BilledUsage("claude-opus-5", tokens), card_on("claude-opus-5", TODAY))

    def test_negative_searches_are_refused(self) -> None:
        with pytest.raises(ValueError, match="negative"):
            usd("claude-opus-5", web_searches=-1)

    @pytest.mark.parametrize("cost", [cost_pico_usd, uncached_pico_usd])
    @pytest.mark.parametrize("count", [1.5, float("nan"), Decimal(3)])
    def test_a_count_that_is_no_integer_is_refused(self, cost: Any, count: Any) -> None:
        with pytest.raises(ValueError, match="not an integer"):
            cost(BilledUsage("claude-opus-5", Tokens(input=count, output=1)), card_on("claude-opus-5", TODAY))

    def test_a_huge_count_stays_exact(self) -> None:
        assert usd("claude-opus-5", input=10**30 + 1) == Fraction(5 * (10**30 + 1), MILLION)


COUNTS = st.builds(Tokens, *[st.integers(0, 10**6)] * 5)
SMALL = st.builds(Tokens, *[st.integers(0, 12_000)] * 5)
MODELS = st.sampled_from(["claude-haiku-5-5", "claude-opus-5-5", "claude-sonnet-4-5", "claude-opus-4-6"])
PLACES = st.tuples(
    st.sampled_from(["", "standard", "batch"]),
    st.sampled_from(["", "standard", "fast"]),
    st.sampled_from(["", "global", "us", "not_available"]),
)
DAYS = st.dates(date(2025, 5, 1), date(2026, 12, 31))


@given(MODELS, SMALL, SMALL, PLACES, DAYS)
def test_cost_is_linear_below_the_threshold(
    model: str, one: Tokens, two: Tokens, place: tuple[str, str, str], day: date
) -> None:
    card = BOOK.card(model, day)
    assert card is not None
    cost = [cost_pico_usd(BilledUsage(model, tokens, *place), card) for tokens in (one, two, one.plus(two))]
    assert cost[0] + cost[1] == cost[2]
    assert all(type(part) is int for part in cost)


@given(MODELS, COUNTS, PLACES, DAYS)
def test_cost_is_the_sum_of_its_kinds_in_one_tier(
    model: str, tokens: Tokens, place: tuple[str, str, str], day: date
) -> None:
    card = BOOK.card(model, day)
    assert card is not None
    batch, fast, us = place[0] == "batch", place[1] == "fast", place[2] == "us"
    rates = card.by_modifier[batch + 2 * fast + 4 * us][bool(card.long) and tokens.prompt > card.long_threshold]
    expected = sum(count * rate for count, rate in zip(tokens, rates, strict=True))
    assert cost_pico_usd(BilledUsage(model, tokens, *place), card) == expected


@given(st.sampled_from(["claude-haiku-5-5", "claude-opus-5-5", "claude-sonnet-4-5", "claude-3-5-haiku"]), COUNTS)
def test_the_library_agrees_request_by_request(model: str, tokens: Tokens) -> None:
    from genai_prices import Usage, calc_price

    usage = Usage(
        input_tokens=tokens.prompt,
        cache_write_tokens=tokens.cache_write,
        cache_write_5m_tokens=tokens.cache_write_5m,
        cache_write_1h_tokens=tokens.cache_write_1h,
        cache_read_tokens=tokens.cache_read,
        output_tokens=tokens.output,
    )
    when = datetime(2026, 11, 22, 12, tzinfo=UTC)
    theirs = calc_price(usage, model, provider_id="anthropic", genai_request_timestamp=when).total_price
    ours = cost_pico_usd(BilledUsage(model, tokens), card_on(model, TODAY))
    assert Fraction(theirs) == Fraction(ours, 10**12)
