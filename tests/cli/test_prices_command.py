"""`tokentui prices`: what is listed, and what newer price data does to stored costs."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import httpx
import pytest

from tests.kit.answer_logs import Answer, session_id, write_logs
from tests.kit.command_line import Output, terminal_of
from tokentui.cli.run import run
from tokentui.pricing.fetch import fetch_update
from tokentui.pricing.price_data import UpdateError
from tokentui.records import Tokens


def price_data(input_usd: float) -> bytes:
    """The smallest file of price data: one provider, one model."""
    prices = {"input_mtok": input_usd, "output_mtok": 5 * input_usd}
    model = {"id": "claude-opus-5-5", "match": {"equals": "claude-opus-5-5"}, "prices": prices}
    provider = {"id": "anthropic", "name": "Anthropic", "api_pattern": "x", "models": [model]}
    return json.dumps([provider]).encode()


def answering(content: bytes, status: int = 200) -> httpx.MockTransport:
    return httpx.MockTransport(lambda request: httpx.Response(status, content=content))


def report_cost(output: Output) -> Decimal:
    output.readouterr()
    assert run(["report", "--model", "claude-opus-5-5", "--json"]) == 0
    return Decimal(json.loads(output.readouterr().out)["totals"]["cost_usd"])


def test_the_rates_in_force_name_their_source(home: Path, output: Output) -> None:
    assert run(["prices", "--day", "2026-11-22", "--json"]) == 0
    rows = {row["model"]: row for row in json.loads(output.readouterr().out)["rows"]}
    assert rows["claude-fable-5-1"]["cache_read_usd_per_mtok"] == "0.25"
    assert rows["claude-haiku-5-5"]["long_context_above_tokens"] == 100_000
    assert "overlay" in rows["claude-opus-5-5"]["source"]


def test_a_model_is_shown_over_time(home: Path, output: Output) -> None:
    assert run(["prices", "show", "claude-sonnet-5-5"]) == 0
    lines = output.readouterr().out.splitlines()
    assert any("2026-10-07" in line and "0.10" in line for line in lines)
    assert any("0.20" in line for line in lines)


@pytest.mark.parametrize("cells", [60, 80, 120])
def test_a_narrow_terminal_gets_whole_rates(
    home: Path, output: Output, monkeypatch: pytest.MonkeyPatch, cells: int
) -> None:
    assert run(["prices", "--day", "2026-11-22"]) == 0
    piped = [line.split()[:6] for line in output.readouterr().out.splitlines() if line.startswith("claude-")]
    terminal = terminal_of(cells, monkeypatch)
    assert run(["prices", "--day", "2026-11-22"]) == 0
    lines = terminal.getvalue().splitlines()
    assert [line.split()[:6] for line in lines if line.startswith("claude-")] == piped
    assert max(map(len, lines)) <= cells
    assert ("Left out for want of room: long prompt, until." in terminal.getvalue()) == (cells == 80)


def test_a_model_that_nobody_prices_is_said_so(home: Path, output: Output) -> None:
    assert run(["prices", "show", "house-model-1"]) == 1
    assert "house-model-1" in output.readouterr().err


def test_a_day_that_is_none_is_said_so(home: Path, output: Output) -> None:
    assert run(["prices", "--day", "2026-13-01"]) == 2
    assert "'2026-13-01' is no day: expected one such as 2026-11-22" in output.readouterr().err


def test_of_a_model_that_is_none_the_way_to_the_names_is_told(home: Path, output: Output) -> None:
    assert run(["prices", "show", "opus"]) == 1
    assert "nobody here knows a price for 'opus'; `tokentui prices` lists the names" in output.readouterr().err


def test_fetched_prices_hold_and_stored_costs_follow(home: Path, output: Output, tmp_path: Path) -> None:
    at = datetime(2026, 11, 21, 12, tzinfo=UTC)
    write_logs(home / "claude", [Answer(1, at, "claude-opus-5-5", Tokens(1000, 1000), session_id(8), "/work/new")])
    before = report_cost(output)
    data = tmp_path / "data.json"
    data.write_bytes(price_data(40.0))
    assert run(["prices", "update", "--from", str(data)]) == 0
    assert report_cost(output) == before * 10
    assert run(["prices", "reset"]) == 0
    assert report_cost(output) == before


def test_price_data_that_was_broken_by_hand_is_passed_over_and_named(home: Path, output: Output) -> None:
    (home / "state").mkdir(exist_ok=True)
    (home / "state" / "prices.json").write_text("{ torn")
    assert report_cost(output) >= 0
    run(["doctor"])
    assert "fetched price data does not read" in output.readouterr().out


@pytest.mark.parametrize(
    ("transport", "word"),
    [
        (answering(b"<html>no</html>"), "no price data"),
        (answering(b"[]"), "no Claude model"),
        (answering(b"gone", 404), "404"),
        (httpx.MockTransport(lambda _: (_ for _ in ()).throw(httpx.ConnectError("refused"))), "refused"),
    ],
)
def test_what_is_no_price_data_changes_nothing(tmp_path: Path, transport: httpx.MockTransport, word: str) -> None:
    target = tmp_path / "prices.json"
    target.write_bytes(price_data(4.0))
    with pytest.raises(UpdateError, match=word) as failure:
        fetch_update("https://prices.invalid/data.json", target, transport)
    assert "old prices stay" in str(failure.value)
    assert target.read_bytes() == price_data(4.0)
    assert list(tmp_path.iterdir()) == [target]


def test_a_home_that_takes_no_prices_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, output: Output) -> None:
    data, no_home = tmp_path / "data.json", tmp_path / "no-home"
    data.write_bytes(price_data(40.0))
    no_home.write_text("a file")
    monkeypatch.setenv("TOKENTUI_HOME", str(no_home))
    assert run(["prices", "update", "--from", str(data)]) == 1
    (told,) = output.readouterr().err.splitlines()
    reason = f"({no_home} is no directory): check its directory; the old prices stay"
    assert told == f"tokentui: {no_home / 'prices.json'} cannot be changed {reason}"


def test_good_price_data_is_fetched(tmp_path: Path) -> None:
    library = fetch_update("https://prices.invalid/data.json", tmp_path / "prices.json", answering(price_data(4.0)))
    assert library.name.startswith("prices file ")
