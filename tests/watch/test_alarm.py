"""Alerts are kept once, come back, end and are told as they should, also with several programs at it."""

from __future__ import annotations

import os
from contextlib import closing
from datetime import UTC, datetime

import pytest

from tests.kit.alert_facts import NOW_MS, alert, at, path_of
from tests.kit.stores import NewDatabase
from tokentui.config.settings import Notify, Settings
from tokentui.config.thresholds import RuleChange
from tokentui.queries.runaway.alerts import alert_log, mutes_now, open_alerts
from tokentui.store.alerts import STALE_MS, AlertJournal
from tokentui.store.database import open_reader, open_writer
from tokentui.store.deliveries import Delivery, DeliveryJournal
from tokentui.watch.alarm import Alarm, Change
from tokentui.watch.budget_facts import DayNow
from tokentui.watch.condition import AGAIN_MS
from tokentui.watch.facts import Facts
from tokentui.watch.telling.notices import Notice
from tokentui.watch.usual import Usuals


def test_an_alert_is_kept_with_its_peak(journal: AlertJournal, new_database: NewDatabase) -> None:
    alert_id, is_new, _ = journal.raise_alert(alert(), NOW_MS, AGAIN_MS)
    assert is_new
    journal.keep_up(alert_id, alert(value=20.0, evidence="20 agents working"), NOW_MS + 5_000)
    journal.keep_up(alert_id, alert(value=15.0, evidence="15 agents working"), NOW_MS + 9_000)
    deliveries = DeliveryJournal(journal._connection, os.getpid())
    deliveries.settle([Delivery(alert_id, "webhook slack", NOW_MS, 4, "it answered 500")])
    with closing(open_reader(path_of(journal))) as reader:
        row = open_alerts(reader, at(NOW_MS + 10_000))[0]
        assert (row.state, row.value, row.peak, row.peak_evidence) == ("alarm", 15.0, 20.0, "20 agents working")
        assert (row.evidence, row.agents, row.sent[0].attempts) == ("12 agents working", ("", "a1"), 4)
        assert row.title == "too many agents at once"
        journal.end(alert_id, NOW_MS + 11_000)
        assert not open_alerts(reader, at(NOW_MS + 12_000))
        ended = alert_log(reader, at(NOW_MS + 12_000))[0]
        assert (ended.state, ended.ended_at) == ("over", at(NOW_MS + 11_000))
        assert journal.acknowledge(alert_id, NOW_MS + 20_000)
        assert not journal.acknowledge(99, NOW_MS)
        assert alert_log(reader, at(NOW_MS))[0].acknowledged_at == at(NOW_MS + 20_000)


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
    with closing(AlertJournal(open_writer(path_of(journal)))) as other:
        mine = journal.raise_alert(alert(), NOW_MS, AGAIN_MS)
        theirs = other.raise_alert(alert(), NOW_MS + 100, AGAIN_MS)
    assert (mine.alert_id, mine.is_new, theirs.alert_id, theirs.is_new) == (mine.alert_id, True, mine.alert_id, False)


def test_an_alert_whose_program_is_gone_ended_then(journal: AlertJournal) -> None:
    first = journal.raise_alert(alert(), NOW_MS, AGAIN_MS).alert_id
    later_ms = NOW_MS + STALE_MS + 1
    with closing(open_reader(path_of(journal))) as reader:
        assert not open_alerts(reader, at(later_ms))
        assert alert_log(reader, at(later_ms))[0].ended_at == at(NOW_MS)
    assert journal.raise_alert(alert(), later_ms + AGAIN_MS, AGAIN_MS).alert_id != first


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
    with closing(open_reader(path_of(journal))) as reader:
        assert not alert_log(reader, at(crowd.now_ms))
    told: list[Notice] = []
    look(Alarm(journal, told.append), crowd, 14, 10)
    assert [one.state for one in told] == ["alarm"]


def test_a_second_rule_about_the_same_session_is_kept_but_not_told(journal: AlertJournal) -> None:
    told: list[Notice] = []
    alarm, crowd = Alarm(journal, told.append), Crowd()
    settings = Settings(rules={"spawn_depth": RuleChange({"depth": 1.0})})
    look(alarm, crowd, 14, 10, settings)
    assert len(told) == 1
    with closing(open_reader(path_of(journal))) as reader:
        rows = alert_log(reader, at(crowd.now_ms))
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
    with closing(open_reader(path_of(journal))) as reader:
        sent = {row.rule: [one.channel for one in row.sent] for row in alert_log(reader, at(crowd.now_ms))}
    assert sent["spawn_depth"] == [f"told with alert {told[0].alert_id}"]
    raised_ms = told[0].at_ms
    assert journal.told_of("s1", raised_ms + 119_999, 120_000) == told[0].alert_id
    assert journal.told_of("s1", raised_ms + 120_000, 120_000) == journal.told_of("s2", raised_ms, 120_000) == 0


def test_a_note_or_a_warning_is_kept_but_not_told(journal: AlertJournal) -> None:
    told: list[Notice] = []
    alarm, crowd = Alarm(journal, told.append), Crowd()
    look(alarm, crowd, 14, 10, Settings(rules={"agents_at_once": RuleChange(grade="warn")}))
    assert not told
    with closing(open_reader(path_of(journal))) as reader:
        assert [row.grade for row in open_alerts(reader, at(crowd.now_ms))] == ["warn"]


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
    with closing(open_reader(path_of(journal))) as reader:
        assert {(one.rule, one.session_id) for one in mutes_now(reader, at(NOW_MS + 1))} == {
            ("tool_loop", ""),
            ("", "s1"),
        }
        assert {(one.rule, one.until) for one in mutes_now(reader, at(NOW_MS + 3_600_001))} == {("", None)}
    assert journal.unmute(session_id="s1")
    assert not journal.unmute(session_id="s1")
