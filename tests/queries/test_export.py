"""Export: every row once, in a stable order, one at a time, under documented columns."""

from __future__ import annotations

import csv
import io
import json
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.kit.answer_logs import UNKNOWN, write_logs
from tests.kit.command_line import ANSWERS, Output
from tests.kit.insight import read_tree
from tests.kit.stores import NewDatabase
from tokentui.cli.printing.rows import write_csv, write_json_lines
from tokentui.cli.run import run
from tokentui.instants import ms_of
from tokentui.pricing.book import RateBook
from tokentui.pricing.price import pricer
from tokentui.queries.export import EXPORT_KINDS, Export, export
from tokentui.records import BilledUsage
from tokentui.store.database import open_writer

Writer = Callable[[Sequence[str], Iterable[Sequence[Any]]], None]
ALERT = """CREATE TABLE alert (rule, subject, grade, session_id, agents, unit, evidence, value, limit_value, peak,
    peak_at_ms, raised_at_ms, last_at_ms, ended_at_ms, times, acknowledged_at_ms)"""


def exported(output: Output, *arguments: str) -> list[dict[str, str]]:
    assert run(["export", *arguments]) == 0
    return list(csv.DictReader(io.StringIO(output.readouterr().out)))


def test_responses_are_all_there_in_order(home: Path, output: Output) -> None:
    found = exported(output, "responses")
    ordered = sorted(ANSWERS, key=lambda answer: (answer.at, answer.number))
    assert [row["message_id"] for row in found] == [f"msg_{answer.number:06}" for answer in ordered]
    price = pricer(RateBook())
    for row, answer in zip(found, ordered, strict=True):
        assert datetime.fromisoformat(row["at"]) == answer.at
        counts = ("input", "output", "cache_write_5m", "cache_write_1h", "cache_read")
        assert tuple(int(row[f"{name}_tokens"]) for name in counts) == answer.tokens
        cost = price(BilledUsage(answer.model, answer.tokens), ms_of(answer.at)).cost_pico_usd
        assert (row["cost_usd"] == "") == (answer.model == UNKNOWN) == (cost is None)
        if cost is not None:
            assert round(float(row["cost_usd"]) * 1e12) == pytest.approx(cost)


def test_json_lines_say_the_same_as_csv(home: Path, output: Output) -> None:
    for kind in EXPORT_KINDS:
        rows = exported(output, kind)
        assert run(["export", kind, "--format", "jsonl"]) == 0
        lines = [json.loads(line) for line in output.readouterr().out.splitlines()]
        said = [{name: "" if value is None else str(value) for name, value in line.items()} for line in lines]
        assert said == rows
        assert run(["export", kind]) == 0
        first = output.readouterr().out
        assert run(["export", kind]) == 0
        assert output.readouterr().out == first


def test_minutes_and_sessions_add_up(home: Path, output: Output) -> None:
    minutes, sessions = exported(output, "minutes"), exported(output, "sessions")
    assert sum(int(row["responses"]) for row in minutes) == len(ANSWERS)
    assert sum(int(row["usage_output_tokens"]) for row in minutes) == sum(a.tokens.output for a in ANSWERS)
    assert sum(int(row["total_tokens"]) for row in sessions) == sum(a.tokens.total for a in ANSWERS)
    assert [row["usage_date_utc"] for row in minutes] == sorted(row["usage_date_utc"] for row in minutes)
    assert {row["session"] for row in sessions} == {answer.session for answer in ANSWERS}


def test_a_range_leaves_out_the_rest(home: Path, output: Output) -> None:
    at = datetime(2026, 11, 20, 12, tzinfo=UTC)
    later = [answer for answer in ANSWERS if answer.at >= at]
    assert len(exported(output, "responses", "--since", "2026-11-20T12:00", "--tz", "UTC")) == len(later)
    assert len(exported(output, "responses", "--until", "2026-11-20T12:00")) == len(ANSWERS) - len(later)
    minutes = exported(output, "minutes", "--since", "2026-11-20T12:00", "--tz", "UTC")
    assert sum(int(row["responses"]) for row in minutes) == len(later)


def test_alerts_are_exported_where_there_are_any(tmp_path: Path, new_database: NewDatabase) -> None:
    database = new_database()
    with closing(open_writer(database)) as writer:
        writer.execute("DROP TABLE IF EXISTS alert")
        writer.execute(ALERT)
        for number in (2, 1):
            writer.execute(
                "INSERT INTO alert (rule, subject, raised_at_ms, value) VALUES ('spend', 's', ?, 1.5)", (number,)
            )
    with read_tree(tmp_path, database) as reader:
        found = export(reader, "alerts")
        assert [row[0] for row in found.rows] == [1, 2]
        assert found.columns[:2] == ("raised_at_ms", "last_seen_at_ms")
        assert [row[0] for row in export(reader, "alerts", 2).rows] == [2]


def test_rows_are_read_as_they_are_asked_for(tmp_path: Path, new_database: NewDatabase) -> None:
    write_logs(tmp_path, ANSWERS)
    with read_tree(tmp_path, new_database()) as reader:
        rows = export(reader, "responses").rows
        assert next(rows)[0] == min(int(answer.at.timestamp() * 1000) for answer in ANSWERS)
        plan = str(reader.execute("EXPLAIN QUERY PLAN SELECT * FROM response ORDER BY at_ms, message_id").fetchall())
        assert "response_by_time" in plan


@pytest.mark.parametrize("kind", EXPORT_KINDS)
def test_the_readme_names_the_columns(home: Path, output: Output, kind: str) -> None:
    assert run(["export", kind]) == 0
    columns = output.readouterr().out.splitlines()[0].split(",")
    readme = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
    row = next(line for line in readme.splitlines() if line.startswith(f"| {kind} |"))
    assert row.split("|")[2].strip().split(", ") == columns


@pytest.mark.parametrize("write", [write_csv, write_json_lines])
def test_each_row_is_written_before_many_more_are_read(write: Writer, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is gathered on the way: the rows that were read and not yet written are never more than one."""
    read = written = 0

    class Pipe(io.StringIO):
        def write(self, text: str) -> int:
            nonlocal written
            written += text.count("\n")
            return len(text)

    def rows() -> Iterator[tuple[int, int]]:
        nonlocal read
        for number in range(5_000):
            read += 1
            yield number, number * 10
            assert read - written <= 1  # the header makes up for one

    monkeypatch.setattr("sys.stdout", Pipe())
    write(("number", "tens"), rows())
    assert written in (5_000, 5_001)


def test_no_export_holds_the_history_in_mapped_memory(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[int] = []

    def look(connection: sqlite3.Connection, *arguments: object) -> Export:
        seen.append(connection.execute("PRAGMA mmap_size").fetchone()[0])
        return export(connection, *arguments)  # type: ignore[arg-type]

    monkeypatch.setattr("tokentui.cli.export.export", look)
    assert run(["export", "responses"]) == 0
    assert seen == [0]
