"""A session's views, advice and comparing on screen: what is new appears, what is missing is said, nothing waits."""

from __future__ import annotations

import queue
import re
import threading
from dataclasses import dataclass, field, replace

import pytest
from textual.message import Message

from tests.kit import canned_insight
from tests.kit.canned import NOW, empty, session
from tests.kit.canned_across import FINDINGS
from tests.kit.canned_insight import cache
from tests.kit.driving import PATIENCE_SECONDS, driven
from tests.kit.fakes import CannedQuestions
from tokentui.queries.advice.advise import AdviceView
from tokentui.queries.advice.findings import Advice
from tokentui.queries.compare.screen import Comparison
from tokentui.queries.compare.subjects import SideKind
from tokentui.queries.results import Money
from tokentui.queries.session.context_window import AgentContext
from tokentui.queries.session.parts import PartName, SessionInsight
from tokentui.queries.session.timeline import Timeline
from tokentui.queries.session.tools import SessionTools
from tokentui.queries.session.turns import SessionTurns
from tokentui.ui.background.slow import KEPT_SECONDS, SlowAsker
from tokentui.ui.drawing.lines import line_width
from tokentui.ui.drawing.table import RowTable
from tokentui.ui.messages import AnswerReady, SourceFailed
from tokentui.ui.panes.session.timeline import lanes_of
from tokentui.ui.questions import AskAdvice, AskComparison
from tokentui.ui.requests import OpenSession
from tokentui.ui.screens.session import SessionScreen

VIEWS: dict[str, str] = {"2": "concurrency", "3": "turns", "4": "cache-clock", "5": "tools", "6": "context"}


@dataclass
class Growing(CannedQuestions):
    """A session whose cache is rebuilt more and more often."""

    rebuilds: int = 2

    def session_insight(self, session_id: str, name: PartName, agent_id: str) -> SessionInsight | None:
        tree = self.session_tree(session_id)
        assert tree
        whole = cache(session_id)
        part = replace(whole, rebuilds=whole.rebuilds[-self.rebuilds :])
        return SessionInsight(tree, part) if name == "cache" else canned_insight.insight(tree, name, agent_id)


async def test_rebuilds_appear_as_they_happen_and_the_cursor_stays_on_its_own() -> None:
    questions = Growing()
    async with driven(questions=questions) as driver:
        await driver.press("enter", "4", "down")
        assert "rebuilds · 2 of" in driver.pane_text("#rebuilds")
        questions.rebuilds = 4
        assert driver.ingest.on_change
        driver.ingest.on_change()
        await driver.until(lambda: "rebuilds · 4 of" in driver.pane_text("#rebuilds"))
        cursor = driver.pane("#rebuilds").cursor_key  # type: ignore[attr-defined]
        assert cursor == "8001"


async def test_a_frozen_view_keeps_its_figures_and_another_view_still_opens() -> None:
    questions = Growing()
    async with driven(questions=questions) as driver:
        await driver.press("enter", "4", "space")
        questions.rebuilds = 4
        assert driver.ingest.on_change
        driver.ingest.on_change()
        await driver.press("5")
        assert "by tool · 234 calls" in driver.pane_text("#tools")
        assert "FROZEN" in driver.text()


async def test_grown_prompts_tell_their_day_where_it_is_wide() -> None:
    async with driven(size=(120, 36)) as driver:
        await driver.press("enter", "5")
        assert re.search(r"\d\d \w{3} \d\d:\d\d:\d\d", driver.pane_text("#growth"))


@pytest.mark.parametrize("pressed", ["A", "C"])
async def test_what_is_added_up_once_says_when(pressed: str) -> None:
    async with driven() as driver:
        await driver.press(pressed)
        assert f"at list price · as of {NOW:%H:%M}" in driver.text()


async def test_two_weeks_are_told_apart_on_the_smallest_screen() -> None:
    async with driven(size=(40, 12)) as driver:
        await driver.press("C")
        assert "11-16    11-09" in driver.text()


@pytest.mark.parametrize("size", [(40, 12), (80, 24)])
@pytest.mark.parametrize("keys", [("enter", "5", "enter"), ("enter", "3"), ("A",)])
async def test_a_cursor_reaches_the_edge_where_columns_leave_room(size: tuple[int, int], keys: tuple[str, ...]) -> None:
    async with driven(size=size) as driver:
        await driver.press(*keys)
        table = next(one for one in driver.app.screen.query(RowTable) if one.size.area)
        row = next(line for line in table._lines if line[0][0].startswith("▌"))
        assert line_width(row) == table.inner_size.width


@dataclass
class Bare(CannedQuestions):
    """A session in which nothing has happened yet."""

    def session_insight(self, session_id: str, name: PartName, agent_id: str) -> SessionInsight | None:
        tree = self.session_tree(session_id)
        assert tree
        nothing = {
            "timeline": Timeline(session_id, None, None, (), (), 0),
            "turns": SessionTurns(session_id, ()),
            "cache": replace(cache(session_id), rebuilds=(), clocks=()),
            "tools": SessionTools(session_id, (), (), (), (), ()),
            "context": AgentContext(session_id, agent_id, (), (), ()),
        }
        return SessionInsight(tree, nothing[name])  # type: ignore[arg-type]


@pytest.mark.parametrize("size", [(40, 12), (80, 24), (200, 50)])
async def test_every_view_says_so_where_there_is_nothing(size: tuple[int, int]) -> None:
    async with driven(questions=Bare(), size=size) as driver:
        await driver.press("enter")
        for digit, pane in VIEWS.items():
            await driver.press(digit)
            assert "failed" not in driver.pane_text(f"#{pane}")
            strips = driver.strips()
            assert {strip.cell_length for strip in strips} == {size[0]}
        assert "this agent has no response so far" in driver.text()


@pytest.mark.parametrize("size", [(40, 12), (60, 20), (120, 36), (240, 60)])
@pytest.mark.parametrize("alphabet", ["braille", "block", "ascii"])
async def test_every_view_draws_at_every_size(size: tuple[int, int], alphabet: str) -> None:
    from tests.kit.driving import CALM

    async with driven(size=size, settings=CALM._replace(alphabet=alphabet)) as driver:  # type: ignore[arg-type]
        await driver.press("enter")
        for digit in VIEWS:
            await driver.press(digit)
            assert "this pane failed" not in driver.text()
            assert all(len(line) <= size[0] for line in driver.text().splitlines())


async def test_a_session_that_is_not_stored_is_said_to_be_so() -> None:
    async with driven(questions=CannedQuestions(empty)) as driver:
        driver.app.post_message(OpenSession("no such session"))
        await driver.until(lambda: isinstance(driver.app.screen, SessionScreen))
        await driver.until(lambda: "this session is not in the store" in driver.text())


async def test_who_works_now_does_so_until_now_and_who_never_did_is_listed_too() -> None:
    questions = CannedQuestions()
    tree = questions.session_tree(session(0).session_id)
    assert tree
    lanes = lanes_of(tree, canned_insight.timeline(tree.session.session_id))
    by_agent = {one.agent.agent_id: one.spans for one in lanes.lanes}
    assert set(by_agent) == {agent.agent_id for agent in tree.agents}
    assert by_agent["a5"] == ()
    now_ms = round(NOW.timestamp() * 1000)
    assert by_agent["a2"][-1][1] == lanes.end_ms == now_ms
    assert by_agent["a4"][-1][1] < now_ms


async def test_turns_tools_and_evidence_open_what_they_stand_for() -> None:
    async with driven() as driver:
        await driver.press("enter", "3", "enter")
        assert "turn 2" in driver.pane_text("#trail")
        await driver.press("enter", "escape", "escape", "5", "enter", "enter")
        assert "response" in driver.pane_text("#response")
        await driver.press("escape", "escape", "escape")
        await driver.press("A", "enter", "enter")
        assert driver.pane("#response")
        await driver.press("escape", "end", "enter")
        assert driver.pane("#responses")


async def test_what_cannot_be_dismissed_is_said_aloud_and_stays() -> None:
    def fail(_key: str, _is_dismissed: bool) -> None:
        raise OSError("the disk is full [/b]")

    async with driven() as driver:
        driver.app._settings = driver.app._settings._replace(mark_finding=fail)
        await driver.press("A", "d")
        await driver.until(driver.said)
        assert driver.said() == "OSError: the disk is full [/b]"
        assert "4 findings" in driver.pane_text("#advice")


@dataclass
class Unpriced(CannedQuestions):
    """A comparison with a model that has no price."""

    def comparison(self, kind: SideKind, one: str, other: str) -> Comparison:
        found = super().comparison("model", one, other)
        left, right = found.sides
        unknown = replace(right, money=Money(0, right.responses), models=(("house-model-1", 0),), saved_pico_usd=0)
        return replace(found, sides=(left, unknown))


async def test_what_has_no_price_is_neither_free_nor_compared() -> None:
    async with driven(size=(120, 45), questions=Unpriced()) as driver:
        await driver.press("C")
        rows = [line.strip(" │").split() for line in driver.pane_text("#figures").splitlines()]
        money = [row[-3:] for row in rows if row[:1] in (["cost"], ["saved"])]
        assert [row[1:] for row in money] == [["?", "–"]] * 4
        assert "house-model-1 ?" in driver.text()


class Failing(CannedQuestions):
    """Advice that cannot be worked out."""

    def advice(self, days: int) -> AdviceView:
        raise OSError("disk I/O error")


@dataclass
class Slow(CannedQuestions):
    """Advice that comes when a test lets it; what was asked is told in order."""

    go: threading.Event = field(default_factory=threading.Event)
    asked_for: list[object] = field(default_factory=list)
    begun: threading.Event = field(default_factory=threading.Event)

    def advice(self, days: int) -> AdviceView:
        self.asked_for.append(days)
        self.begun.set()
        assert self.go.wait(PATIENCE_SECONDS)
        return AdviceView(Advice(NOW, NOW, FINDINGS), {})

    def comparison(self, kind: SideKind, one: str, other: str) -> Comparison:
        self.asked_for.append(kind)
        return super().comparison(kind, one, other)


async def test_figures_go_on_while_advice_is_worked_out() -> None:
    questions = Slow()
    async with driven(questions=questions) as driver:
        await driver.pilot.press("A")
        await driver.until(lambda: "going through the last 30 days" in driver.text())
        before = len(questions.asked)
        assert driver.ingest.on_change
        driver.ingest.on_change()
        await driver.until(lambda: len(questions.asked) > before)
        questions.go.set()
        await driver.until(lambda: "4 findings" in driver.text())


def test_a_question_that_fails_gives_its_connection_back() -> None:
    questions, heard = Failing(), list[Message]()
    asker = SlowAsker(questions, heard.append)
    asker.ask(AskAdvice())
    assert questions.closed.wait(PATIENCE_SECONDS)
    assert [one.part for one in heard if isinstance(one, SourceFailed)] == ["advice and comparing"]
    asker.stop()


@dataclass
class Counted(CannedQuestions):
    """Says which sides each comparison was asked for."""

    sides: queue.Queue[tuple[str, str]] = field(default_factory=queue.Queue)

    def comparison(self, kind: SideKind, one: str, other: str) -> Comparison:
        self.sides.put((one, other))
        return super().comparison(kind, one, other)


def test_what_is_shown_is_worked_out_again_once_it_is_old_and_something_is_new() -> None:
    questions, heard, clock = Counted(), queue.Queue[Message](), [0.0]
    asker = SlowAsker(questions, heard.put, lambda: clock[0])

    def answered() -> tuple[str, str]:
        while not isinstance(heard.get(timeout=PATIENCE_SECONDS), AnswerReady):
            pass
        return questions.sides.get(timeout=PATIENCE_SECONDS)

    asker.ask(AskComparison("model"))
    assert answered() == ("", "")
    clock[0] = KEPT_SECONDS
    asker.wake()
    first, second = answered()
    assert first != "" != second, "it goes on with the two that it shows"
    asker.wake()
    asker.ask(AskComparison("week"))
    assert answered() == ("", ""), "the one before was not old"
    asker.ask(None)
    clock[0] = 2 * KEPT_SECONDS
    asker.wake()
    asker.ask(AskComparison("session"))
    assert answered() == ("", ""), "nobody saw the one before"
    asker.stop()


def test_the_latest_wish_wins_and_an_answer_is_kept_for_a_while() -> None:
    questions, heard, clock = Slow(), list[Message](), [0.0]
    told = threading.Event()

    def hear(message: Message) -> None:
        heard.append(message)
        told.set()

    asker = SlowAsker(questions, hear, lambda: clock[0])
    asker.ask(AskAdvice())
    assert questions.begun.wait(PATIENCE_SECONDS)
    asker.ask(AskComparison("week"))
    asker.ask(AskComparison("model"))
    questions.go.set()
    while len([one for one in heard if isinstance(one, AnswerReady)]) < 2:
        assert told.wait(PATIENCE_SECONDS)
        told.clear()
    assert questions.asked_for == [30, "model"]
    asker.ask(AskAdvice())
    answers = [one for one in heard if isinstance(one, AnswerReady)]
    assert [one.question for one in answers] == [AskAdvice(), AskComparison("model"), AskAdvice()]
    assert questions.asked_for == [30, "model"]
    asker.stop()
    assert questions.closed.wait(PATIENCE_SECONDS)
