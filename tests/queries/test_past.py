"""The store as it stood: a history that went on is asked about a moment, and answers as one that ended there."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.kit.played import write_until
from tests.queries.test_snapshot import BERLIN, ms, stored
from tokentui.config.settings import DEFAULT_BUDGETS
from tokentui.demo.player import write_history
from tokentui.filters import parse_filter
from tokentui.instants import QUARTER_MS
from tokentui.queries.any_time import AnyTimeQuestions
from tokentui.queries.ask import StoredQuestions
from tokentui.queries.circumstances import Circumstances
from tokentui.queries.results import Money, Snapshot
from tokentui.queries.session.results import AgentRow
from tokentui.store.alerts import AlertFacts, AlertJournal
from tokentui.store.database import open_reader, open_writer
from tokentui.store.rollups import sum_anew
from tokentui.view import RangeName, View

START = datetime(2026, 11, 20, 14, tzinfo=UTC)
LATER = START + timedelta(seconds=170)
MOMENTS = [START + timedelta(seconds=seconds) for seconds in (20, 95, 125)]


def around(now: datetime) -> Circumstances:
    return Circumstances(lambda: now, BERLIN, lambda: DEFAULT_BUDGETS, tuple)


def asked(database: Path, now: datetime) -> AnyTimeQuestions:
    return AnyTimeQuestions(database, around(now))


def asked_then(database: Path, now: datetime) -> StoredQuestions:
    """Questions that take their time."""
    return StoredQuestions(open_reader(database), around(now), is_live=False)


def history(folder: Path, until: datetime) -> Path:
    """Three days of work and a storm, up to a moment."""
    write_history(folder / "claude", START, days=3)
    write_until(folder / "claude", START, until)
    return stored(folder / "claude")


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A history that went on after all moments."""
    return history(tmp_path_factory.mktemp("whole"), LATER)


@pytest.fixture(scope="module", params=MOMENTS, ids=lambda moment: f"{moment - START}")
def ended(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, whole: Path
) -> tuple[datetime, Path]:
    """A moment, and a history that ends there, without the answers that were half written then."""
    moment, database = request.param, history(tmp_path_factory.mktemp("ended"), request.param)
    with closing(open_writer(database)) as connection:
        connection.execute("ATTACH ? AS whole", (str(whole),))
        connection.execute("BEGIN")
        half_written = "message_id IN (SELECT message_id FROM whole.response WHERE at_ms > ?)"
        connection.execute(f"DELETE FROM response WHERE {half_written}", (ms(moment),))
        connection.execute("DELETE FROM usage_quarter")
        connection.execute(
            f"INSERT INTO usage_quarter SELECT at_ms / {QUARTER_MS} * {QUARTER_MS}, agent_id, model_id, "
            "sum(part = 0), sum(is_lower_bound AND part = 0), sum(cost_pico_usd IS NULL), sum(input_tokens), "
            "sum(output_tokens), sum(cache_write_5m_tokens), sum(cache_write_1h_tokens), sum(cache_read_tokens), "
            "sum(ifnull(cost_pico_usd, 0)), sum(ifnull(uncached_pico_usd, 0)) FROM response GROUP BY 1, 2, 3"
        )
        sum_anew(connection)
        connection.execute("COMMIT")
    return moment, database


@pytest.fixture
def now(whole: Path) -> Iterator[AnyTimeQuestions]:
    with closing(asked(whole, LATER)) as questions:
        yield questions


def at_work(agent: AgentRow) -> tuple[str, bool, Money]:
    """What of an agent a moment decides."""
    return agent.agent_id, agent.state == "working", agent.own_money


def comparable(snapshot: Snapshot) -> dict[str, object]:
    """All that a moment decides; which skipped lines there are is of the logs."""
    return {
        "headline": snapshot.headline,
        "chart": snapshot.chart,
        "cache": snapshot.cache,
        "models": snapshot.models,
        "budgets": snapshot.budgets,
        "sessions": snapshot.sessions,
        "matching": (snapshot.sessions_matching, snapshot.sessions_in_range),
        "totals": snapshot.totals,
        "as of": snapshot.as_of,
    }


@pytest.mark.parametrize("name", ["15m", "1h", "24h", "7d", "all"])
def test_a_past_snapshot_is_the_one_of_then(
    ended: tuple[datetime, Path], now: AnyTimeQuestions, name: RangeName
) -> None:
    moment, database = ended
    with closing(asked_then(database, moment)) as then:
        expected = then.snapshot(View(range=name))
    found = now.snapshot(View(range=name, as_of=moment))
    assert comparable(found) == comparable(expected)
    assert found.headline.responses_last_minute


def test_a_filter_and_an_order_hold_in_the_past_too(ended: tuple[datetime, Path], now: AnyTimeQuestions) -> None:
    moment, database = ended
    view = View(range="24h", sort="cost", filter=parse_filter("model:opus since:2h"))
    with closing(asked_then(database, moment)) as then:
        expected = then.snapshot(view)
    assert comparable(now.snapshot(view._replace(as_of=moment))) == comparable(expected)


def test_a_past_tree_and_its_responses_are_those_of_then(ended: tuple[datetime, Path], now: AnyTimeQuestions) -> None:
    moment, database = ended
    with closing(asked_then(database, moment)) as then:
        for row in then.snapshot(View(range="7d")).sessions:
            expected, found = then.session_tree(row.session_id), now.at(moment).session_tree(row.session_id)
            assert expected is not None
            assert found is not None
            assert found.session == expected.session
            assert list(map(at_work, found.agents)) == list(map(at_work, expected.agents))
            for agent in expected.agents:
                one = now.at(moment).agent_responses(row.session_id, agent.agent_id, 50)
                other = then.agent_responses(row.session_id, agent.agent_id, 50)
                assert one is not None
                assert other is not None
                assert [response.at for response in one.responses] == [response.at for response in other.responses]
                assert one.responses_in_all == other.responses_in_all


def test_an_alert_is_known_from_the_moment_it_was_raised_until_it_ended(whole: Path, now: AnyTimeQuestions) -> None:
    raised, ended = START + timedelta(seconds=40), START + timedelta(seconds=100)
    facts = AlertFacts("agents_at_once", "", "alarm", "", (), "agents", 14, 10, "14 agents working")
    with closing(AlertJournal(open_writer(whole))) as journal:
        number = journal.raise_alert(facts, ms(raised), 0).alert_id
        journal.keep_up(number, replace(facts, value=30, evidence="30 agents working"), ms(raised) + 30_000)
        journal.acknowledge(number, ms(raised) + 50_000)
        journal.end(number, ms(ended))

    def at(seconds: float) -> list[tuple[str, bool, bool]]:
        alerts = now.snapshot(View(as_of=START + timedelta(seconds=seconds))).alerts
        return [(alert.peak_evidence, alert.state == "alarm", alert.acknowledged_at is not None) for alert in alerts]

    assert at(39) == []
    assert at(41) == [("", True, False)]
    assert at(75) == [("30 agents working", True, False)]
    assert at(95) == [("30 agents working", True, True)]
    assert at(100) == []


def test_the_past_says_what_holds_at_present_beside_it(whole: Path) -> None:
    facts = AlertFacts("tool_loop", "here and now", "warn", "", (), "calls", 14, 10, "14 × Bash")
    with closing(AlertJournal(open_writer(whole))) as journal:
        number = journal.raise_alert(facts, ms(LATER) - 1000, 0).alert_id
        with closing(asked(whole, LATER)) as questions:
            past = questions.snapshot(View(as_of=MOMENTS[0]))
            assert ([alert.rule for alert in past.alerts], [alert.rule for alert in past.alerts_now]) == (
                [],
                ["tool_loop"],
            )
            present = questions.snapshot(View())
            assert ([alert.rule for alert in present.alerts], present.alerts_now) == (["tool_loop"], ())
        journal.end(number, ms(LATER))


def test_the_past_sees_what_is_read_later_about_that_time(tmp_path: Path) -> None:
    database = history(tmp_path, START)
    with closing(asked(database, LATER)) as questions:
        before = questions.snapshot(View(as_of=MOMENTS[0]))
        write_until(tmp_path / "claude", START, LATER)
        stored(tmp_path / "claude")
        assert questions.snapshot(View(as_of=MOMENTS[0])).totals.responses > before.totals.responses
