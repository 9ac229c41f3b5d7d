"""Reports against plain Python: every grouping, zone, range and filter, and the shape of the answers."""

from __future__ import annotations

import csv
import io
import json
import re
import threading
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from tests.kit.answer_logs import HAIKU, OPUS, UNKNOWN, Answer, session_id, some_answers, write_logs
from tests.kit.command_line import terminal_of
from tokentui.cli.printing.answers import report_csv, report_json, usd_text
from tokentui.cli.printing.table import cost_text, print_report
from tokentui.fresh import bring_up_to_date
from tokentui.instants import ms_of
from tokentui.pricing.book import RateBook
from tokentui.pricing.price import pricer
from tokentui.queries.reports.report import (
    GROUPINGS,
    TIME_GROUPINGS,
    Grouping,
    Report,
    ReportQuestion,
    ReportRow,
    report,
    reporting,
    sum_of,
)
from tokentui.queries.sums.scoped import ReportScope, Used
from tokentui.records import BilledUsage, Tokens
from tokentui.store.database import open_reader
from tokentui.workspace import Workspace, open_workspace

ZONES = ("UTC", "Europe/Berlin", "Asia/Kolkata", "Asia/Kathmandu", "Australia/Lord_Howe", "America/St_Johns")
AROUND_THE_CHANGES = (
    (datetime(2026, 3, 28, tzinfo=UTC), timedelta(hours=48)),
    (datetime(2026, 10, 24, 12, tzinfo=UTC), timedelta(hours=36)),
    (datetime(2026, 4, 4, 12, tzinfo=UTC), timedelta(hours=12)),
    (datetime(2026, 1, 30, tzinfo=UTC), timedelta(days=5)),
    (datetime(2026, 3, 28, 22, tzinfo=UTC), timedelta(minutes=20)),
)
NOW = datetime(2026, 11, 22, 10, 0, tzinfo=UTC)
price = pricer(RateBook())


def used_by(answer: Answer) -> Used:
    cost = price(BilledUsage(answer.model, answer.tokens), ms_of(answer.at)).cost_pico_usd
    tokens = answer.tokens
    return Used(1, not answer.is_final, tokens.input, tokens.output, tokens.cache_write_5m, tokens.cache_write_1h,
                tokens.cache_read, cost or 0, cost is None)  # fmt: skip


def local(answer: Answer, zone: str) -> datetime:
    return answer.at.astimezone(ZoneInfo(zone))


def week_start(answer: Answer, zone: str) -> str:
    day = local(answer, zone).date()
    while day.weekday() != 6:
        day -= timedelta(days=1)
    return day.isoformat()


KEYS: dict[Grouping, Callable[[Answer, str], str]] = {
    "minute": lambda answer, zone: local(answer, zone).replace(second=0, microsecond=0).isoformat(),
    "hour": lambda answer, zone: local(answer, zone).replace(minute=0, second=0, microsecond=0).isoformat(),
    "day": lambda answer, zone: local(answer, zone).date().isoformat(),
    "week": week_start,
    "month": lambda answer, zone: local(answer, zone).date().isoformat()[:7],
    "session": lambda answer, _: answer.session,
    "project": lambda answer, _: answer.project,
    "model": lambda answer, _: answer.model,
    "agent": lambda answer, _: f"{answer.session}/{answer.agent}",
}


def oracle(answers: list[Answer], by: Grouping, zone: str) -> dict[str, Used]:
    groups: dict[str, list[Used]] = defaultdict(list)
    for answer in answers:
        groups[KEYS[by](answer, zone)].append(used_by(answer))
    return {key: sum_of(parts) for key, parts in groups.items()}


def abouts(found: Report) -> list[dict[str, str]]:
    """What each row is about, by field."""
    return [dict(zip(found.question.about, row.names, strict=True)) for row in found.rows]


def rows_by_key(found: Report) -> dict[str, Used]:
    by = found.question.by
    rows = list(zip(abouts(found), (row.used for row in found.rows), strict=True))
    if by == "agent":
        return {f"{about['session']}/{about['agent']}": used for about, used in rows}
    return {about[by]: used for about, used in rows}


@pytest.fixture(scope="module")
def answers() -> list[Answer]:
    found: list[Answer] = []
    for seed, (start_at, span) in enumerate(AROUND_THE_CHANGES):
        made = some_answers(120, start_at, span, seed)
        found += [Answer(len(found) + i, a.at, a.model, a.tokens, a.session, a.project, a.agent, a.is_final)
                  for i, a in enumerate(made)]  # fmt: skip
    return found


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory, answers: list[Answer]) -> Workspace:
    folder = tmp_path_factory.mktemp("report")
    write_logs(folder / "claude", answers)
    environment = {"TOKENTUI_HOME": str(folder / "state"), "CLAUDE_CONFIG_DIR": str(folder / "claude")}
    workspace = open_workspace(environment, time_zone="UTC", clock=lambda: NOW)
    bring_up_to_date(workspace, threading.Event())
    return workspace


Ask = Callable[..., Report]


@pytest.fixture
def ask(workspace: Workspace) -> Iterator[Ask]:
    with closing(open_reader(workspace.home.database)) as reader:

        def answered(
            by: Grouping, zone: str = "UTC", scope: ReportScope | None = None, most: int | None = None
        ) -> Report:
            return report(reader, ReportQuestion(by, ZoneInfo(zone), 6, scope or ReportScope(), most), NOW)

        yield answered


GROUPINGS_BY_ZONE = [(by, zone) for by in GROUPINGS for zone in ZONES if (by, zone) != ("hour", "Australia/Lord_Howe")]
"""All but the hours of the zone whose clock changes by half an hour, which have a test of their own."""


@pytest.mark.parametrize(("by", "zone"), GROUPINGS_BY_ZONE)
def test_every_grouping_in_every_zone(ask: Ask, answers: list[Answer], by: Grouping, zone: str) -> None:
    found = ask(by, zone)
    assert rows_by_key(found) == oracle(answers, by, zone)
    assert found.totals == sum_of(map(used_by, answers))


def test_the_hours_of_a_half_hour_change_are_told_apart(ask: Ask, answers: list[Answer]) -> None:
    zone = "Australia/Lord_Howe"
    found = ask("hour", zone, ReportScope(datetime(2026, 4, 4, 12, tzinfo=UTC), datetime(2026, 4, 5, tzinfo=UTC)))
    starts = [datetime.fromisoformat(about["hour"]) for about in abouts(found)]
    assert starts == sorted(starts)
    assert len(set(starts)) == len(starts)
    in_range = [a for a in answers if datetime(2026, 4, 4, 12, tzinfo=UTC) <= a.at < datetime(2026, 4, 5, tzinfo=UTC)]
    expected = {start: sum_of(used_by(a) for a in in_range if is_in_hour(a, start, zone)) for start in starts}
    assert {start: row.used for start, row in zip(starts, found.rows, strict=True)} == expected


def is_in_hour(answer: Answer, start: datetime, zone: str) -> bool:
    same_offset = local(answer, zone).utcoffset() == start.utcoffset()
    return same_offset and timedelta() <= answer.at - start < timedelta(hours=1)


RANGES = (
    (datetime(2026, 3, 28, 22, tzinfo=UTC), datetime(2026, 3, 29, 22, tzinfo=UTC)),  # on quarters
    (datetime(2026, 3, 28, 22, 7, 31, 500_000, UTC), datetime(2026, 3, 29, 3, 59, 59, 999_999, UTC)),
    (datetime(2026, 3, 28, 22, 1, tzinfo=UTC), datetime(2026, 3, 28, 22, 9, tzinfo=UTC)),  # within one quarter
    (datetime(2026, 3, 28, 22, 14, tzinfo=UTC), datetime(2026, 3, 28, 22, 16, tzinfo=UTC)),  # across a boundary
    (datetime(2026, 10, 25, 0, 50, tzinfo=UTC), None),
    (None, datetime(2026, 3, 29, 0, 50, tzinfo=UTC)),
)


@pytest.mark.parametrize("by", ["model", "day", "minute"])
@pytest.mark.parametrize(("since", "until"), RANGES)
def test_any_range_is_exact(
    ask: Ask, answers: list[Answer], by: Grouping, since: datetime | None, until: datetime | None
) -> None:
    wanted = [a for a in answers if (since is None or a.at >= since) and (until is None or a.at < until)]
    assert wanted
    found = ask(by, "Asia/Kathmandu", ReportScope(since, until))
    assert rows_by_key(found) == oracle(wanted, by, "Asia/Kathmandu")


def test_a_range_ends_right_before_its_end(ask: Ask, answers: list[Answer]) -> None:
    for answer in answers[:20]:
        upto = ask("model", scope=ReportScope(None, answer.at)).totals.responses
        beyond = ask("model", scope=ReportScope(None, answer.at + timedelta(milliseconds=1))).totals.responses
        assert beyond - upto == sum(other.at == answer.at for other in answers)


@pytest.mark.parametrize(
    ("scope", "holds"),
    [
        (ReportScope(models=("OPUS",)), lambda a: a.model == OPUS),
        (ReportScope(models=("opus", "house")), lambda a: a.model in (OPUS, UNKNOWN)),
        (ReportScope(projects=("project-a",)), lambda a: a.project.endswith("a")),
        (ReportScope(sessions=(session_id(1)[:8],)), lambda a: a.session == session_id(1)),
        (ReportScope(models=("haiku",), projects=("-b",)), lambda a: a.model == HAIKU and a.project.endswith("b")),
        (ReportScope(datetime(2026, 3, 28, 5, 5, tzinfo=UTC), None, ("haiku",)),
         lambda a: a.model == HAIKU and a.at >= datetime(2026, 3, 28, 5, 5, tzinfo=UTC)),
        (ReportScope(projects=("project_a",)), lambda a: False),
        (ReportScope(models=("%",)), lambda a: False),
        (ReportScope(sessions=("0001",)), lambda a: False),
    ],
)  # fmt: skip
@pytest.mark.parametrize("by", ["day", "session", "model", "minute"])
def test_a_filter_leaves_exactly_what_matches(
    ask: Ask, answers: list[Answer], by: Grouping, scope: ReportScope, holds: Callable[[Answer], bool]
) -> None:
    assert rows_by_key(ask(by, scope=scope)) == oracle([a for a in answers if holds(a)], by, "UTC")


def test_order_is_time_or_cost(ask: Ask) -> None:
    days = [about["day"] for about in abouts(ask("day"))]
    assert days == sorted(days)
    costs = [row.used.cost_pico_usd for row in ask("agent").rows]
    assert costs == sorted(costs, reverse=True)


def test_sub_agents_belong_to_their_session(ask: Ask) -> None:
    agents = abouts(ask("agent"))
    assert {about["agent"] for about in agents if about["session"] == session_id(1)} == {"", "a1b2"}
    assert next(about for about in agents if not about["agent"])["agent_type"] == "main"
    assert ask("session").row_count == 4


def test_unpriced_models_are_named(ask: Ask, answers: list[Answer]) -> None:
    found = ask("model")
    assert found.unpriced_models == ((UNKNOWN, sum(a.model == UNKNOWN for a in answers)),)
    assert ask("model", scope=ReportScope(models=("opus",))).unpriced_models == ()


def test_json_has_its_head_and_the_same_figures_in_every_row(ask: Ask, answers: list[Answer]) -> None:
    value = json.loads(
        "".join(report_json(ask("model", "Europe/Berlin", ReportScope(datetime(2026, 1, 1, tzinfo=UTC)))))
    )
    assert (value["schema_version"], value["as_of"], value["by"]) == (1, "2026-11-22T10:00:00Z", "model")
    assert (value["since"], value["until"]) == ("2026-01-01T00:00:00Z", None)
    assert value["time_zone"] == "Europe/Berlin"
    figures = [
        "responses", "lower_bound_responses", "input_tokens", "output_tokens", "cache_write_5m_tokens",
        "cache_write_1h_tokens", "cache_read_tokens", "total_tokens", "cost_usd", "unpriced_responses",
    ]  # fmt: skip
    assert list(value["totals"]) == figures
    assert all(list(row) == ["model", *figures] for row in value["rows"])
    costs = {row["model"]: row["cost_usd"] for row in value["rows"]}
    assert costs[UNKNOWN] is None
    expected = oracle(answers, "model", "UTC")[OPUS].cost_pico_usd
    assert int(costs[OPUS].replace(".", "").ljust(len(costs[OPUS].partition(".")[0]) + 12, "0")) == expected


def test_csv(ask: Ask, capsys: pytest.CaptureFixture[str]) -> None:
    report_csv(ask("agent"))
    rows = list(csv.DictReader(io.StringIO(capsys.readouterr().out)))
    assert list(rows[0])[:5] == ["agent", "agent_type", "task", "session", "project"]
    assert sum(int(row["responses"]) for row in rows) == ask("model").totals.responses


@pytest.mark.parametrize(
    ("used", "json_text", "shown"),
    [
        (Used(), "0.000000", "$0.00"),
        (Used(1, cost_pico_usd=76_040_000_000), "0.076040", "$0.08"),
        (Used(1, cost_pico_usd=1), "0.000000000001", "<$0.01"),
        (Used(1, cost_pico_usd=12_345_678_900_000_000), "12345.678900", "$12,345.68"),
        (Used(1, unpriced_responses=1), None, "?"),
        (Used(2, cost_pico_usd=1_999_000_000_000, unpriced_responses=1), "1.999000", "≥$1.99"),
        (Used(2, 1, cost_pico_usd=5_000_000_000), "0.005000", "≥$0.00"),
    ],
)
def test_money_is_never_rounded_in_json_nor_up_beside_a_lower_bound(
    used: Used, json_text: str | None, shown: str
) -> None:
    assert usd_text(used) == json_text
    assert cost_text(used) == shown


def test_the_table_says_what_its_figures_are(ask: Ask, capsys: pytest.CaptureFixture[str]) -> None:
    print_report(ask("model"))
    text = capsys.readouterr().out
    assert "estimate at list price" in text
    assert f"No known price for {UNKNOWN}" in text
    assert "≥" in text
    assert text.splitlines()[5].startswith("total")


def test_a_narrow_terminal_gets_short_figures(ask: Ask, monkeypatch: pytest.MonkeyPatch) -> None:
    screen = terminal_of(80, monkeypatch)
    for by in GROUPINGS:
        print_report(ask(by))
    table = [line for line in screen.getvalue().splitlines() if line.split()[-1][-1:].isdigit()]
    assert len(table) > 100
    assert max(map(len, table)) <= 80
    assert not any("…" in line[32:] for line in table)


@pytest.mark.parametrize("by", [*TIME_GROUPINGS, "model", "session"])
@pytest.mark.parametrize("cells", [60, 70])
def test_rows_can_be_told_apart_on_a_narrow_terminal(
    ask: Ask, monkeypatch: pytest.MonkeyPatch, by: Grouping, cells: int
) -> None:
    screen = terminal_of(cells, monkeypatch)
    answer = ask(by)
    print_report(answer)
    rows = screen.getvalue().splitlines()[1 : answer.row_count + 1]
    said = [re.split(" {2,}", row)[0] for row in rows]
    assert len(set(said)) == len(said) == answer.row_count
    assert max(map(len, rows)) <= cells


def test_hostile_text_stays_text(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    evil = Answer(1, NOW, "[/b]model[red]", Tokens(1, 2), session_id(1), "/home/[wip]/\x1b[31m\u202ex")
    write_logs(tmp_path / "claude", [evil])
    environment = {"TOKENTUI_HOME": str(tmp_path / "state"), "CLAUDE_CONFIG_DIR": str(tmp_path / "claude")}
    workspace = open_workspace(environment, time_zone="UTC", clock=lambda: NOW)
    bring_up_to_date(workspace, threading.Event())
    with closing(open_reader(workspace.home.database)) as reader:
        for by in GROUPINGS:
            print_report(report(reader, ReportQuestion(by, UTC), NOW))
    text = capsys.readouterr().out
    assert "[/b]model[red]" in text
    assert "/home/[wip]/x" in text
    assert not set(text) & {"\x1b", "\u202e"}


@pytest.mark.parametrize("by", GROUPINGS)
def test_so_many_rows_are_the_latest_or_the_costliest_and_the_totals_are_of_all(ask: Ask, by: Grouping) -> None:
    whole, few = ask(by), ask(by, most=2)
    is_time = by in TIME_GROUPINGS
    rows = list(whole.rows)
    assert list(few.rows) == (rows[-2:] if is_time else rows[:2])
    assert (few.totals, few.row_count) == (whole.totals, whole.row_count)
    assert few.rows_left_out == max(whole.row_count - 2, 0)
    assert whole.rows_left_out == 0


def test_the_table_says_what_it_leaves_out(ask: Ask, capsys: pytest.CaptureFixture[str]) -> None:
    print_report(ask("agent", most=2))
    print_report(ask("day", most=2))
    agents, days = capsys.readouterr().out.split("… and ")[1:]
    assert agents.startswith(f"{ask('agent').row_count - 2} cheaper agents, in the total too: ")
    assert days.startswith(f"{ask('day').row_count - 2} earlier days, ")


def test_rows_come_one_by_one_from_one_state_of_the_store(workspace: Workspace) -> None:
    with closing(open_reader(workspace.home.database)) as reader:
        question = ReportQuestion("agent", UTC)
        with reporting(reader, question, NOW) as found:
            assert reader.in_transaction
            assert tuple(found.rows) == report_rows(workspace, question)
        assert not reader.in_transaction


def report_rows(workspace: Workspace, question: ReportQuestion) -> tuple[ReportRow, ...]:
    with closing(open_reader(workspace.home.database)) as reader:
        return tuple(report(reader, question, NOW).rows)
