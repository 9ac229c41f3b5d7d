"""From lines in logs to alerts in the store: the simulator's storms through gathering, rules, and the journal."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.kit import storms
from tests.kit.log_lines import agent_log, answer, call, main_log, ms, of_agent, prompt, write
from tests.kit.stage import START_AT, Stage, replay, with_budget
from tests.kit.stores import ingest
from tokentui.config.settings import Budget, Notify, Settings
from tokentui.config.thresholds import RuleChange
from tokentui.demo.log import Event
from tokentui.guard.guard import Guard, Sighting, open_guard
from tokentui.guard.keep_looking import keep_looking, pause_after
from tokentui.guard.post import Post
from tokentui.guard.raised import raised_now
from tokentui.queries.live.working import Working
from tokentui.queries.runaway.agents import Depths, recent_agents
from tokentui.queries.runaway.alerts import alert_log, mutes_now, open_alerts
from tokentui.store.alerts import STALE_MS, AlertFacts, AlertJournal
from tokentui.store.database import open_reader, open_writer
from tokentui.store.deliveries import LOST, LOST_AFTER_MS, Delivery, DeliveryJournal
from tokentui.watch.alarm import Alarm, Change
from tokentui.watch.condition import AGAIN_MS
from tokentui.watch.facts import AverageDay, DayNow, Facts, Usual, Usuals
from tokentui.watch.notices import Notice
from tokentui.watch.usual_memo import keep_usual, kept_usual

NOW_MS = 1_800_000_000_000
SECOND = timedelta(seconds=1)
MakeDatabase = Callable[[], Path]


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    made = Stage(tmp_path, Settings())
    yield made
    made.close()


@pytest.fixture
def journal(new_database: MakeDatabase) -> Iterator[AlertJournal]:
    with closing(AlertJournal(open_writer(new_database()))) as made:
        yield made


def alert(rule: str = "agents_at_once", subject: str = "", **fields: object) -> AlertFacts:
    made = AlertFacts(rule, subject, "alarm", "s1", ("", "a1"), "agents", 12.0, 10.0, "12 agents working")
    return replace(made, **fields)  # type: ignore[arg-type]


def test_more_parents_than_are_remembered_cost_no_agent_its_depth(tmp_path: Path, new_database: MakeDatabase) -> None:
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


# Storms.


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


# What is usual, and what a check makes of it.


def test_with_no_history_nothing_is_usual(stage: Stage) -> None:
    stage.write(storms.tool_loop(START_AT, calls=3))
    with closing(open_reader(stage.database)) as reader:
        raised, usual = raised_now(reader, Post(lambda: START_AT + 30 * SECOND, UTC, Settings))
    assert (raised, usual) == ([], None)


def test_a_check_raises_at_once_and_keeps_nothing(stage: Stage) -> None:
    stage.write(event for event in storms.crowd(START_AT, 12) if event.at < START_AT + 30 * SECOND)
    now = START_AT + 31 * SECOND
    settings = Settings(rules={"spawn_rate": RuleChange(grade="note")})
    with closing(open_reader(stage.database)) as reader:
        raised, usual = raised_now(reader, Post(lambda: now, UTC, lambda: settings))
        assert [(one.finding.rule, one.grade) for one in raised] == [
            ("agents_at_once", "alarm"),
            ("spawn_rate", "note"),
        ]
        assert usual == Usuals()
        assert not alert_log(reader, now)


def test_what_is_usual_is_kept_for_an_hour(new_database: MakeDatabase) -> None:
    known = Usuals(agents=Usual(1.0, 2.0, 30), day=AverageDay(3, 1.0, 2.0, 3.0))
    with closing(open_writer(new_database())) as connection:
        assert kept_usual(connection, START_AT) is None
        keep_usual(connection, known, START_AT)
        assert kept_usual(connection, START_AT + timedelta(minutes=59)) == known
        assert kept_usual(connection, START_AT + timedelta(minutes=61)) is None
        assert kept_usual(connection, START_AT - SECOND) is None
        connection.execute("UPDATE memo SET value = '{\"at_ms\": 1}'")
        assert kept_usual(connection, START_AT) is None


# The journal.


def test_an_alert_is_kept_with_its_peak(journal: AlertJournal, new_database: MakeDatabase) -> None:
    alert_id, is_new, _ = journal.raise_alert(alert(), NOW_MS, AGAIN_MS)
    assert is_new
    journal.keep_up(alert_id, alert(value=20.0, evidence="20 agents working"), NOW_MS + 5_000)
    journal.keep_up(alert_id, alert(value=15.0, evidence="15 agents working"), NOW_MS + 9_000)
    deliveries = DeliveryJournal(journal._connection, os.getpid())
    deliveries.settle([Delivery(alert_id, "webhook slack", NOW_MS, 4, "it answered 500")])
    with closing(open_reader(_path(journal))) as reader:
        row = open_alerts(reader, _at(NOW_MS + 10_000))[0]
        assert (row.state, row.value, row.peak, row.peak_evidence) == ("alarm", 15.0, 20.0, "20 agents working")
        assert (row.evidence, row.agents, row.sent[0].attempts) == ("12 agents working", ("", "a1"), 4)
        assert row.title == "too many agents at once"
        journal.end(alert_id, NOW_MS + 11_000)
        assert not open_alerts(reader, _at(NOW_MS + 12_000))
        ended = alert_log(reader, _at(NOW_MS + 12_000))[0]
        assert (ended.state, ended.ended_at) == ("over", _at(NOW_MS + 11_000))
        assert journal.acknowledge(alert_id, NOW_MS + 20_000)
        assert not journal.acknowledge(99, NOW_MS)
        assert alert_log(reader, _at(NOW_MS))[0].acknowledged_at == _at(NOW_MS + 20_000)


def test_an_alert_that_comes_back_soon_is_the_same(journal: AlertJournal) -> None:
    first = journal.raise_alert(alert(), NOW_MS, AGAIN_MS).alert_id
    journal.end(first, NOW_MS + 1_000)
    assert journal.raise_alert(alert(), NOW_MS + 60_000, AGAIN_MS)[:2] == (first, False)
    journal.end(first, NOW_MS + 61_000)
    second, is_new, _ = journal.raise_alert(alert(), NOW_MS + 61_000 + AGAIN_MS, AGAIN_MS)
    assert second != first
    assert is_new
    assert journal.raise_alert(alert(subject="other"), NOW_MS, AGAIN_MS).is_new


def test_a_budgets_mark_is_raised_once_in_its_window(journal: AlertJournal) -> None:
    mark = alert("budget_level", "daily@100@20261122", lasts_until_ms=NOW_MS + 10**7)
    first = journal.raise_alert(mark, NOW_MS, AGAIN_MS).alert_id
    journal.end(first, NOW_MS + 1)
    assert journal.raise_alert(mark, NOW_MS + 9 * 10**6, AGAIN_MS)[:2] == (first, False)
    journal.end(first, NOW_MS + 9 * 10**6)
    assert journal.raise_alert(mark, NOW_MS + 2 * 10**7, AGAIN_MS).is_new


def test_of_two_programs_one_tells(journal: AlertJournal) -> None:
    with closing(AlertJournal(open_writer(_path(journal)))) as other:
        mine = journal.raise_alert(alert(), NOW_MS, AGAIN_MS)
        theirs = other.raise_alert(alert(), NOW_MS + 100, AGAIN_MS)
    assert (mine.alert_id, mine.is_new, theirs.alert_id, theirs.is_new) == (mine.alert_id, True, mine.alert_id, False)


def test_an_alert_whose_program_is_gone_ended_then(journal: AlertJournal) -> None:
    first = journal.raise_alert(alert(), NOW_MS, AGAIN_MS).alert_id
    later_ms = NOW_MS + STALE_MS + 1
    with closing(open_reader(_path(journal))) as reader:
        assert not open_alerts(reader, _at(later_ms))
        assert alert_log(reader, _at(later_ms))[0].ended_at == _at(NOW_MS)
    assert journal.raise_alert(alert(), later_ms + AGAIN_MS, AGAIN_MS).alert_id != first


# The alarm: telling, muting.


class Crowd:
    """Facts with so many agents at work, one second after the other."""

    def __init__(self) -> None:
        self.now_ms = NOW_MS

    def facts(self, agents: int) -> Facts:
        from tests.watch.test_rules import session

        self.now_ms += 1_000
        return Facts(self.now_ms, DayNow(datetime(2027, 1, 15, tzinfo=UTC)), (session(agents=agents),))


def look(alarm: Alarm, crowd: Crowd, agents: int, times: int, settings: Settings | None = None) -> list[Change]:
    return [one for _ in range(times) for one in alarm.look(crowd.facts(agents), Usuals(), settings or Settings())]


def test_an_alarm_is_told_once(journal: AlertJournal) -> None:
    told: list[Notice] = []
    alarm, crowd = Alarm(journal, told.append), Crowd()
    changes = look(alarm, crowd, 14, 10)
    assert [(one.before, one.after) for one in changes] == [("quiet", "watch"), ("watch", "alarm")]
    assert [one.rule for one in alarm.raised] == ["agents_at_once"]
    look(alarm, crowd, 2, 30)
    look(alarm, crowd, 14, 10)
    assert [(one.alert_id, one.state, one.rule) for one in told] == [(1, "alarm", "agents_at_once")]
    assert told[0].session_title == "task 1"


def test_an_alarm_that_another_program_raised_a_moment_ago_rings_here_too(journal: AlertJournal) -> None:
    told: list[Notice] = []
    rung: list[Notice] = []
    opened_late: list[Notice] = []
    first, second = Alarm(journal, told.append), Alarm(journal, told.append, rung.append)
    crowd = Crowd()
    for _ in range(90):
        facts = crowd.facts(14)
        first.look(facts, Usuals(), Settings())
        second.look(facts, Usuals(), Settings())
    look(Alarm(journal, told.append, opened_late.append), crowd, 14, 10)
    assert [one.rule for one in told] == [one.rule for one in rung] == ["agents_at_once"]
    assert not opened_late, "it is no news any more"


def test_the_end_is_told_where_that_is_wanted(journal: AlertJournal) -> None:
    told: list[Notice] = []
    alarm, crowd = Alarm(journal, told.append), Crowd()
    settings = Settings(notify=Notify(when_over=True))
    look(alarm, crowd, 14, 10, settings)
    look(alarm, crowd, 0, 30, settings)
    assert [one.state for one in told] == ["alarm", "over"]


def test_of_an_alarm_that_comes_back_untold_no_second_end_is_told(journal: AlertJournal) -> None:
    told: list[Notice] = []
    alarm, crowd = Alarm(journal, told.append), Crowd()
    settings = Settings(notify=Notify(when_over=True))
    for _ in range(3):
        look(alarm, crowd, 14, 10, settings)
        look(alarm, crowd, 0, 30, settings)
    assert [one.state for one in told] == ["alarm", "over"]
    crowd.now_ms += AGAIN_MS
    look(alarm, crowd, 14, 10, settings)
    look(alarm, crowd, 0, 30, settings)
    assert [(one.alert_id, one.state) for one in told[2:]] == [(2, "alarm"), (2, "over")]


def test_the_end_of_what_was_not_told_is_not_told(journal: AlertJournal) -> None:
    told: list[Notice] = []
    alarm, crowd = Alarm(journal, told.append), Crowd()
    settings = Settings(rules={"spawn_depth": RuleChange({"depth": 1.0})}, notify=Notify(when_over=True))
    look(alarm, crowd, 14, 10, settings)
    look(alarm, crowd, 0, 30, settings)
    assert [(one.rule, one.state) for one in told] == [(told[0].rule, "alarm"), (told[0].rule, "over")]


def test_the_end_of_what_began_as_a_warning_is_not_told(journal: AlertJournal) -> None:
    told: list[Notice] = []
    alarm, crowd, notify = Alarm(journal, told.append), Crowd(), Notify(when_over=True)
    look(alarm, crowd, 14, 10, Settings(rules={"agents_at_once": RuleChange(grade="warn")}, notify=notify))
    look(alarm, crowd, 14, 10, Settings(notify=notify))
    look(alarm, crowd, 0, 30, Settings(notify=notify))
    assert not told


def test_of_two_programs_one_tells_the_end(journal: AlertJournal) -> None:
    told: list[Notice] = []
    crowd, settings = Crowd(), Settings(notify=Notify(when_over=True))
    alarms = [Alarm(journal, told.append), Alarm(journal, told.append)]
    for agents in [14] * 10 + [0] * 30:
        for alarm in alarms:
            look(alarm, crowd, agents, 1, settings)
    assert [one.state for one in told] == ["alarm", "over"]


def test_the_end_of_what_is_muted_is_not_told(journal: AlertJournal) -> None:
    told: list[Notice] = []
    alarm, crowd = Alarm(journal, told.append), Crowd()
    settings = Settings(notify=Notify(when_over=True))
    look(alarm, crowd, 14, 10, settings)
    assert [one.after for one in alarm.look(crowd.facts(14), Usuals(), settings, [("", "s1")])] == ["over"]
    assert [one.state for one in told] == ["alarm"]


def test_an_alert_and_what_is_to_be_told_of_it_are_kept_together(journal: AlertJournal) -> None:
    class Killed(BaseException):
        """The program ends here."""

    def die(_: Notice) -> None:
        raise Killed

    alarm, crowd = Alarm(journal, die), Crowd()
    with pytest.raises(Killed):
        look(alarm, crowd, 14, 10)
    with closing(open_reader(_path(journal))) as reader:
        assert not alert_log(reader, _at(crowd.now_ms))
    told: list[Notice] = []
    look(Alarm(journal, told.append), crowd, 14, 10)
    assert [one.state for one in told] == ["alarm"]


def test_a_second_rule_about_the_same_session_is_kept_but_not_told(journal: AlertJournal) -> None:
    told: list[Notice] = []
    alarm, crowd = Alarm(journal, told.append), Crowd()
    settings = Settings(rules={"spawn_depth": RuleChange({"depth": 1.0})})
    look(alarm, crowd, 14, 10, settings)
    assert len(told) == 1
    with closing(open_reader(_path(journal))) as reader:
        rows = alert_log(reader, _at(crowd.now_ms))
    assert {row.rule for row in rows} == {"agents_at_once", "spawn_depth"}
    assert sorted(len(row.sent) for row in rows) == [0, 1]


def test_a_session_that_another_program_told_of_is_not_told_again(journal: AlertJournal) -> None:
    told: list[Notice] = []
    deliveries = DeliveryJournal(journal._connection, os.getpid())

    def tell(notice: Notice) -> None:
        deliveries.expect(notice.alert_id, ("command",), NOW_MS)
        told.append(notice)

    crowd, settings = Crowd(), Settings(rules={"spawn_depth": RuleChange({"depth": 1.0}, hold_seconds=6.0)})
    look(Alarm(journal, tell), crowd, 14, 5, settings)
    look(Alarm(journal, tell), crowd, 14, 10, settings)
    assert [one.rule for one in told] == ["agents_at_once"]
    with closing(open_reader(_path(journal))) as reader:
        sent = {row.rule: [one.channel for one in row.sent] for row in alert_log(reader, _at(crowd.now_ms))}
    assert sent["spawn_depth"] == [f"told with alert {told[0].alert_id}"]
    raised_ms = told[0].at_ms
    assert journal.told_of("s1", raised_ms + 119_999, 120_000) == told[0].alert_id
    assert journal.told_of("s1", raised_ms + 120_000, 120_000) == journal.told_of("s2", raised_ms, 120_000) == 0


def test_a_note_or_a_warning_is_kept_but_not_told(journal: AlertJournal) -> None:
    told: list[Notice] = []
    alarm, crowd = Alarm(journal, told.append), Crowd()
    look(alarm, crowd, 14, 10, Settings(rules={"agents_at_once": RuleChange(grade="warn")}))
    assert not told
    with closing(open_reader(_path(journal))) as reader:
        assert [row.grade for row in open_alerts(reader, _at(crowd.now_ms))] == ["warn"]


@pytest.mark.parametrize("mute", [("agents_at_once", ""), ("", "s1"), ("agents_at_once", "s1")])
def test_what_is_muted_ends_and_stays_quiet(journal: AlertJournal, mute: tuple[str, str]) -> None:
    told: list[Notice] = []
    alarm, crowd = Alarm(journal, told.append), Crowd()
    look(alarm, crowd, 14, 10)
    changes = alarm.look(crowd.facts(14), Usuals(), Settings(), [mute])
    assert [one.after for one in changes] == ["over"]
    others = alarm.look(crowd.facts(14), Usuals(), Settings(), [("tool_loop", ""), ("", "s2")])
    assert [one.after for one in others] == ["watch"]


def test_mutes_last_as_long_as_they_should(journal: AlertJournal) -> None:
    journal.mute(NOW_MS, rule="tool_loop", until_ms=NOW_MS + 3_600_000)
    journal.mute(NOW_MS, session_id="s1")
    with closing(open_reader(_path(journal))) as reader:
        assert {(one.rule, one.session_id) for one in mutes_now(reader, _at(NOW_MS + 1))} == {
            ("tool_loop", ""),
            ("", "s1"),
        }
        assert {(one.rule, one.until) for one in mutes_now(reader, _at(NOW_MS + 3_600_001))} == {("", None)}
    assert journal.unmute(session_id="s1")
    assert not journal.unmute(session_id="s1")


class Postman:
    """Takes notices by one channel; what became of them is asked for once."""

    def __init__(self, *, is_quick: bool = True) -> None:
        self.told: list[tuple[Notice, str]] = []
        self._is_quick = is_quick

    def channels(self) -> tuple[str, ...]:
        return ("command",)

    def tell(self, notice: Notice, only: str = "") -> None:
        self.told.append((notice, only))

    def ring(self, notice: Notice) -> None:
        self.told.append((notice, "the bell alone"))

    def delivered(self) -> list[Delivery]:
        if not self._is_quick:
            return []
        return [Delivery(notice.alert_id, "command", 1, 1, "it broke") for notice, _ in self.told]


def test_a_guard_keeps_what_its_teller_delivered(stage: Stage) -> None:
    stage.write(event for event in storms.crowd(START_AT, 12) if event.at < START_AT + 30 * SECOND)
    clock, postman = [START_AT + 31 * SECOND], Postman()
    with closing(open_guard(stage.database, Post(lambda: clock[0], UTC, Settings), postman)) as guard:
        sent = _looks(guard, clock, 6)
    assert postman.told[0][0].rule == "agents_at_once"
    assert sent[0].error == "it broke"
    with closing(open_reader(stage.database)) as reader:
        row = next(row for row in alert_log(reader, clock[0]) if row.rule == "agents_at_once")
    assert row.sent[0].error == "it broke"


def test_a_guard_whose_history_was_replaced_is_opened_anew(new_database: MakeDatabase) -> None:
    database, stop, woken = new_database(), threading.Event(), threading.Event()
    said: list[str] = []

    def on_sighting(_: Sighting) -> None:
        new_database().replace(database)
        woken.set()

    def on_trouble(reason: str) -> None:
        said.append(reason)
        if reason:
            stop.set()

    woken.set()
    keep_looking(
        lambda: open_guard(database, Post(lambda: START_AT, UTC, Settings)), stop, woken, on_sighting, on_trouble
    )
    assert said == [
        "",
        f"the rules cannot be applied: {database} was replaced while it was open; the other one is opened",
    ]


def test_what_is_on_its_way_is_written_down_before_it_is_known_to_be_sent(stage: Stage) -> None:
    stage.write(event for event in storms.crowd(START_AT, 12) if event.at < START_AT + 30 * SECOND)
    clock = [START_AT + 31 * SECOND]
    post = Post(lambda: clock[0], UTC, Settings)
    with closing(open_guard(stage.database, post, Postman(is_quick=False))) as guard:
        _looks(guard, clock, 6)
    with closing(open_reader(stage.database)) as reader:
        row = next(row for row in alert_log(reader, clock[0]) if row.rule == "agents_at_once")
    assert [(sent.channel, sent.is_pending, sent.error) for sent in row.sent] == [("command", True, "")]


def test_what_a_killed_program_left_unsent_is_sent_once_more_while_its_alert_holds(
    journal: AlertJournal, new_database: MakeDatabase
) -> None:
    holds = journal.raise_alert(alert(), NOW_MS, AGAIN_MS).alert_id
    ended = journal.raise_alert(alert(subject="other"), NOW_MS, AGAIN_MS).alert_id
    journal.end(ended, NOW_MS + 1_000)
    killed = DeliveryJournal(journal._connection, _ended_process())
    killed.expect(holds, ("command", "webhook slack"), NOW_MS)
    killed.expect(ended, ("command",), NOW_MS)
    DeliveryJournal(journal._connection, os.getppid()).expect(ended, ("desktop",), NOW_MS)
    postman, clock = Postman(is_quick=False), [_at(NOW_MS + 5_000)]
    with closing(open_guard(_path(journal), Post(lambda: clock[0], UTC, Settings), postman)) as guard:
        _looks(guard, clock, 70)
    assert [(notice.alert_id, notice.title, only) for notice, only in postman.told] == [
        (holds, "too many agents at once", "command")
    ]
    with closing(open_reader(_path(journal))) as reader:
        rows = {row.alert_id: [(sent.channel, sent.error) for sent in row.sent] for row in alert_log(reader, clock[0])}
    assert rows[holds] == [("command", LOST), ("webhook slack", LOST), ("command", "")]
    assert rows[ended] == [("command", LOST), ("desktop", "")]


def test_what_has_been_on_its_way_for_too_long_is_lost_whoever_has_that_number_now(journal: AlertJournal) -> None:
    alert_id = journal.raise_alert(alert(), NOW_MS, AGAIN_MS).alert_id
    mine = DeliveryJournal(journal._connection, os.getpid())
    mine.expect(alert_id, ("command",), NOW_MS)
    assert mine.give_up_lost(NOW_MS + LOST_AFTER_MS - 1, lambda _: False) == []
    assert mine.give_up_lost(NOW_MS + LOST_AFTER_MS, lambda _: True) == [(alert_id, "command")]
    assert mine.give_up_lost(NOW_MS + LOST_AFTER_MS, lambda _: True) == []


def _ended_process() -> int:
    with subprocess.Popen([sys.executable, "-c", ""]) as process:
        process.wait()
    return process.pid


def _looks(guard: Guard, clock: list[datetime], times: int) -> list[Delivery]:
    sent: list[Delivery] = []
    for _ in range(times):
        sent += guard.look().deliveries
        clock[0] += SECOND
    return sent


def _path(journal: AlertJournal) -> Path:
    connection: sqlite3.Connection = journal._connection
    return Path(connection.execute("PRAGMA database_list").fetchone()[2])


def _at(at_ms: int) -> datetime:
    return datetime.fromtimestamp(at_ms / 1000, UTC)


@pytest.mark.parametrize(("look_seconds", "pause_seconds"), [(0.001, 0.2), (0.02, 0.4), (0.3, 1.0), (0.8, 1.6)])
def test_the_longer_a_look_takes_the_longer_it_rests(look_seconds: float, pause_seconds: float) -> None:
    assert pause_after(look_seconds) == pytest.approx(pause_seconds)
