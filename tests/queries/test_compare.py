"""Two things side by side, each found by its name and summed right."""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from tests.kit.answer_logs import UNKNOWN, Answer, session_id, some_answers, write_logs
from tests.kit.command_line import ANSWERS, Output, failure, terminal_of
from tests.kit.insight import read_tree
from tests.kit.stores import NewDatabase
from tokentui.cli.run import run
from tokentui.instants import ms_of
from tokentui.queries.compare.figures import times
from tokentui.queries.compare.screen import choices_of, comparison
from tokentui.queries.compare.side_by_side import compare
from tokentui.queries.compare.subjects import Calendar, CompareError, SideKind

CALENDAR = Calendar(datetime(2026, 11, 22, 10, tzinfo=UTC), UTC)
WEEKS = [
    Answer(number, answer.at, answer.model, answer.tokens, answer.session, answer.project)
    for number, answer in enumerate(some_answers(80, datetime(2026, 10, 12, tzinfo=UTC), timedelta(days=21)))
]


@pytest.fixture(scope="module")
def reader(tmp_path_factory: pytest.TempPathFactory) -> Iterator[sqlite3.Connection]:
    folder = tmp_path_factory.mktemp("compare")
    write_logs(folder, ANSWERS)
    with read_tree(folder, folder / "state.db") as reader:
        yield reader


@pytest.mark.parametrize(
    ("text", "kind", "wanted"),
    [
        (session_id(1)[:8], "session", lambda answer: answer.session == session_id(1)),
        (f"session:{session_id(2)}", "session", lambda answer: answer.session == session_id(2)),
        ("haiku", "model", lambda answer: "haiku" in answer.model),
        ("model:OPUS", "model", lambda answer: "opus" in answer.model),
        ("project-a", "project", lambda answer: answer.project == "/work/project-a"),
        ("project:Work", "project", lambda _: True),
    ],
)
def test_each_side_is_summed(reader: sqlite3.Connection, text: str, kind: str, wanted: object) -> None:
    side, other = compare(reader, text, "week:2026-11-20", CALENDAR)
    found = [answer for answer in ANSWERS if wanted(answer)]  # type: ignore[operator]
    assert (side.kind, side.responses) == (kind, len(found))
    assert side.tokens.total == sum(answer.tokens.total for answer in found)
    assert side.money.unpriced_responses == sum(answer.model == UNKNOWN for answer in found)
    assert side.agents == len({(answer.session, answer.agent) for answer in found})
    assert side.sessions == len({answer.session for answer in found})
    assert other.responses == len(ANSWERS)


@pytest.mark.parametrize("zone", ["UTC", "Pacific/Auckland", "America/St_Johns"])
@pytest.mark.parametrize("week_start", [0, 6])
def test_weeks_are_those_of_the_calendar(tmp_path: Path, new_database: NewDatabase, zone: str, week_start: int) -> None:
    write_logs(tmp_path, WEEKS)
    now = datetime(2026, 10, 28, 10, tzinfo=UTC)
    with read_tree(tmp_path, new_database()) as reader:
        this, last = compare(reader, "this-week", "week:last", Calendar(now, ZoneInfo(zone), week_start))
        named, _ = compare(reader, f"week:{this.name}", "2026-W43", Calendar(now, ZoneInfo(zone), week_start))
    for side in (this, last):
        first = date.fromisoformat(side.name)
        assert first.weekday() == week_start
        days = [answer.at.astimezone(ZoneInfo(zone)).date() for answer in WEEKS]
        assert side.responses == sum(first <= day < first + timedelta(days=7) for day in days)
    assert this.name > last.name
    assert named == this


def test_what_cannot_be_found_is_said(reader: sqlite3.Connection) -> None:
    for text in ("nothing like it", "session:zzz", "model:gpt", "project:", "week:2026-02-30", "", "week:soon"):
        with pytest.raises(CompareError):
            compare(reader, text, "haiku", CALENDAR)
    for text in ("week:9999-12-31", "9999-12-30", "2026-W99"):
        with pytest.raises(CompareError, match="is no week: give a day in it"):
            compare(reader, text, "haiku", CALENDAR)
    with pytest.raises(CompareError, match="several sessions"):
        compare(reader, "session:0000000", "haiku", CALENDAR)


def test_compare_stands_in_100_cells_and_gives_null_for_what_has_no_price(home: Path, output: Output) -> None:
    assert run(["compare", "opus", "haiku"]) == 0
    lines = output.readouterr().out.splitlines()
    assert {"sessions", "cost", "models"} <= {line.split("  ")[0] for line in lines}
    assert max(map(len, lines)) < 100
    assert run(["compare", session_id(1)[:8], "house-1", "--json"]) == 0
    rows = json.loads(output.readouterr().out)["rows"]
    assert [row["kind"] for row in rows] == ["session", "model"]
    unpriced = ("cost_usd", "cost_per_response_usd", "cost_per_agent_usd", "saved_by_cache_usd")
    assert [rows[1][name] for name in unpriced] == [None] * 4
    assert [model["cost_usd"] for model in rows[1]["models"]] == [None]
    assert run(["compare", "opus", "nobody"]) == 2
    assert "'nobody' is no session" in failure(output)


@pytest.mark.parametrize(
    ("left", "right", "said"),
    [(4, 5, "×1.25"), (1_000, 4, "<×0.01"), (1_000, 5, "×0.01"), (7, 0, "×0.00"), (0, 7, "–"), (None, 7, "–"),
     (7, None, "–"), (1, 999.5, "×999.50"), (0.01, 123.4, "×12.3k")],
)  # fmt: skip
def test_only_nothing_is_zero_times_as_much(left: float | None, right: float | None, said: str) -> None:
    assert times(left, right) == said


@pytest.mark.parametrize("cells", [50, 60, 80])
def test_figures_are_whole_on_a_narrow_terminal(
    home: Path, output: Output, monkeypatch: pytest.MonkeyPatch, cells: int
) -> None:
    assert run(["compare", "opus", "haiku"]) == 0
    piped = [line.split() for line in output.readouterr().out.splitlines() if "×" in line]
    terminal = terminal_of(cells, monkeypatch)
    assert run(["compare", "opus", "haiku"]) == 0
    lines = terminal.getvalue().splitlines()
    assert [line.split() for line in lines if "×" in line] == piped
    assert max(map(len, lines)) <= cells


def test_what_has_no_price_is_neither_free_nor_compared(home: Path, output: Output) -> None:
    assert run(["compare", "opus", "house-1"]) == 0
    lines = [re.split(" {2,}", line) for line in output.readouterr().out.splitlines()]
    told = {name: figures for name, *figures in lines if name.startswith(("cost", "saved"))}
    assert [figures[1:] for figures in told.values()] == [["?", "–"]] * 4
    assert all(figures[0].lstrip("≥").startswith("$") for figures in told.values())


@pytest.mark.parametrize("kind", ["session", "project", "week", "model"])
def test_all_choices_of_a_kind_come_to_the_whole(reader: sqlite3.Connection, kind: SideKind) -> None:
    choices = choices_of(reader, kind, CALENDAR)
    assert sum(choice.total_tokens for choice in choices) == sum(answer.tokens.total for answer in ANSWERS)
    assert sum(choice.responses for choice in choices) == len(ANSWERS)
    for choice in choices:
        side, _ = compare(reader, f"{kind}:{choice.name}", f"{kind}:{choice.name}", CALENDAR)
        assert (side.responses, side.tokens.total, side.money.pico_usd) == (
            choice.responses, choice.total_tokens, choice.money.pico_usd,
        )  # fmt: skip


@pytest.mark.parametrize("kind", ["session", "project", "week", "model"])
def test_choices_tell_to_the_moment_when_they_were_last_used(reader: sqlite3.Connection, kind: SideKind) -> None:
    choices = choices_of(reader, kind, CALENDAR)
    assert max(choice.last_at_ms for choice in choices) == max(ms_of(answer.at) for answer in ANSWERS)
    assert {choice.last_at_ms for choice in choices} <= {ms_of(answer.at) for answer in ANSWERS}


def test_names_left_empty_are_the_first_choices_and_the_older_week_stands_on_the_left(
    tmp_path: Path, new_database: NewDatabase
) -> None:
    write_logs(tmp_path, WEEKS)
    with read_tree(tmp_path, new_database()) as reader:
        weeks = comparison(reader, "week", ("", ""), CALENDAR)
        newest, before = weeks.choices[:2]
        assert [side.name for side in weeks.sides] == [before.name, newest.name]
        models = comparison(reader, "model", ("", ""), CALENDAR)
        assert [side.name for side in models.sides] == [choice.name for choice in models.choices[:2]]
        one = comparison(reader, "model", ("", models.choices[0].name), CALENDAR)
        assert [side.name for side in one.sides] == [models.choices[1].name, models.choices[0].name]
        lost = comparison(reader, "project", ("/nowhere", ""), CALENDAR)
        assert lost.sides == ()
        assert "/nowhere" in lost.trouble


def test_with_less_than_two_things_there_is_less_than_two_sides(tmp_path: Path, new_database: NewDatabase) -> None:
    with read_tree(tmp_path, new_database()) as reader:
        assert comparison(reader, "week", ("", ""), CALENDAR).sides == ()
    write_logs(tmp_path, ANSWERS[:1])
    with read_tree(tmp_path, new_database()) as reader:
        assert len(comparison(reader, "session", ("", ""), CALENDAR).sides) == 1


def test_an_exact_name_stands_alone(tmp_path: Path, new_database: NewDatabase) -> None:
    places = ("/work/app", "/work/app/docs")
    answers = [
        Answer(number, one.at, one.model, one.tokens, session_id(number % 2 + 1), places[number % 2])
        for number, one in enumerate(some_answers(20, datetime(2026, 11, 2, tzinfo=UTC), timedelta(days=1)))
    ]
    write_logs(tmp_path, answers)
    with read_tree(tmp_path, new_database()) as reader:
        exact, part = compare(reader, "project:/work/app", "project:app", CALENDAR)
        assert (exact.responses, part.responses) == (10, 20)
