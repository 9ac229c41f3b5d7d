"""Several exports of the same time: nothing counts twice, and each may be taken out again."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import closing
from pathlib import Path

import pytest

from tests.kit.admin_api import NOW, asked
from tests.kit.console_files import COSTS, TOKENS_12, TOKENS_14, export
from tests.kit.stores import NewDatabase
from tokentui.anthropic.exports import read_export
from tokentui.queries.reckoning.reported.rows import cost_by_day, groups, usage_by_day
from tokentui.records import Tokens
from tokentui.store.database import open_reader, open_writer
from tokentui.store.imports import Imported, add_export, undo_import

NOW_MS = int(NOW.timestamp() * 1000)


def put(database: Path, *paths: Path) -> list[Imported]:
    with closing(open_writer(database)) as connection:
        return [add_export(connection, read_export(path), NOW_MS) for path in paths]


def counted(database: Path) -> dict[tuple[str, str], Tokens]:
    """Tokens by day and key, each once."""
    with closing(open_reader(database)) as reader:
        whose = groups(reader)
        sums: dict[tuple[str, str], Tokens] = {}
        for row in usage_by_day(reader, "csv", 0, 1 << 60, whose):
            key = (str(row.day_ms // 86_400_000 - 20_544), whose[row.group_id].api_key)
            sums[key] = sums.get(key, Tokens()).plus(row.tokens)
        return sums


def billed_usd(database: Path) -> float:
    with closing(open_reader(database)) as reader:
        return sum(row.cost_pico_usd for row in cost_by_day(reader, "csv", 0, 1 << 60, groups(reader))) / 1e12


def rows(times: Iterable[str], **values: str) -> list[dict[str, str]]:
    return [{"usage_date_utc": time, **values} for time in times]


def test_the_same_file_counts_once_whatever_it_is_called(tmp_path: Path, new_database: NewDatabase) -> None:
    database = new_database()
    path = export(tmp_path, "a.csv", TOKENS_14)
    twin = tmp_path / "b.csv"
    twin.write_bytes(b"\xef\xbb\xbf" + path.read_bytes().replace(b"\n", b"\r\n"))
    first, again = put(database, path, twin)
    assert (first.is_new, again.is_new, again.import_id) == (True, False, first.import_id)
    assert counted(database) == {("1", "build"): Tokens(11, 55, 22, 33, 44)}


def test_a_day_by_the_hour_is_not_added_to_the_same_day_of_a_month(tmp_path: Path, new_database: NewDatabase) -> None:
    month = export(tmp_path, "month.csv", TOKENS_14, rows(["2026-04-02", "2026-04-03"], usage_output_tokens="240"))
    hours = [f"2026-04-02 {hour:02}:00" for hour in range(24)]
    day = export(tmp_path, "day.csv", TOKENS_14, rows(hours, usage_output_tokens="10"))
    for order in ((month, day), (day, month)):
        database = new_database()
        put(database, *order)
        assert [tokens.output for tokens in counted(database).values()] == [240, 240]


def test_an_hour_by_the_minute_leaves_the_rest_of_its_day(tmp_path: Path, new_database: NewDatabase) -> None:
    zero = {"usage_input_tokens_no_cache": "0", "usage_input_tokens_cache_write_5m": "0",
            "usage_input_tokens_cache_write_1h": "0", "usage_input_tokens_cache_read": "0"}  # fmt: skip
    day = export(tmp_path, "day.csv", TOKENS_14, rows(["2026-04-02"], usage_output_tokens="1000", **zero))
    hour = export(tmp_path, "hour.csv", TOKENS_14,
                  rows(["2026-04-02 15:01", "2026-04-02 15:02"], usage_output_tokens="30", **zero))  # fmt: skip
    database = new_database()
    put(database, day, hour)
    assert counted(database) == {("1", "build"): Tokens(output=1000)}


def test_of_two_files_of_one_grain_the_fuller_counts(tmp_path: Path, new_database: NewDatabase) -> None:
    early = export(tmp_path, "early.csv", TOKENS_14, rows(["2026-04-02"], usage_output_tokens="50"))
    late = export(tmp_path, "late.csv", TOKENS_14, rows(["2026-04-02", "2026-04-03"], usage_output_tokens="70"))
    for order in ((early, late), (late, early)):
        database = new_database()
        put(database, *order)
        assert [tokens.output for tokens in counted(database).values()] == [70, 70]


def test_keys_and_models_of_other_files_are_added(tmp_path: Path, new_database: NewDatabase) -> None:
    database = new_database()
    put(database, export(tmp_path, "a.csv", TOKENS_14, rows(["2026-04-02"], api_key="one")),
        export(tmp_path, "b.csv", TOKENS_12, rows(["2026-04-02"], api_key="two")))  # fmt: skip
    assert set(counted(database)) == {("1", "one"), ("1", "two")}


def test_a_file_that_names_no_key_is_not_added_to_one_that_does(tmp_path: Path, new_database: NewDatabase) -> None:
    database = new_database()
    put(database, export(tmp_path, "a.csv", COSTS["2024-07"]), export(tmp_path, "b.csv", COSTS["2024-08"]))
    assert billed_usd(database) == pytest.approx(1.23)


def test_repeated_keys_of_one_cost_file_are_summed_and_files_are_not(tmp_path: Path, new_database: NewDatabase) -> None:
    twice = [{"cost_usd": "9.22"}, {"cost_usd": "11.63"}]
    database = new_database()
    first, _ = put(database, export(tmp_path, "a.csv", COSTS["2026-03"], twice),
                   export(tmp_path, "b.csv", COSTS["2026-08"], twice))  # fmt: skip
    assert first.rows == 1
    assert billed_usd(database) == pytest.approx(20.85)
    assert asked(database, "SELECT DISTINCT lines FROM billed_cost") == [(2,)]


def test_an_undone_import_leaves_no_trace_and_may_come_again(tmp_path: Path, new_database: NewDatabase) -> None:
    database = new_database()
    kept = export(tmp_path, "kept.csv", TOKENS_14, rows(["2026-04-02"], usage_output_tokens="50"))
    undone = export(tmp_path, "undone.csv", TOKENS_14, rows(["2026-04-02", "2026-04-03"], usage_output_tokens="70"))
    put(database, kept)
    before = counted(database)
    (imported,) = put(database, undone)
    assert counted(database) != before
    with closing(open_writer(database)) as connection:
        assert undo_import(connection, imported.import_id) == 2
        assert undo_import(connection, imported.import_id) is None
        assert undo_import(connection, 0) is None
    assert counted(database) == before
    (again,) = put(database, undone)
    assert (again.is_new, again.import_id) == (True, imported.import_id + 1)


def test_an_empty_export_is_kept_too(tmp_path: Path, new_database: NewDatabase) -> None:
    assert put(new_database(), export(tmp_path, "a.csv", COSTS["2024-07"], []))[0].rows == 0
