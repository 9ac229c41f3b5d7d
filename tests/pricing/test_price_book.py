"""What a book remembers and lists: cards through JSON, starts without the library, rates in force."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import date
from fractions import Fraction
from itertools import pairwise
from typing import Any

import pytest

from tokentui.pricing.book import RateBook
from tokentui.pricing.listing import rates_in_force
from tokentui.pricing.rates import RateCard, Rates

TODAY = date(2026, 11, 22)
BOOK = RateBook()


def card_on(model: str, day: date = TODAY) -> RateCard:
    card = BOOK.card(model, day)
    assert card is not None
    return card


class TestCards:
    @pytest.mark.parametrize(
        ("model", "day"),
        [
            ("claude-opus-4-6", date(2026, 2, 10)),
            ("claude-haiku-5-5", TODAY),
            ("gpt-5.2", TODAY),
            ("claude-3-opus", TODAY),
        ],
    )
    def test_a_card_survives_json(self, model: str, day: date) -> None:
        card = card_on(model, day)
        again = RateCard.from_dict(json.loads(json.dumps(card.to_dict())))
        assert again == card
        assert again.by_modifier == card.by_modifier

    @pytest.mark.parametrize("damage", [{"standard": [1, 2]}, {"us_factor": "1/0"}, {"valid_from": "x"}, {"long": 3}])
    def test_what_is_no_card_is_refused(self, damage: dict[str, Any]) -> None:
        with pytest.raises(ValueError, match=r"."):
            RateCard.from_dict(card_on("claude-opus-5").to_dict() | damage)

    def test_an_uneven_factor_goes_to_the_nearest_even_pico(self) -> None:
        assert Rates(1, 3, 5, 2, 0).times(Fraction(1, 2)) == Rates(0, 2, 2, 1, 0)


class TestRemembering:
    def test_a_book_made_from_memory_never_imports_the_library(self) -> None:
        book = RateBook()
        for model in ("claude-opus-5-5", "nobody-knows"):
            book.card(model, date(2026, 11, 22))
        script = (
            "import json, sys; from datetime import date\n"
            "from tokentui.pricing.book import RateBook\n"
            "book = RateBook(remembered=json.loads(sys.stdin.read()))\n"
            "assert book.card('claude-opus-5-5', date(2026, 11, 23)).standard.input == 4_000_000\n"
            "assert book.card('nobody-knows', date(2026, 11, 20)) is None\n"
            "assert not {'genai_prices.types', 'pydantic', 'httpx2'} & set(sys.modules)\n"
        )
        subprocess.run([sys.executable, "-c", script], input=json.dumps(book.remember()), text=True, check=True)

    @pytest.mark.parametrize("spoil", [{"basis": "older"}, {"models": 3}, {"models": {"m": [["x"]]}}])
    def test_memory_of_another_basis_or_damaged_is_dropped(self, spoil: dict[str, Any]) -> None:
        book = RateBook()
        book.card("claude-opus-5", date(2026, 11, 22))
        assert RateBook(remembered=book.remember() | spoil).remember()["models"] == {}


class TestListing:
    def test_every_model_on_sale_is_listed_newest_first(self) -> None:
        rows = rates_in_force(BOOK, TODAY)
        assert [row.model for row in rows][:3] == [
            "claude-fable-5-2",
            "claude-mythos-5-2",
            "claude-haiku-5-5",
        ]
        assert {"claude-3-haiku", "claude-mythos-5"} <= {row.model for row in rows}
        assert all(row.card.basis for row in rows)

    def test_a_row_tells_since_when_and_until_when(self) -> None:
        rows = {row.model: row for row in rates_in_force(BOOK, TODAY)}
        assert (rows["claude-sonnet-5-5"].since, rows["claude-sonnet-5-5"].until) == (date(2026, 10, 7), None)
        assert rows["claude-opus-4-8"].until == date(2026, 11, 30)
        assert rows["claude-opus-5"].launched == date(2026, 7, 24)

    def test_a_model_not_yet_sold_is_not_listed(self) -> None:
        models = {row.model for row in rates_in_force(BOOK, date(2026, 9, 15))}
        assert "claude-fable-5-1" in models
        assert not {"claude-sonnet-5-5", "claude-fable-5-2"} & models

    def test_a_models_history_has_no_gap_and_no_repetition(self) -> None:
        history = BOOK.history("claude-opus-4-6")
        assert [card.valid_from for card in history] == [
            date.min, date(2026, 2, 5), date(2026, 2, 7), date(2026, 2, 20), date(2026, 3, 13),
            date(2026, 6, 29),
        ]  # fmt: skip
        assert all(one.valid_until == two.valid_from for one, two in pairwise(history))
        assert history[-1].valid_until == date.max
