"""The hour that the project began with: 21 minutes of an export, its figures, and why its cost was wrong."""

from __future__ import annotations

from contextlib import closing
from datetime import date
from pathlib import Path

import pytest

from tests.anthropic.test_imports import put
from tests.kit.admin_api import HAIKU, NOW, SONNET
from tests.kit.console_files import TOKENS_12, export
from tests.kit.stores import NewDatabase
from tokentui.figures import format_share
from tokentui.pricing.book import RateBook
from tokentui.queries.reckoning.billing import BillingGrouping, billing
from tokentui.records import Tokens, cache_hit_rate
from tokentui.store.database import open_reader

WHOLE = {
    HAIKU: Tokens(input=9_459, output=2_888, cache_write_5m=16_000, cache_write_1h=0, cache_read=120_912),
    SONNET: Tokens(input=26_385, output=4_494, cache_write_5m=30_000, cache_write_1h=12_196, cache_read=388_000),
}
MINUTES = {HAIKU: 7, SONNET: 14}
DAY = date(2025, 11, 28)


def minute_rows() -> list[dict[str, str]]:
    """21 rows that add up to the hour; the rest of a division goes into the last minute."""
    rows = []
    for model, whole in WHOLE.items():
        count = MINUTES[model]
        for minute in range(count):
            parts = [kind // count + (kind % count if minute == count - 1 else 0) for kind in whole]
            rows.append({
                "usage_date_utc": f"2025-11-28 15:{minute * 3 + (model == SONNET):02}", "model_version": model,
                "usage_input_tokens_no_cache": str(parts[0]), "usage_output_tokens": str(parts[1]),
                "usage_input_tokens_cache_write_5m": str(parts[2]), "usage_input_tokens_cache_write_1h": str(parts[3]),
                "usage_input_tokens_cache_read": str(parts[4]), "web_search_count": "0",
            })  # fmt: skip
    return rows


@pytest.fixture
def database(tmp_path: Path, new_database: NewDatabase) -> Path:
    path = new_database()
    rows = minute_rows()
    assert len(rows) == 21
    (imported,) = put(path, export(tmp_path, "claude_api_tokens_2025_11_28_15h_UTC.csv", TOKENS_12, rows))
    assert imported.rows == 21
    return path


def by(database: Path, grouping: BillingGrouping) -> dict[str, tuple[Tokens, int]]:
    with closing(open_reader(database)) as reader:
        found = billing(reader, RateBook(), NOW, grouping, DAY, DAY.replace(day=29))
    rows = {row.name: row for row in (*found.rows, found.total)}
    return {
        name: (row.reported_tokens, row.reported.pico_usd)
        for name, row in rows.items()
        if row.reported_tokens is not None and row.reported is not None
    }


def test_the_tokens_and_their_shares(database: Path) -> None:
    tokens, _ = by(database, "day")["2025-11-28"]
    assert (tokens.input, tokens.cache_write, tokens.cache_read, tokens.output) == (35_844, 58_196, 508_912, 7_382)
    assert tokens.total == 610_334
    assert format_share(cache_hit_rate(tokens)) == "84.4 %"
    parts = (tokens.input, tokens.cache_write, tokens.cache_read, tokens.output)
    assert [format_share(part / tokens.total) for part in parts] == ["5.9 %", "9.5 %", "83.4 %", "1.2 %"]


def test_the_models_without_reads(database: Path) -> None:
    models = by(database, "model")
    assert models["claude-haiku-4-5"][0].fresh == 28_347
    assert models["claude-sonnet-4-5"][0].fresh == 73_075


def test_the_cost_is_each_models_own(database: Path) -> None:
    haiku = 9_459 * 1_000 + 16_000 * 1_250 + 120_912 * 100 + 2_888 * 5_000
    sonnet = 26_385 * 3_000 + 30_000 * 3_750 + 12_196 * 6_000 + 388_000 * 300 + 4_494 * 15_000
    models = by(database, "model")
    assert models["claude-haiku-4-5"][1] == haiku * 1_000
    assert models["claude-sonnet-4-5"][1] == sonnet * 1_000
    assert by(database, "day")["2025-11-28"][1] == 504_631_200_000  # $0.50, in pico-dollars


def test_why_80_cents_was_wrong() -> None:
    """It took every token for Sonnet's, and writes at $7.50, which is neither lifetime's price.

    Writes cost 1.25 times input for 5 minutes ($3.75) and twice for an hour ($6). Even with every token Sonnet's and
    every write for an hour the hour cannot have cost more than $0.72.
    """
    whole = [sum(column) for column in zip(*WHOLE.values(), strict=True)]
    uncached, output, writes, reads = whole[0], whole[1], whole[2] + whole[3], whole[4]
    published = uncached * 3.0 + writes * 7.5 + reads * 0.3 + output * 15.0
    assert published / 1e6 == pytest.approx(0.8074056)
    dearest = uncached * 3.0 + writes * 6.0 + reads * 0.3 + output * 15.0
    assert dearest / 1e6 == pytest.approx(0.7201116)
