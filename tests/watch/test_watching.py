"""From lines in logs to alerts in the store: the simulator's storms through gathering, rules, and the journal."""

from __future__ import annotations

from contextlib import closing
from datetime import UTC, timedelta
from pathlib import Path

import pytest

from tests.kit import storms
from tests.kit.log_lines import agent_log, answer, call, main_log, ms, of_agent, prompt, write
from tests.kit.stage import SECOND, START_AT, Stage, replay, with_budget
from tests.kit.stores import NewDatabase, ingest
from tokentui.config.settings import Budget, Settings
from tokentui.config.thresholds import RuleChange
from tokentui.demo.log import Event
from tokentui.guard.raised import raised_now
from tokentui.guard.surroundings import Surroundings
from tokentui.queries.live.working import Working
from tokentui.queries.runaway.agents import Depths, recent_agents
from tokentui.queries.runaway.alerts import alert_log
from tokentui.store.database import open_reader, open_writer
from tokentui.watch.usual import AverageDay, Usual, Usuals
from tokentui.watch.usual_memo import keep_usual, kept_usual


def test_more_parents_than_are_remembered_cost_no_agent_its_depth(tmp_path: Path, new_database: NewDatabase) -> None:
    calls = ([call("t1", "Task", prompt="go")], [call("t2", "Task", prompt="deeper")])
    write(main_log(tmp_path), prompt("hello"), answer("m1", content=calls[0]))
    write(
        agent_log(tmp_path, "a1"), of_agent("a1", prompt("go", 1)), of_agent("a1", answer("m2", at=2, content=calls[1]))
    )
    write(agent_log(tmp_path, "a2"), of_agent("a2", prompt("deeper", 3)))
    with closing(open_reader(ingest(tmp_path, new_database()))) as reader:
        agents = recent_agents(reader, ms(5), Working({}, frozenset(), {}))
        depths = Depths(reader, most=1)
        for _ in range(3):
            found = depths.of(agents)
            assert {agent.agent_id: found[agent.row_id] for agent in agents} == {"": 0, "a1": 1, "a2": 2}


@pytest.mark.parametrize(("events", "rule"), [
    (storms.crowd(START_AT, 12, responses=2), "agents_at_once"),
    (storms.crowd(START_AT, 40, responses=2), "spawn_rate"),
    (storms.nested_spawns(START_AT), "spawn_depth"),
    (storms.retry_storm(START_AT, requests=3), "api_errors"),
    (storms.tool_loop(START_AT, calls=16), "tool_loop"),
    (storms.spawn_on_at_limit(START_AT), "spawn_after_limit"),
    (storms.swallowed_dumps(START_AT), "context_growth"),
    (storms.cold_agents(START_AT), "cache_write_share"),
], ids=["12 agents", "40 agents", "nested", "retries", "loop", "limit", "huge files", "cold agents"])  # fmt: skip
def test_a_storm_is_raised_within_ten_seconds(stage: Stage, events: list[Event], rule: str) -> None:
    found = replay(stage, events)
    assert found.raised_at[rule] - found.held_at[rule] <= 10 * SECOND
    ended = [change for change in found.changes if change.rule == rule and change.after == "over"]
    assert ended, "once spend stops it is over"


def test_a_lost_cache_is_raised(stage: Stage) -> None:
    talk = storms.session_alone("lost", START_AT, 7)
    talk.context = talk.cached = 60_000
    talk.ask("put the time into the header")
    for place in range(12):
        if place >= 5:
            talk.break_cache()
        talk.use_tools()
    found = replay(stage, storms.ended(talk))
    assert found.raised_at["cache_hit_rate"] - found.held_at["cache_hit_rate"] <= 10 * SECOND


def test_a_slow_burn_over_its_budget_is_raised(tmp_path: Path) -> None:
    stage = Stage(tmp_path, Settings(budgets=(Budget("daily", 0.8, "usd", "day"),)))
    with closing(stage):
        found = replay(stage, storms.slow_burn(START_AT, 8))
    grades = [change.grade for change in found.changes if change.rule == "budget_level" and change.is_new]
    assert grades == ["note", "note", "warn", "alarm"]


def test_a_slow_burn_is_raised_by_its_pace_before_the_limit(tmp_path: Path) -> None:
    burn = storms.slow_burn(START_AT, 14)
    stage = Stage(tmp_path, with_budget(burn, 1.6))
    with closing(stage):
        found = replay(stage, burn)
    assert found.raised_at["budget_pace"] - found.held_at["budget_pace"] <= 10 * SECOND
    pace = next(change for change in found.changes if change.rule == "budget_pace" and change.is_new)
    assert "is heading for" in pace.finding.evidence
    loud = [change for change in found.changes if change.rule == "budget_level" and change.grade != "note"]
    assert loud[0].at_ms > pace.at_ms, "the pace speaks before 90 % are spent"


def test_a_day_unlike_the_others_is_raised(tmp_path: Path) -> None:
    changed = RuleChange({"floor_tokens": 2_000_000, "floor_usd": 1.0, "floor_responses": 20})
    stage = Stage(tmp_path, Settings(rules={"unusual_day": changed}))
    with closing(stage):
        for days in (4, 3, 2, 1):
            stage.write(storms.slow_burn(START_AT - timedelta(days=days), 3, seed=days))
        found = replay(stage, storms.slow_burn(START_AT, 10))
    assert found.raised_at["unusual_day"] - found.held_at["unusual_day"] <= 10 * SECOND
    raised = [change.finding.evidence for change in found.changes if change.rule == "unusual_day" and change.is_new]
    assert len(raised) == 1
    assert "times the average day's" in raised[0]


def test_ordinary_work_is_quiet(stage: Stage) -> None:
    talk = storms.session_alone("calm", START_AT, 7)
    for _ in range(3):
        talk.ask("and the next one")
        talk.use_tools()
        talk.finish()
        talk.end_turn()
        talk.wait(20)
    assert not replay(stage, storms.ended(talk)).raised("warn", "alarm")


def test_old_logs_raise_nothing(stage: Stage) -> None:
    stage.write(storms.crowd(START_AT, 20, responses=1))
    stage.look(START_AT + timedelta(hours=1))
    assert not stage.found.changes


def test_a_clock_set_back_makes_no_storm_of_what_is_past(stage: Stage) -> None:
    stage.write(storms.crowd(START_AT, 30, responses=2))
    for second in range(8):
        stage.look(START_AT - timedelta(hours=2) + second * SECOND)
    assert not [change for change in stage.found.changes if change.after == "alarm"]


def test_a_clock_that_jumps_ahead_ends_what_was_raised(stage: Stage) -> None:
    events = [event for event in storms.crowd(START_AT, 14) if event.at < START_AT + timedelta(seconds=40)]
    stage.write(events)
    for second in range(6):
        stage.look(START_AT + timedelta(seconds=41 + second))
    assert "agents_at_once" in stage.found.raised_at
    stage.look(START_AT + timedelta(days=3))
    assert {change.after for change in stage.found.changes if change.before == "alarm"} == {"over"}


def test_with_no_history_nothing_is_usual(stage: Stage) -> None:
    stage.write(storms.tool_loop(START_AT, calls=3))
    with closing(open_reader(stage.database)) as reader:
        raised, usual = raised_now(reader, Surroundings(lambda: START_AT + 30 * SECOND, UTC, Settings))
    assert (raised, usual) == ([], None)


def test_a_check_raises_at_once_and_keeps_nothing(stage: Stage) -> None:
    stage.write(event for event in storms.crowd(START_AT, 12) if event.at < START_AT + 30 * SECOND)
    now = START_AT + 31 * SECOND
    settings = Settings(rules={"spawn_rate": RuleChange(grade="note")})
    with closing(open_reader(stage.database)) as reader:
        raised, usual = raised_now(reader, Surroundings(lambda: now, UTC, lambda: settings))
        assert [(one.finding.rule, one.grade) for one in raised] == [
            ("agents_at_once", "alarm"),
            ("spawn_rate", "note"),
        ]
        assert usual == Usuals()
        assert not alert_log(reader, now)


def test_what_is_usual_is_kept_for_an_hour(new_database: NewDatabase) -> None:
    known = Usuals(agents=Usual(1.0, 2.0, 30), day=AverageDay(3, 1.0, 2.0, 3.0))
    with closing(open_writer(new_database())) as connection:
        assert kept_usual(connection, START_AT) is None
        keep_usual(connection, known, START_AT)
        assert kept_usual(connection, START_AT + timedelta(minutes=59)) == known
        assert kept_usual(connection, START_AT + timedelta(minutes=61)) is None
        assert kept_usual(connection, START_AT - SECOND) is None
        connection.execute("UPDATE memo SET value = '{\"at_ms\": 1}'")
        assert kept_usual(connection, START_AT) is None
