"""The named analyses: each runs, adds up to what was logged, keeps to its range, and opens in plain sqlite3."""

from __future__ import annotations

import csv
import io
import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from tests.kit.answer_logs import UNKNOWN, session_id, some_answers, write_logs
from tests.kit.command_line import ANSWERS, Output, failure
from tests.kit.insight import read_tree
from tokentui.cli.run import run
from tokentui.queries.named import NAMES, AnalysisScope, analyses, run_analysis

NOW = datetime(2026, 11, 22, 10, tzinfo=UTC)
SUMMED = [name for name in NAMES if name not in ("recent-usage", "top-10", "run-detail", "anomalies", "verification",
                                                 "average-per-agent", "tools")]  # fmt: skip


@pytest.fixture(scope="module")
def reader(tmp_path_factory: pytest.TempPathFactory) -> Iterator[sqlite3.Connection]:
    folder = tmp_path_factory.mktemp("named")
    write_logs(folder, ANSWERS)
    with read_tree(folder, folder / "state.db") as reader:
        yield reader


def rows(reader: sqlite3.Connection, name: str, zone: str = "UTC", **scope: Any) -> list[dict[str, Any]]:
    found = run_analysis(reader, name, AnalysisScope(**scope), NOW, ZoneInfo(zone))
    return [dict(zip(found.columns, row, strict=True)) for row in found.rows]


@pytest.mark.parametrize("name", SUMMED)
def test_rows_add_up_to_all_responses(reader: sqlite3.Connection, name: str) -> None:
    found = rows(reader, name)
    assert sum(row["responses"] for row in found) == len(ANSWERS)
    if name != "agent-performance":
        assert sum(row["total_tokens"] for row in found) == sum(answer.tokens.total for answer in ANSWERS)


@pytest.mark.parametrize("name", [name for name in SUMMED if name != "agent-performance"])
def test_each_filter_narrows(reader: sqlite3.Connection, name: str) -> None:
    for field, value in (("project", "Project-A"), ("model", "OPUS"), ("session", session_id(2)[:8])):
        wanted = [
            answer
            for answer in ANSWERS
            if value.lower() in {"project": answer.project, "model": answer.model, "session": answer.session}[field]
        ]
        assert 0 < len(wanted) < len(ANSWERS)
        assert sum(row["responses"] for row in rows(reader, name, **{field: value})) == len(wanted)


def test_a_range_is_counted_in_whole_quarters(reader: sqlite3.Connection) -> None:
    since, until = ANSWERS[0].at - timedelta(hours=3), ANSWERS[0].at + timedelta(hours=3)
    found = run_analysis(reader, "by-model", AnalysisScope(since, until), NOW)
    first, end = found.scope.since, found.scope.until
    assert first is not None and end is not None  # noqa: PT018
    assert first <= since and until <= end and end - first < timedelta(hours=6, minutes=30)  # noqa: PT018
    inside = [answer for answer in ANSWERS if first <= answer.at < end]
    responses = found.columns.index("responses")
    assert inside
    assert sum(int(str(row[responses])) for row in found.rows) == len(inside)


@pytest.mark.parametrize("zone", ["UTC", "Asia/Kathmandu", "Australia/Lord_Howe", "America/St_Johns", "Europe/Berlin"])
def test_days_and_months_are_those_of_the_zone(tmp_path: Path, zone: str) -> None:
    answers = [answer for day in ("2026-03-28", "2026-04-04", "2026-10-24", "2026-10-31") for answer in
               some_answers(40, datetime.fromisoformat(f"{day}T12:00:00Z"), timedelta(hours=36), 8)]  # fmt: skip
    answers = [answer.__class__(index, answer.at, answer.model, answer.tokens, answer.session, answer.project)
               for index, answer in enumerate(answers)]  # fmt: skip
    write_logs(tmp_path, answers)
    with read_tree(tmp_path, tmp_path / "state.db") as reader:
        days, months = rows(reader, "daily-trend", zone), rows(reader, "monthly-cost", zone)
    for found, key, length in ((days, "day", 10), (months, "month", 7)):
        expected: dict[str, int] = {}
        for answer in answers:
            name = answer.at.astimezone(ZoneInfo(zone)).date().isoformat()[:length]
            expected[name] = expected.get(name, 0) + 1
        assert {row[key]: row["responses"] for row in found} == expected
    assert sum(row["change_pico_usd"] or 0 for row in days) == days[0]["cost_pico_usd"] - days[-1]["cost_pico_usd"]


def test_the_last_24_hours_and_the_ten_largest(reader: sqlite3.Connection) -> None:
    now = max(answer.at for answer in ANSWERS)
    found = run_analysis(reader, "recent-usage", AnalysisScope(), now)
    since = int((now - timedelta(hours=24)).timestamp() * 1000)
    assert min(int(str(row[0])) for row in found.rows) >= since
    largest = rows(reader, "top-10")
    assert [row["total_tokens"] for row in largest] == sorted((row["total_tokens"] for row in largest), reverse=True)


def test_one_run_in_detail_adds_up_to_the_run(reader: sqlite3.Connection) -> None:
    one = session_id(1)
    found = rows(reader, "run-detail", session=one)
    assert sum(row["total_tokens"] for row in found) == sum(a.tokens.total for a in ANSWERS if a.session == one)
    assert {row["agent"] for row in found} == {"", "a1b2"}
    assert rows(reader, "run-detail") == []


def test_a_session_far_above_the_others_is_an_anomaly(tmp_path: Path) -> None:
    answers = [
        answer.__class__(number, answer.at, "claude-haiku-4-5",
                         answer.tokens._replace(output=90_000 * (number == 7) + 9), session_id(number), "/work/p")
        for number, answer in enumerate(some_answers(12, NOW, timedelta(hours=2)))
    ]  # fmt: skip
    write_logs(tmp_path, answers)
    with read_tree(tmp_path, tmp_path / "state.db") as reader:
        found = rows(reader, "anomalies")
    assert [row["session"] for row in found] == [session_id(7)]
    assert found[0]["times_mean"] > 3


def test_verification_finds_nothing_wrong_here(reader: sqlite3.Connection) -> None:
    found = {row["check"]: row for row in rows(reader, "verification")}
    assert found["responses stored"]["value"] == len(ANSWERS)
    wrong = {name for name, row in found.items() if row["ok"] == 0}
    assert wrong == {"responses without a price"}
    assert found["responses without a price"]["value"] == sum(answer.model == UNKNOWN for answer in ANSWERS)


@pytest.mark.parametrize("name", NAMES)
def test_the_statement_runs_elsewhere_and_says_what_it_is(reader: sqlite3.Connection, name: str) -> None:
    analysis = analyses()[name]
    assert analysis.title
    assert analysis.title.endswith((".", "range."))
    path = reader.execute("PRAGMA database_list").fetchone()[2]
    with closing(sqlite3.connect(path)) as plain:
        names = ("since_ms", "until_ms", "project", "model", "session", "now_ms", "offsets")
        unset = plain.execute(analysis.statement, dict.fromkeys(names)).fetchall()
        emptied = dict.fromkeys(names, "") | {"now_ms": None, "offsets": None}  # as Datasette's form sends it
        assert plain.execute(analysis.statement, emptied).fetchall() == unset


VIEWS = {
    "local_minutes": "usage_date_utc", "agent_names": "agent_row", "quarter_usage": "at_ms", "daily_spend": "day",
    "model_usage": "model", "cache_efficiency": "cache_hit_rate", "agent_matrix": "agent_type",
}  # fmt: skip


def test_the_views_are_there_and_agree(reader: sqlite3.Connection) -> None:
    for view, column in VIEWS.items():
        assert reader.execute(f"SELECT {column} FROM {view}").fetchall()
        comment = reader.execute("SELECT sql FROM sqlite_master WHERE name = ?", (view,)).fetchone()[0]
        assert comment.startswith("CREATE VIEW")
        assert "-- " in comment or view == "local_minutes"
    exact = reader.execute("SELECT sum(ifnull(cost_pico_usd, 0)) FROM response").fetchone()
    for view in ("quarter_usage", "daily_spend", "model_usage", "cache_efficiency", "agent_matrix"):
        assert reader.execute(f"SELECT sum(cost_pico_usd) FROM {view}").fetchone() == exact


# The command.


def test_the_command_lists_them(home: Path, output: Output) -> None:
    assert run(["query"]) == 0
    assert [line.split()[0] for line in output.readouterr().out.splitlines()] == list(NAMES)
    assert run(["query", "--json"]) == 0
    answer = json.loads(output.readouterr().out)
    assert (answer["schema_version"], [row["name"] for row in answer["rows"]]) == (1, list(NAMES))


def test_answers_as_json_csv_and_table(home: Path, output: Output) -> None:
    assert run(["query", "by-model", "--json"]) == 0
    answer = json.loads(output.readouterr().out)
    assert (answer["schema_version"], answer["analysis"]) == (1, "by-model")
    assert sum(row["responses"] for row in answer["rows"]) == len(ANSWERS)
    unpriced = next(row for row in answer["rows"] if row["model"] == UNKNOWN)
    assert unpriced["cost_usd"] is None
    assert run(["query", "by-model", "--csv"]) == 0
    found = list(csv.DictReader(io.StringIO(output.readouterr().out)))
    assert [row["cost_usd"] or None for row in found] == [row["cost_usd"] for row in answer["rows"]]
    assert run(["query", "by-model"]) == 0
    assert "Cost is an estimate at list price." in output.readouterr().out


@pytest.mark.parametrize("name", [name for name in NAMES if "unpriced_responses" in analyses()[name].statement])
def test_what_has_no_price_has_no_average_and_no_saving_either(home: Path, output: Output, name: str) -> None:
    session = ["--session", session_id(1)] if name == "run-detail" else []
    assert run(["query", name, "--model", UNKNOWN, "--json", *session]) == 0
    for row in json.loads(output.readouterr().out)["rows"]:
        assert row["unpriced_responses"]
        assert {value for name, value in row.items() if name.endswith("_usd")} <= {None}
    assert run(["query", name, "--model", UNKNOWN, *session]) == 0
    assert "$0.00" not in output.readouterr().out


def test_what_is_worked_out_from_a_lower_bound_is_one(home: Path, output: Output) -> None:
    assert run(["query", "agent-performance"]) == 0
    _, header, *lines, _ = output.readouterr().out.splitlines()
    start = header.index("cost  ")
    for line in lines:
        per_agent = line[start + len("cost") :].split()[0]
        assert per_agent.startswith("≥$")


@pytest.mark.parametrize("name", NAMES)
def test_every_analysis_prints_a_table(home: Path, output: Output, name: str) -> None:
    session = ["--session", session_id(1)] if name == "run-detail" else []
    assert run(["query", name, "--tz", "Europe/Berlin", *session]) == 0
    assert output.readouterr().out
    assert run(["query", name, "--sql"]) == 0
    assert output.readouterr().out == analyses()[name].statement


def test_an_unknown_name_or_range_and_a_missing_session_are_refused(home: Path, output: Output) -> None:
    assert run(["query", "by-moon"]) == 2
    assert "`tokentui query` lists them" in failure(output)
    assert run(["query", "run-detail"]) == 2
    assert "--session" in failure(output)
    assert run(["query", "by-model", "--since", "tuesday-ish"]) == 2
