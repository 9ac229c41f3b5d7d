"""What the dashboard is told: every figure of a snapshot against plain Python over the stored responses."""

from __future__ import annotations

import json
import threading
from collections import defaultdict
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median
from zoneinfo import ZoneInfo

import pytest

from tests.kit.log_lines import ONE, Json, answer, call, line, prompt, result, stamp
from tests.kit.played import write_until
from tokentui.config.settings import DEFAULT_BUDGETS
from tokentui.demo.player import write_history
from tokentui.filters import parse_filter
from tokentui.ingest.catch_up import catch_up
from tokentui.ingest.logs import Logs
from tokentui.pricing.sources import PriceSources
from tokentui.queries.ask import StoredQuestions
from tokentui.queries.circumstances import Circumstances
from tokentui.queries.live.usual import UsualFigures
from tokentui.queries.live.usual_pace import USUAL_AT_FIRST_SECONDS, USUAL_SECONDS, usual_pause
from tokentui.queries.live.working import is_working
from tokentui.queries.results import Snapshot
from tokentui.queries.session.results import AgentRow
from tokentui.records import Tokens
from tokentui.store.database import open_reader
from tokentui.store.priced import open_priced
from tokentui.transcripts.registry import LiveSession
from tokentui.transcripts.sources import Source
from tokentui.view import RangeName, View
from tokentui.watch.usual import Usual

START = datetime(2026, 11, 20, 14, tzinfo=UTC)
NOW = START + timedelta(seconds=125)
BERLIN = ZoneInfo("Europe/Berlin")


def stored(folder: Path) -> Path:
    """Read a configuration folder into a database beside it."""
    database = folder.parent / "state" / "t.db"
    with closing(open_priced(database, PriceSources())) as store:
        logs = Logs(store)
        logs.remember_stored()
        catch_up(logs, (Source(folder / "projects", folder),), threading.Event())
    return database


def questions(database: Path, now: datetime = NOW, live: tuple[LiveSession, ...] = ()) -> StoredQuestions:
    around = Circumstances(lambda: now, BERLIN, lambda: DEFAULT_BUDGETS, lambda: live)
    return StoredQuestions(open_reader(database), around)


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three days of history and the beginning of a storm."""
    folder = tmp_path_factory.mktemp("demo") / "claude"
    write_history(folder, START, days=3)
    write_until(folder, START, NOW)
    return stored(folder)


class Used:
    """One stored response, as the oracle reads it."""

    def __init__(self, row: tuple) -> None:  # type: ignore[type-arg]
        self.at_ms, self.session, self.agent, self.model, self.part, self.is_bound = row[:6]
        self.tokens, self.cost = Tokens(*row[6:11]), row[11]


@pytest.fixture(scope="module")
def used(demo: Path) -> list[Used]:
    statement = """
        SELECT response.at_ms, session.session_id, agent.agent_id, model.name, part, is_lower_bound, input_tokens,
               output_tokens, cache_write_5m_tokens, cache_write_1h_tokens, cache_read_tokens, cost_pico_usd
        FROM response JOIN agent ON agent.id = response.agent_id JOIN session ON session.id = agent.session_id
        JOIN model ON model.id = model_id
    """
    with closing(open_reader(demo)) as connection:
        return [Used(row) for row in connection.execute(statement)]


def ms(moment: datetime) -> int:
    return round(moment.timestamp() * 1000)


def total(found: list[Used]) -> Tokens:
    whole = Tokens()
    for one in found:
        whole = whole.plus(one.tokens)
    return whole


def cost(found: list[Used]) -> int:
    return sum(one.cost or 0 for one in found)


@pytest.fixture
def ask(demo: Path) -> Iterator[StoredQuestions]:
    with closing(questions(demo)) as open_questions:
        yield open_questions


def test_the_tiles_say_what_the_last_minute_and_today_came_to(ask: StoredQuestions, used: list[Used]) -> None:
    headline = ask.snapshot(View()).headline
    minute = [one for one in used if one.at_ms >= ms(NOW) - 60_000]
    midnight = ms(NOW.astimezone(BERLIN).replace(hour=0, minute=0, second=0, microsecond=0))
    today = [one for one in used if one.at_ms >= midnight]
    assert headline.tokens_last_minute == total(minute)
    assert headline.money_last_minute.pico_usd == cost(minute) > 0
    assert headline.responses_last_minute == sum(one.part == 0 for one in minute)
    assert headline.lower_bound_last_minute == sum(one.is_bound for one in minute)
    assert headline.today_money.pico_usd == cost(today)
    assert headline.today_money.unpriced_responses == sum(one.cost is None for one in today) > 0
    assert headline.trend_fresh[-1] == total(minute).fresh
    assert len(headline.trend_fresh) == len(headline.trend_agents) == 30


def test_a_day_whose_first_hour_comes_twice_begins_with_the_first(tmp_path: Path) -> None:
    """In Havana clocks go back from one o'clock to midnight."""
    log = tmp_path / "claude" / "projects" / "p" / f"{ONE}.jsonl"
    log.parent.mkdir(parents=True)
    log.write_text(json.dumps(answer("m1", at=0) | {"timestamp": "2026-11-01T04:30:00Z"}) + "\n")
    database = stored(tmp_path / "claude")
    around = Circumstances(
        lambda: datetime(2026, 11, 1, 5, 30, tzinfo=UTC), ZoneInfo("America/Havana"), lambda: DEFAULT_BUDGETS, tuple
    )
    with closing(StoredQuestions(open_reader(database), around)) as asked:
        assert asked.snapshot(View()).headline.today_responses == 1


def test_usual_is_the_median_over_active_minutes(ask: StoredQuestions, used: list[Used]) -> None:
    ask.snapshot(View())
    usual = ask.snapshot(View()).headline.usual_fresh
    minutes: dict[int, int] = defaultdict(int)
    for one in used:
        if one.at_ms < ms(NOW) - 60_000:
            minutes[one.at_ms // 60_000] += one.tokens.fresh
    assert usual is not None
    assert (usual.median, usual.active_minutes) == (median(minutes.values()), len(minutes))


def test_usual_is_worked_out_soon_again_while_history_comes_in() -> None:
    none, part, whole, later = (
        UsualFigures(fresh=Usual(1_000.0, 2_000.0, minutes) if minutes else None) for minutes in (0, 15, 900, 901)
    )
    assert usual_pause(none, none) == usual_pause(none, part) == usual_pause(part, whole) == USUAL_AT_FIRST_SECONDS
    assert usual_pause(whole, whole) == usual_pause(whole, later) == USUAL_SECONDS


@pytest.mark.parametrize("name", ["15m", "1h", "6h", "24h", "7d", "all"])
def test_range_panes_agree_with_each_other_and_with_the_responses(
    ask: StoredQuestions, used: list[Used], name: RangeName
) -> None:
    snapshot = ask.snapshot(View(range=name))
    start = ms(snapshot.chart.start_at)
    if snapshot.chart.bucket_seconds > 600:
        start = start // 900_000 * 900_000
    inside = [one for one in used if one.at_ms >= start]
    assert snapshot.cache.tokens_range == total(inside)
    assert sum(share.money.pico_usd for share in snapshot.models) == cost(inside)
    assert {share.model: share.tokens for share in snapshot.models} == {
        model: total([one for one in inside if one.model == model]) for model in {one.model for one in inside}
    }
    drawn = sum(value or 0 for series in snapshot.chart.series for value in series.values)
    assert round(drawn * snapshot.chart.bucket_seconds / 60) == total(inside).total


def test_both_splits_of_the_chart_come_to_the_same(ask: StoredQuestions) -> None:
    def columns(snapshot: Snapshot) -> list[float]:
        return [sum(filter(None, values)) for values in zip(*(s.values for s in snapshot.chart.series), strict=True)]

    by_kind, by_model = (columns(ask.snapshot(View(range="24h", split=split))) for split in ("kind", "model"))
    assert by_kind == pytest.approx(by_model)


@pytest.mark.parametrize("name", ["15m", "1h", "7d", "all"])
def test_the_legend_of_the_chart_adds_up_to_the_tiles(ask: StoredQuestions, used: list[Used], name: RangeName) -> None:
    minute = [one for one in used if one.at_ms >= ms(NOW) - 60_000]
    by_kind, by_model = (ask.snapshot(View(range=name, split=split)) for split in ("kind", "model"))
    tokens = by_kind.headline.tokens_last_minute
    assert {series.name: series.tokens_last_minute for series in by_kind.chart.series} == {
        "output": tokens.output,
        "input": tokens.input,
        "cache write": tokens.cache_write,
        "cache read": tokens.cache_read,
    }
    assert [series.is_lower_bound for series in by_kind.chart.series][1:] == [False] * 3
    assert by_kind.chart.series[0].is_lower_bound == any(one.is_bound for one in minute)
    assert sum(series.tokens_last_minute for series in by_model.chart.series) == tokens.total > 0
    for series in by_model.chart.series:
        of_model = [one for one in minute if one.model == series.name]
        assert series.name == "other" or series.tokens_last_minute == total(of_model).total
        assert series.name == "other" or series.is_lower_bound == any(one.is_bound for one in of_model)


def test_the_legend_of_the_chart_tells_what_a_filter_leaves(ask: StoredQuestions, used: list[Used]) -> None:
    chart = ask.snapshot(View(range="1h", filter=parse_filter("model:opus"))).chart
    of_opus = [one for one in used if one.at_ms >= ms(NOW) - 60_000 and "opus" in one.model]
    assert sum(series.tokens_last_minute for series in chart.series) == total(of_opus).total > 0


def test_a_night_is_a_gap_and_a_short_pause_is_zero(ask: StoredQuestions) -> None:
    day = ask.snapshot(View(range="24h")).chart.series[0].values
    assert None in day
    hour = ask.snapshot(View(range="1h", chart_columns=400)).chart
    assert hour.bucket_seconds < 30
    assert 0.0 in hour.series[0].values


def test_sessions_add_up_to_the_range(ask: StoredQuestions, used: list[Used]) -> None:
    snapshot = ask.snapshot(View(range="all"))
    assert snapshot.sessions_matching == snapshot.sessions_in_range == len({one.session for one in used})
    assert sum(row.range_money.pico_usd for row in snapshot.sessions) == cost(used)
    rates = [row.tokens_last_minute.total for row in snapshot.sessions]
    assert rates == sorted(rates, reverse=True)


def test_a_tree_adds_up_to_its_session_to_the_token(ask: StoredQuestions, used: list[Used]) -> None:
    session = ask.snapshot(View()).sessions[0]
    tree = ask.session_tree(session.session_id)
    assert tree is not None
    own = [one for one in used if one.session == session.session_id]
    whole = Tokens()
    for agent in tree.agents:
        whole = whole.plus(agent.own_tokens)
    assert whole == total(own) == tree.agents[0].inclusive_tokens
    assert sum(agent.own_money.pico_usd for agent in tree.agents) == cost(own)
    assert tree.agents[0].inclusive_money.pico_usd == cost(own)
    assert max(agent.depth for agent in tree.agents) >= 2
    assert {agent.link for agent in tree.agents[1:]} <= {"meta", "result"}


def test_an_agent_opens_to_its_responses_and_one_of_them_in_full(ask: StoredQuestions, used: list[Used]) -> None:
    session = ask.snapshot(View()).sessions[0]
    found = ask.agent_responses(session.session_id, "", 3)
    assert found is not None
    mine = sorted(one.at_ms for one in used if (one.session, one.agent) == (session.session_id, ""))
    assert [ms(row.at) for row in found.responses] == mine[::-1][:3]
    assert found.responses_in_all == len(mine)
    detail = ask.response(found.responses[0].response_id)
    assert detail is not None
    assert (detail.session_id, detail.response.tokens) == (session.session_id, found.responses[0].tokens)
    assert ask.response(10**9) is None
    assert ask.session_tree("no such session") is None


@pytest.mark.parametrize(
    ("text", "holds"),
    [
        ("model:house", lambda row: "billing" in row.project),
        ("refactor", lambda row: "refactor" in row.project),
        ("!refactor", lambda row: "refactor" not in row.project),
        ("cost>2", lambda row: row.range_money.pico_usd > 2 * 10**12),
        ("agents>5", lambda row: row.agents > 5),
        ("since:5m", lambda row: row.last_line_at > NOW - timedelta(minutes=5)),
    ],
)
def test_a_filter_leaves_the_sessions_that_match(ask: StoredQuestions, text: str, holds: object) -> None:
    everything = ask.snapshot(View(range="24h")).sessions
    filtered = ask.snapshot(View(range="24h", filter=parse_filter(text)))
    assert callable(holds)
    assert {row.session_id for row in filtered.sessions} == {row.session_id for row in everything if holds(row)}
    assert 0 < filtered.sessions_matching < filtered.sessions_in_range == len(everything)
    if not text.startswith("model"):
        assert filtered.cache.tokens_range == sum_tokens(row.range_tokens for row in filtered.sessions)


def sum_tokens(parts: Iterator[Tokens]) -> Tokens:
    whole = Tokens()
    for part in parts:
        whole = whole.plus(part)
    return whole


def test_budgets_are_spent_in_their_own_windows(ask: StoredQuestions, used: list[Used]) -> None:
    day, week, month = ask.snapshot(View(range="15m")).budgets
    local = NOW.astimezone(BERLIN).replace(hour=0, minute=0, second=0, microsecond=0)
    starts = (local, local - timedelta(days=local.weekday()), local.replace(day=1))
    inside = [[one for one in used if one.at_ms >= ms(start)] for start in starts]
    assert day.spent == pytest.approx(cost(inside[0]) / 1e12)
    assert week.spent == total(inside[1]).fresh
    assert month.spent == pytest.approx(cost(inside[2]) / 1e12)
    assert day.projected is not None
    assert day.projected >= day.spent


# Small made-up sessions.


def asked(folder: Path, lines: list[Json], at: float, live: tuple[LiveSession, ...] = ()) -> StoredQuestions:
    path = folder / "claude" / "projects" / "-p" / f"{ONE}.jsonl"
    path.parent.mkdir(parents=True)
    path.write_text("".join(json.dumps(one) + "\n" for one in lines))
    now = datetime.fromisoformat(stamp(at))
    return questions(stored(folder / "claude"), now, live)


BASH = call("t1")


@pytest.mark.parametrize(
    ("lines", "age", "working"),
    [
        ([prompt("do it")], 30, 1),
        ([prompt("do it")], 599, 1),
        ([prompt("do it")], 601, 0),
        ([prompt("do it"), answer(content=[BASH], stop="tool_use", at=1)], 300, 1),
        ([prompt("do it"), answer(content=[BASH], stop="tool_use", at=1), result("t1", 2)], 300, 1),
        ([prompt("do it"), answer(at=1)], 5, 0),
        ([prompt("do it"), answer(at=1, stop=None)], 50, 1),
        ([prompt("do it"), answer(at=1, stop=None)], 70, 0),
        ([prompt("[Request interrupted by user]", 1)], 5, 0),
    ],
)
def test_who_works_is_told_by_the_last_line(tmp_path: Path, lines: list[Json], age: float, working: int) -> None:
    with closing(asked(tmp_path, lines, age)) as ask:
        headline = ask.snapshot(View()).headline
    assert (headline.working_agents, headline.working_sessions) == (working, working)


def test_a_model_without_a_price_has_no_share_of_the_cost(tmp_path: Path) -> None:
    lines = [prompt("do it"), answer(at=1), answer("msg_2", "req_2", at=2, model="house-model-1")]
    with closing(asked(tmp_path, lines, 5)) as ask:
        priced, unpriced = ask.snapshot(View()).models
    assert (priced.cost_share, priced.token_share) == (1.0, 0.5)
    assert (unpriced.cost_share, unpriced.token_share) == (None, 0.5)


def test_a_busy_process_works_whatever_its_last_line(tmp_path: Path) -> None:
    busy = LiveSession(1, ONE, "busy", "", None)
    with closing(asked(tmp_path, [prompt("do it"), answer(at=1)], 900, (busy,))) as ask:
        snapshot = ask.snapshot(View())
    assert snapshot.headline.working_agents == 1
    assert (snapshot.sessions[0].state, snapshot.sessions[0].process_id) == ("working", 1)


@pytest.mark.parametrize("state", ["waiting", "idle"])
def test_a_main_thread_waits_while_its_process_runs_and_is_idle_like_its_session_otherwise(
    tmp_path: Path, state: str
) -> None:
    registry = (LiveSession(1, ONE, "waiting", "", None),) if state == "waiting" else ()
    with closing(asked(tmp_path, [prompt("do it"), answer(at=1)], 900, registry)) as ask:
        tree = ask.session_tree(ONE)
    assert tree is not None
    assert (tree.session.state, tree.agents[0].state) == (state, state)


def test_the_end_of_a_turn_never_counts_as_work() -> None:
    assert not is_working("done", 0)
    assert not is_working("", 0)


def agents_of(ask: StoredQuestions) -> dict[str, AgentRow]:
    tree = ask.session_tree(ONE)
    assert tree is not None
    return {agent.agent_id: agent for agent in tree.agents}


def test_agents_whose_links_form_a_ring_or_lead_nowhere_hang_under_the_main_thread(tmp_path: Path) -> None:
    folder = tmp_path / "claude" / "projects" / "-p" / ONE / "subagents"
    folder.mkdir(parents=True)
    links = {"a": {"parentAgentId": "b"}, "b": {"parentAgentId": "a"}, "c": {"parentAgentId": "lost"}, "d": {}}
    for number, (name, link) in enumerate(links.items()):
        said = answer(f"m{name}", f"r{name}", at=number, agentId=name, isSidechain=True)
        (folder / f"agent-{name}.jsonl").write_text(json.dumps(said) + "\n")
        (folder / f"agent-{name}.meta.json").write_text(json.dumps({"agentType": "probe", **link}))
    with closing(asked_beside(tmp_path)) as ask:
        agents = agents_of(ask)
    assert set(agents) == {"", "a", "b", "c", "d"}
    assert agents[""].inclusive_tokens.output == 400
    assert agents["c"].depth == agents["d"].depth == 1
    assert min(agents["a"].depth, agents["b"].depth) == 1


def asked_beside(folder: Path) -> StoredQuestions:
    """Questions to a tree that is written already."""
    return questions(stored(folder / "claude"), datetime.fromisoformat(stamp(60)))


def test_an_empty_store_answers_with_nothing(tmp_path: Path) -> None:
    (tmp_path / "claude" / "projects").mkdir(parents=True)
    with closing(asked_beside(tmp_path)) as ask:
        snapshot = ask.snapshot(View(range="all"))
    assert (snapshot.totals.responses, snapshot.sessions, snapshot.models) == (0, (), ())
    assert snapshot.cache.hit_rate_range is None
    assert snapshot.headline.usual_fresh is None


def test_a_session_of_titles_alone_is_no_session(tmp_path: Path) -> None:
    with closing(asked(tmp_path, [line("custom-title", None, customTitle="nothing yet")], 5)) as ask:
        assert ask.snapshot(View(range="all")).sessions == ()


def test_the_same_question_has_the_same_answer(ask: StoredQuestions) -> None:
    ask.snapshot(View())
    one, other = ask.snapshot(View()), ask.snapshot(View())
    assert replace(one, as_of=NOW).headline == replace(other, as_of=NOW).headline
    assert one.sessions == other.sessions
