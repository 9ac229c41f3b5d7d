"""Console exports in all generations and shapes, read by name."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.kit.console_files import COSTS, TOKENS_11, TOKENS_12, TOKENS_14, export
from tokentui.anthropic.errors import AnthropicError
from tokentui.anthropic.exports import read_export
from tokentui.billed import DAY_S, HOUR_S, MINUTE_S, MONTH_S
from tokentui.records import Tokens


@pytest.mark.parametrize("header", [TOKENS_11, TOKENS_12, TOKENS_14, TOKENS_14 + ",api_key_id,api_key_status,tomorrow"])
def test_every_generation_of_token_exports_is_read_by_name(tmp_path: Path, header: str) -> None:
    shuffled = ",".join(sorted(header.split(",")))
    for names in (header, shuffled):
        found = read_export(export(tmp_path, "claude_api_tokens_2026_04.csv", names))
        (row,) = found.usage
        assert (found.kind, found.grain_s, found.skipped) == ("tokens", DAY_S, ())
        assert (row.tokens, row.web_searches) == (Tokens(11, 55, 22, 33, 44), 6)
        assert (row.group.api_key, row.group.workspace) == ("build", "")
        assert row.group.context_window == ("0-200k" if "context_window" in names else "")
        assert found.unknown_columns == (("tomorrow",) if "tomorrow" in names else ())


@pytest.mark.parametrize("when", COSTS)
def test_every_generation_of_cost_exports_is_read_by_name(tmp_path: Path, when: str) -> None:
    found = read_export(export(tmp_path, "claude_api_cost.csv", COSTS[when], [{}, {"usage_type": "message"}]))
    row = found.cost[1]
    assert (found.kind, len(found.cost), found.skipped) == ("cost", 2, ())
    assert (row.cost_pico_usd, row.token_type, row.cost_type) == (1_230_000_000_000, "input", "tokens")
    assert row.list_pico_usd == (1_500_000_000_000 if "list_price" in COSTS[when] else None)
    assert (row.group.model, row.group.service_tier) == ("Claude Sonnet 4.5", "standard")
    assert found.dimensions == ("api_key," in COSTS[when]) + ("workspace" in COSTS[when])


def test_an_empty_month_is_an_export_too(tmp_path: Path) -> None:
    found = read_export(export(tmp_path, "claude_api_cost_2024_07.csv", COSTS["2024-07"], []))
    assert (found.lines, found.cost) == (0, ())


@pytest.mark.parametrize("change", [
    lambda text: "\ufeff" + text,
    lambda text: text.replace("\n", "\r\n"),
    lambda text: text.replace("\n", "\n\n"),
    lambda text: "\n".join('"' + part.replace(",", '","') + '"' for part in text.split("\n") if part),
    lambda text: text.replace(",", ";"),
    lambda text: text.replace("usage_date_utc", " Usage_Date_UTC "),
    lambda text: text.rstrip("\n"),
])  # fmt: skip
def test_what_editors_and_spreadsheets_do_to_a_file_changes_nothing(
    tmp_path: Path, change: Callable[[str], str]
) -> None:
    plain = export(tmp_path, "plain.csv", TOKENS_14, [{}, {"api_key": ""}])
    changed = tmp_path / "changed.csv"
    changed.write_bytes(change(plain.read_text(encoding="utf-8")).encode())
    assert read_export(changed).usage == read_export(plain).usage


@pytest.mark.parametrize("text", ["1234567", "1,234,567", "1 234 567", "1\u202f234\u202f567", "1'234'567", "1234567.0",
                                  "1.234.567"])  # fmt: skip
def test_thousands_may_be_set_apart(tmp_path: Path, text: str) -> None:
    found = read_export(export(tmp_path, "a.csv", TOKENS_14, [{"usage_output_tokens": text}]))
    assert [row.tokens.output for row in found.usage] == [1_234_567]


@pytest.mark.parametrize(("text", "pico"), [
    ("1,234.56", 1_234_560_000_000_000), ("$12.30", 12_300_000_000_000), ("-0.01", -10_000_000_000), (".5", 5 * 10**11),
    ("0.000000000001", 1), ("9,22", 9_220_000_000_000), ("-1.234,5", -1_234_500_000_000_000), ("1,234", 1_234 * 10**12),
])  # fmt: skip
def test_amounts(tmp_path: Path, text: str, pico: int) -> None:
    found = read_export(export(tmp_path, "a.csv", COSTS["2024-03"], [{"cost_usd": text}]))
    assert [row.cost_pico_usd for row in found.cost] == [pico]


@pytest.mark.parametrize(
    ("times", "name", "grain"),
    [
        (["2026-04-02 15:07"], "a.csv", MINUTE_S),
        (["2026-04-02 04:00", "2026-04-02 05:00"], "claude_api_tokens_2026_04_02.csv", HOUR_S),
        (["2026-04-02 15:00"], "claude_api_tokens_2026_04_02_15h_UTC.csv", MINUTE_S),
        (["2026-04-02"], "claude_api_tokens_2026_04.csv", DAY_S),
        (["2026-04"], "claude_api_tokens_2026.csv", MONTH_S),
        (["2026-04-02T04:00:00Z"], "a.csv", HOUR_S),
        (["2026-04-02T00:00:00Z"], "claude_api_tokens_2026_04_02.csv", HOUR_S),
        (["2026-04-02T00:00:00Z", "2026-04-03T00:00:00Z"], "claude_api_tokens_2026_04.csv", DAY_S),
    ],
)
def test_how_fine_a_file_is(tmp_path: Path, times: list[str], name: str, grain: int) -> None:
    found = read_export(export(tmp_path, name, TOKENS_14, [{"usage_date_utc": time} for time in times]))
    assert {row.grain_s for row in found.usage} == {found.grain_s} == {grain}


@pytest.mark.parametrize("text", [
    "2026-04-02 15:07", "2026-04-02 15:07:00", "2026-04-02T15:07", "2026-04-02T15:07Z", "2026-04-02T15:07:00Z",
    "2026-04-02T15:07:31.427722Z", "2026-04-02 15:07:31.5", "2026-04-02 15:07 UTC", "2026-04-02T15:07:00+00:00",
    "2026-04-02T17:07:00.000+02:00", "2026-04-02T09:37-0530", "2026-4-2 15:07", "2026-04-02T15:07:00,5Z",
])  # fmt: skip
def test_every_form_of_a_minute_is_the_same_minute(tmp_path: Path, text: str) -> None:
    found = read_export(export(tmp_path, "a.csv", TOKENS_14, [{"usage_date_utc": text}]))
    assert [(row.start_ms, row.grain_s) for row in found.usage] == [(1_775_142_420_000, MINUTE_S)]


@pytest.mark.parametrize("text", [
    "2026-04-02 24:07", "2026-04-02 15", "2026-04-02 15:7", "2026-04-02 15:07 CET", "2026-04-02T15:07+25", "20260402",
    "2026-04-31", "1775142420", "2026-04-02 15:07:61", "0001-01-01T00:00+05:00", "2026/04/02", "\u0662026-04-02",
])  # fmt: skip
def test_what_is_no_moment_is_skipped(tmp_path: Path, text: str) -> None:
    found = read_export(export(tmp_path, "a.csv", TOKENS_14, [{"usage_date_utc": text}]))
    assert (found.usage, len(found.skipped)) == ((), 1)
    assert "is no moment such as 2026-11-22 or 2026-11-22 14:05" in found.skipped[0].reason


def test_lines_that_cannot_be_used_are_named_by_number(tmp_path: Path) -> None:
    bad = [
        {"usage_output_tokens": "-5"}, {}, {"usage_date_utc": "Total"}, {"usage_output_tokens": "1,23"},
        {"usage_date_utc": "2026-02-30"}, {"web_search_count": "many"},
        {"usage_output_tokens": "9" * 400}, {"usage_date_utc": "1890-01-01"},
    ]  # fmt: skip
    path = export(tmp_path, "a.csv", TOKENS_14, bad)
    path.write_text(path.read_text() + "a,b\n")
    found = read_export(path)
    assert [skipped.number for skipped in found.skipped] == [2, 4, 5, 6, 7, 8, 9, 10]
    assert (found.lines, len(found.usage)) == (9, 1)
    assert "it has 2 fields, the first line names 14" in found.skipped[-1].reason


@pytest.mark.parametrize("content", [
    b"", b"\n\n", b"hello", b"a,b\n1,2\n", b"\x00\x01\x02", b"\xff\xfe\x41", b"\x89PNG\r\n\x1a\n\x00\x00",
    b"usage_date_utc,cost\n2026-01-01,5\n", b"<html>" * 100,
])  # fmt: skip
def test_a_file_that_is_no_export_is_refused_in_one_line(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "other.csv"
    path.write_bytes(content)
    with pytest.raises(AnthropicError, match="export one in the console") as refusal:
        read_export(path)
    assert "\n" not in str(refusal.value)
    with pytest.raises(AnthropicError, match="cannot be read"):
        read_export(tmp_path / "missing.csv")


@given(st.binary(max_size=300), st.sampled_from([TOKENS_14, COSTS["2026-08"], ""]))
def test_no_bytes_do_harm(tmp_path_factory: pytest.TempPathFactory, content: bytes, header: str) -> None:
    path = tmp_path_factory.getbasetemp() / "any.csv"
    path.write_bytes(header.encode() + b"\n" + content)
    try:
        found = read_export(path)
    except AnthropicError:
        return
    assert found.lines == len(found.usage) + len(found.cost) + len(found.skipped)
