"""The user's own prices and files of newer price data: what they change, and how bad ones are refused."""

from __future__ import annotations

import json
import subprocess
import sys
from contextlib import closing
from datetime import UTC, date, datetime
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from tokentui.pricing import overlay
from tokentui.pricing.book import RateBook
from tokentui.pricing.overrides import Override, OverrideError, parse_overrides
from tokentui.pricing.price_data import UpdateError, load_update
from tokentui.pricing.rates import RateCard
from tokentui.pricing.sources import PriceSources
from tokentui.store.database import open_reader
from tokentui.store.memo import read_memo
from tokentui.store.priced import open_priced

pytestmark = pytest.mark.usefixtures("offline")
TODAY = date(2026, 11, 22)


def priced(book: RateBook, model: str, day: date = TODAY) -> RateCard:
    card = book.card(model, day)
    assert card is not None, model
    return card


class TestOverrides:
    def test_rates_a_period_and_a_factor(self) -> None:
        own = parse_overrides(
            [
                {"model": "claude-opus-5", "input": "4", "from": date(2026, 9, 1), "to": "2026-09-30"},
                {"model": "claude-*", "factor": 0.85, "from": "2026-09-15"},
            ]
        )
        book = RateBook(own)
        inputs = [
            priced(book, "claude-opus-5", date.fromisoformat(day)).standard.input
            for day in ("2026-08-31", "2026-09-01", "2026-09-14", "2026-09-15", "2026-09-30", "2026-10-01")
        ]
        assert inputs == [5_000_000, 4_000_000, 4_000_000, 3_400_000, 3_400_000, 4_250_000]

    def test_a_factor_is_for_every_token_rate_and_no_search(self) -> None:
        card = priced(RateBook([Override("*", factor=Fraction(7, 8))]), "claude-opus-5")
        assert card.fast
        assert card.fast.output == 43_750_000
        assert card.web_search_pico_usd == 10**10
        tiered = priced(RateBook([Override("*haiku*", factor=Fraction(1, 2))]), "claude-haiku-5-5")
        assert tiered.long
        assert tiered.long.five == (250_000, 1_250_000, 312_500, 500_000, 25_000)

    def test_patterns_mean_the_logged_id_or_the_model(self) -> None:
        book = RateBook(parse_overrides([{"model": "us.anthropic.*", "factor": "1.1"}]))
        assert priced(book, "us.anthropic.claude-opus-5-v1:0").standard.input == 5_500_000
        assert priced(book, "claude-opus-5").standard.input == 5_000_000
        by_model = RateBook(parse_overrides([{"model": "Claude-Opus-5", "factor": 2}]))
        assert priced(by_model, "us.anthropic.claude-opus-5-v1:0").standard.input == 10_000_000

    def test_a_model_nobody_knows_can_be_given_a_price(self) -> None:
        book = RateBook(parse_overrides([{"model": "my-model", "input": "0.5", "output": 2, "cache_read": 0}]))
        card = priced(book, "my-model")
        assert (card.provider, card.standard.five) == ("yours", (500_000, 2_000_000, 500_000, 500_000, 0))
        assert card.basis == book.basis

    def test_a_factor_alone_prices_nothing_unknown(self) -> None:
        assert RateBook([Override("my-model", factor=Fraction(1, 2))]).card("my-model", TODAY) is None

    def test_the_basis_names_them_where_they_count(self) -> None:
        book = RateBook(parse_overrides([{"model": "claude-opus-5", "input": 1}]))
        assert "your prices" in priced(book, "claude-opus-5").basis
        assert "your prices" not in priced(book, "claude-opus-5-5").basis
        assert book.basis != RateBook(parse_overrides([{"model": "claude-opus-5", "input": 2}])).basis

    @pytest.mark.parametrize(
        ("entry", "complaint"),
        [
            ({}, "entry 1: model: expected a pattern"),
            ({"model": 3, "input": 1}, "entry 1: model: expected a pattern"),
            ("claude", "entry 1: expected a table"),
            ({"model": "x"}, "factor: give a rate or a factor"),
            ({"model": "x", "discount": 0.1}, r"\('x'\): discount: no such field; there are model, from"),
            ({"model": "x", "input": "abc"}, "input: expected USD per million tokens, not 'abc'"),
            ({"model": "x", "input": True}, "input: expected USD"),
            ({"model": "x", "output": -1}, "output: -1 is not between 0"),
            ({"model": "x", "output": float("nan")}, "output: nan is not between 0"),
            ({"model": "x", "output": float("inf")}, "output: inf is not between 0"),
            ({"model": "x", "cache_read": "0.0000001"}, "cache_read: 0.0000001 has more than 6 decimals"),
            ({"model": "x", "factor": "half"}, "factor: expected a factor such as 0.85, not 'half'"),
            ({"model": "x", "factor": 101}, "factor: 101 is not between 0 and 100"),
            ({"model": "x", "factor": 1, "from": "soon"}, "from: expected a day such as 2026-11-22, not 's"),
            ({"model": "x", "factor": 1, "to": 2026}, "to: expected a day"),
            ({"model": "x", "factor": 1, "to": datetime(2026, 5, 1, tzinfo=UTC)}, "-22, not '2026-05-01 00"),
            ({"model": "x", "factor": 1, "from": "2026-02-02", "to": "2026-02-01"}, "to: 2026-02-01 is"),
        ],
    )  # fmt: skip
    def test_a_malformed_entry_is_named_with_its_field(self, entry: Any, complaint: str) -> None:
        with pytest.raises(OverrideError, match=complaint):
            parse_overrides([entry])

    def test_the_entry_is_counted_and_the_whole_must_be_a_list(self) -> None:
        with pytest.raises(OverrideError, match=r"entry 2 \('y'\)"):
            parse_overrides([{"model": "x", "factor": 1}, {"model": "y", "factor": "no"}])
        with pytest.raises(OverrideError, match="list of tables"):
            parse_overrides({"model": "x"})


def update_file(folder: Path, *models: dict[str, Any], **changes: Any) -> Path:
    provider: dict[str, Any] = {
        "id": "anthropic",
        "name": "Anthropic",
        "api_pattern": "x",
        "model_match": {"contains": "claude"},
        "extractors": [{"of": "a newer kind"}],
        "models": list(models),
    }
    path = folder / "data.json"
    path.write_text(json.dumps([provider | changes]))
    return path


def model_data(name: str, **prices: Any) -> dict[str, Any]:
    return {"id": name, "match": {"equals": name}, "prices": {"input_mtok": 7, "output_mtok": 35} | prices}


OPENING = """
import sys
from pathlib import Path
from tokentui.pricing.sources import PriceSources
from tokentui.store.priced import open_priced
open_priced(Path(sys.argv[1]), PriceSources((), Path(sys.argv[2]))).close()
print("genai_prices.types" in sys.modules)
"""


def costs_stand_on(database: Path) -> str:
    with closing(open_reader(database)) as reader:
        return str((read_memo(reader, "basis of costs") or {})["rates"])


class TestUpdateFiles:
    def test_a_newer_file_brings_new_models_and_prices(self, tmp_path: Path) -> None:
        tiered = {"base": 0.3, "tiers": [{"start": 50_000, "price": 0.6}]}
        path = update_file(tmp_path, model_data("claude-nova-9"), model_data("claude-opus-5", input_mtok=tiered))
        book = RateBook(update=path)
        assert priced(book, "claude-nova-9-20270101").standard.input == 7_000_000
        opus = priced(book, "claude-opus-5")
        assert (opus.standard.input, opus.long_threshold) == (300_000, 50_000)
        assert opus.long
        assert opus.long.input == 600_000
        assert opus.basis == book.basis == f"{load_update(path).name} + overlay {overlay.VERSION}"
        assert book.card("claude-opus-4-5", TODAY) is None, "the file replaces the library's data"

    def test_a_file_is_checked_again_only_when_it_has_changed(self, tmp_path: Path) -> None:
        database, path = tmp_path / "t.db", update_file(tmp_path, model_data("claude-nova-9"))
        for expected in ("True", "False"):
            opening = subprocess.run([sys.executable, "-c", OPENING, database, path], capture_output=True, check=True)
            assert opening.stdout.decode().strip() == expected
        fetched = costs_stand_on(database)
        path.write_text("broken meanwhile")
        open_priced(database, PriceSources((), path)).close()
        assert fetched.startswith("prices file ")
        assert costs_stand_on(database).startswith("genai-prices ")

    @pytest.mark.parametrize(
        ("content", "complaint"),
        [
            ("", "is no price data"),
            ("{}", "a list of providers was expected"),
            ("[]", "has no Claude model"),
            ("[3]", "is no price data: 0"),
            ("[" * 100_000, "is no price data"),
            ('[{"id": "anthropic"}]', "is no price data: 0"),
            ("\x00\xff", "is no price data"),
        ],
    )
    def test_a_malformed_file_is_refused_in_words(self, tmp_path: Path, content: str, complaint: str) -> None:
        path = tmp_path / "data.json"
        path.write_text(content, encoding="latin-1")
        with pytest.raises(UpdateError, match=complaint):
            load_update(path)

    @pytest.mark.parametrize("price", [{"input_mtok": -1}, {"output_mtok": "NaN"}, {"input_mtok": "dear"}])
    def test_a_price_that_is_none_is_refused(self, tmp_path: Path, price: dict[str, Any]) -> None:
        with pytest.raises(UpdateError, match=r"no usable price for claude-nova-9|is no price data"):
            load_update(update_file(tmp_path, model_data("claude-nova-9", **price)))

    def test_a_missing_file_is_refused_at_once(self, tmp_path: Path) -> None:
        with pytest.raises(UpdateError, match="cannot read the price file"):
            RateBook(update=tmp_path / "none.json")
