"""Freezing, filtering, drilling down, and what new answers do to the screen."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, timedelta

import pytest

from tests.kit.canned import NOW, OPUS, busy
from tests.kit.canned_drill import detail, responses
from tests.kit.driving import PATIENCE_SECONDS, Driver, driven
from tests.kit.fakes import CannedIngest, CannedQuestions
from tokentui.figures import format_count
from tokentui.queries.results import Money, SessionState, Snapshot
from tokentui.queries.session.results import ResponseDetail, ResponsePart
from tokentui.records import Tokens
from tokentui.ui.drawing.facts import counted, facts
from tokentui.ui.drawing.lines import line_width
from tokentui.ui.panes.dashboard.sessions import SessionsPane
from tokentui.ui.panes.session.response import ResponsePane
from tokentui.ui.panes.session.trail import Trail
from tokentui.ui.questions import AskResponses, AskTree
from tokentui.ui.scene import Scene
from tokentui.ui.screens.agent import AgentScreen
from tokentui.ui.screens.dashboard import DashboardScreen
from tokentui.ui.screens.response import ResponseScreen
from tokentui.ui.screens.session import SessionScreen
from tokentui.ui.settings import UiSettings
from tokentui.view import RANGES, View


class Growing:
    """Each answer has so many responses more than the first."""

    def __init__(self) -> None:
        self.more = 0

    def __call__(self, view: View) -> Snapshot:
        snapshot = busy(view)
        headline = snapshot.headline._replace(working_agents=5 + self.more)
        totals = snapshot.totals._replace(responses=snapshot.totals.responses + self.more)
        return replace(snapshot, headline=headline, totals=totals)


async def change(driver: Driver, more: int) -> None:
    """Something new is in the store."""
    make = driver.questions.make
    assert isinstance(make, Growing)
    make.more = more
    assert driver.ingest.on_change is not None
    driver.ingest.on_change()
    total = busy().totals.responses + more
    await driver.until(lambda: driver.app.scene.latest and driver.app.scene.latest.totals.responses == total)


async def test_something_new_is_on_screen_without_waiting_for_a_tick() -> None:
    async with driven(Growing()) as driver:
        await change(driver, 90)
        assert "95" in driver.pane_text("#headline")


async def test_frozen_holds_all_panes_and_counts_what_waits() -> None:
    async with driven(Growing()) as driver:
        await driver.press("space")
        before = driver.text().splitlines()[2:]
        await change(driver, 1_284)
        assert "‖ FROZEN 14:02:11 · +1,284 responses waiting · Space to resume" in driver.text()
        assert driver.text().splitlines()[2:] == before
        await driver.press("space")
        assert "1289" in driver.pane_text("#headline")
        assert "FROZEN" not in driver.text()


async def test_another_range_while_frozen_is_frozen_at_the_new_moment() -> None:
    async with driven(Growing()) as driver:
        await driver.press("space")
        await change(driver, 3)
        await driver.press("t")
        await driver.until(lambda: driver.app.scene.snapshot and driver.app.scene.snapshot.view.range == "6h")
        assert "FROZEN" in driver.text()
        assert "+0 responses" in driver.text()


async def test_the_filter_applies_when_typing_rests() -> None:
    async with driven() as driver:
        await driver.type("slash", *"cost>1")
        await driver.until(lambda: driver.app.scene.view.filter.source == "cost>1")
        assert driver.app.focused is driver.app.screen.query_one("#filter-input")
        assert "filter: cost>1" in driver.text()


async def test_a_wrong_filter_says_where_and_the_last_good_one_stays() -> None:
    async with driven() as driver:
        await driver.type("slash", *"opus", "enter")
        await driver.until(lambda: driver.app.scene.view.filter.source == "opus")
        await driver.type("slash", *" cost:1")
        await driver.until(lambda: "cost is a number" in driver.text())
        assert "at 10: " in driver.text()
        assert driver.app.scene.view.filter.source == "opus"
        await driver.press("escape")
        assert driver.app.scene.view.filter.source == "opus"


async def test_escape_closes_the_line_then_clears_the_filter_then_does_nothing() -> None:
    async with driven() as driver:
        await driver.type("slash", *"opus", "escape")
        await driver.until(lambda: driver.app.scene.view.filter.source == "opus")
        await driver.press("escape")
        assert driver.app.scene.view.filter.source == ""
        await driver.press("escape")
        assert isinstance(driver.app.screen, DashboardScreen)


async def test_escape_leaves_zoom_before_it_clears_the_filter() -> None:
    async with driven() as driver:
        await driver.type("slash", *"opus", "enter")
        await driver.until(lambda: driver.app.scene.view.filter.source == "opus")
        await driver.press("z", "escape")
        assert driver.app.scene.view.filter.source == "opus"
        await driver.press("escape")
        assert driver.app.scene.view.filter.source == ""


async def test_filtering_shows_a_hidden_table() -> None:
    async with driven() as driver:
        await driver.press("6", "2", "slash")
        await driver.press("escape")
        assert driver.app.focused is driver.app.screen.query_one(SessionsPane)


async def test_the_line_closes_where_tab_or_a_click_leaves_it() -> None:
    async with driven() as driver:
        screen = driver.app.screen
        assert isinstance(screen, DashboardScreen)
        for leave in (lambda: driver.press("tab"), lambda: driver.pilot.click("#cache")):
            await driver.type("slash", *"opus")
            await leave()
            await driver.until(lambda: driver.app.scene.view.filter.source == "opus")
            assert not screen.body.is_filtering
            assert driver.app.focused is not driver.app.screen.query_one(SessionsPane)
            await driver.press("slash")
            assert driver.app.focused is screen.query_one("#filter-input")
            await driver.press("escape", "escape")


def test_a_trail_of_wide_characters_ends_where_the_screen_does() -> None:
    trail = Trail()
    trail.crumbs = ("日本語の見出しを直す" * 3, "日本語の見出しを直す" * 6)
    (line,) = trail.draw(Scene(NOW, UTC, View()), 60, 1)
    assert line_width(line) <= 60
    assert line[-1][0].endswith("…")


def test_one_of_anything_is_no_plural_among_facts() -> None:
    line = facts(counted(1, "agent"), counted(0, "tool call"), counted(1_204, "error"))
    assert "".join(text for text, _ in line) == " 1 agent · 0 tool calls · 1,204 errors"


@pytest.mark.parametrize(
    ("state", "ago", "said"),
    [
        ("idle", timedelta(minutes=40), "idle since 13:22 · "),
        ("idle", timedelta(days=112), "idle since 2 Aug · "),
        ("working", timedelta(seconds=2), "working · "),
    ],
)
async def test_a_session_that_is_idle_says_since_when(state: SessionState, ago: timedelta, said: str) -> None:
    row = busy().sessions[0]._replace(state=state, last_line_at=NOW - ago)
    async with driven(lambda view: replace(busy(view), sessions=(row,))) as driver:
        await driver.press("enter")
        assert f" {said}" in driver.pane_text("#trail")


@pytest.mark.parametrize(("seconds", "said"), [(0, "–"), (0.4, "400ms"), (7, "7.0s")])
def test_of_an_answer_in_one_line_nobody_knows_how_long_it_took(seconds: float, said: str) -> None:
    (row,) = responses(1)
    lines = lines_of(replace(detail(row), first_line_at=row.at - timedelta(seconds=seconds)))
    assert [line.split()[1:] for line in lines if line.startswith(" took")] == [[said]]


def test_what_is_priced_apart_from_an_answer_is_named_and_added_to_it() -> None:
    (row,) = responses(1)
    spent = Money(6_000_000_000)
    parts = (ResponsePart("message", OPUS, Tokens(5, 3), spent), ResponsePart("compaction", OPUS, Tokens(9), spent))
    lines = lines_of(replace(detail(row), response=row._replace(money=spent, is_lower_bound=False), parts=parts))
    assert " with its parts  $0.018000" in lines
    assert f" earlier prompt  {OPUS} · 8 tokens · <$0.01" in lines
    assert f" compaction      {OPUS} · 9 tokens · <$0.01" in lines
    assert not any("with its parts" in line for line in lines_of(replace(detail(row), parts=())))


def lines_of(one: ResponseDetail) -> list[str]:
    pane = ResponsePane()
    pane.detail = one
    return ["".join(text for text, _ in line).rstrip() for line in pane.text(Scene(NOW, UTC, View()), 80)]


async def test_down_to_one_response_and_up_again() -> None:
    async with driven() as driver:
        await driver.press("enter")
        assert isinstance(driver.app.screen, SessionScreen)
        assert "├─general-purpose" in driver.text()
        assert "│ └─test-runner" in driver.text()
        assert re.search("└─compaction +background", driver.text())
        await driver.press("down", "down", "enter")
        assert isinstance(driver.app.screen, AgentScreen)
        assert driver.app.screen.question == AskResponses(busy().sessions[0].session_id, "a2")
        assert "1,204, newest 24 listed" in driver.text()
        assert "≥523" in driver.text()
        await driver.press("down", "enter")
        assert isinstance(driver.app.screen, ResponseScreen)
        assert "msg_01HMadeUpMessage" in driver.text()
        assert "✖ error" not in driver.text()
        await driver.press("escape", "escape", "escape")
        assert isinstance(driver.app.screen, DashboardScreen)


async def test_a_drill_down_asks_for_its_answer_and_stays_live() -> None:
    async with driven(Growing()) as driver:
        await driver.press("enter")
        screen = driver.app.live_screen
        assert screen.question == AskTree(busy().sessions[0].session_id)
        first = screen.answer
        await change(driver, 5)
        assert screen.answer is not first
        await driver.press("space")
        held = screen.answer
        await change(driver, 6)
        assert screen.answer is held


async def test_an_unknown_session_says_so() -> None:
    gone = CannedQuestions()
    async with driven(questions=gone) as driver:
        gone.make = lambda view: replace(busy(view), sessions=())
        await driver.pilot.press("enter")
        await driver.until(lambda: "this session is not in the store" in driver.text())


async def test_the_cursor_follows_its_session_when_the_order_changes() -> None:
    def reordered(view: View) -> Snapshot:
        snapshot = busy(view)
        return replace(snapshot, sessions=snapshot.sessions[::-1]) if view.reverse else snapshot

    async with driven(reordered) as driver:
        await driver.press("down")
        key = driver.app.screen.query_one(SessionsPane).cursor_key
        await driver.press("r")
        table = driver.app.screen.query_one(SessionsPane)
        assert table.cursor_key == key
        assert table.rows[7].session_id == key


async def test_the_cursor_stays_on_the_top_row_until_it_is_moved_or_a_session_opened() -> None:
    def reordered(view: View) -> Snapshot:
        snapshot = busy(view)
        return replace(snapshot, sessions=snapshot.sessions[::-1]) if view.reverse else snapshot

    async with driven(reordered) as driver:
        table = driver.app.screen.query_one(SessionsPane)
        first = table.cursor_key
        await driver.press("r")
        assert table.cursor_key == table.rows[0].session_id != first
        chosen = table.cursor_key
        await driver.press("enter", "escape", "r")
        assert table.cursor_key == chosen == table.rows[-1].session_id


async def test_two_hundred_sessions_scroll_and_keep_the_cursor_in_sight() -> None:
    async with driven(lambda view: busy(view, sessions=200)) as driver:
        await driver.press("G")
        assert "Batch job 199" in driver.text()
        assert "200" in driver.text()
        await driver.press("g")
        assert "Move the ingest loop" in driver.text()


async def test_clicks_select_open_and_sort() -> None:
    async with driven() as driver:
        table = driver.app.screen.query_one(SessionsPane)
        await driver.pilot.click(table, offset=(20, 4))
        assert table.rows[2].session_id == table.cursor_key
        header = driver.pane_text("#sessions").splitlines()[1]
        await driver.pilot.click(table, offset=(header.index("today") + 1, 1))
        await driver.until(lambda: driver.app.scene.view.sort == "cost")
        await driver.pilot.click(table, offset=(20, 4), times=2)
        await driver.until(lambda: isinstance(driver.app.screen, SessionScreen))


async def test_a_click_on_a_hint_is_its_key() -> None:
    async with driven() as driver:
        hints = driver.pane_text("#hints")
        await driver.pilot.click("#hints", offset=(hints.index("freeze"), 0))
        await driver.until(lambda: driver.app.scene.frozen_at == NOW)


async def test_a_click_on_a_hint_for_several_keys_hides_no_pane() -> None:
    async with driven() as driver:
        await driver.press("1")
        hints = driver.pane_text("#hints")
        await driver.pilot.click("#hints", offset=(hints.index("1-6"), 0))
        await driver.settle()
        assert "fresh tokens/min" in driver.text()


async def test_where_it_is_narrow_the_keys_of_this_screen_are_named_before_those_of_all() -> None:
    async with driven(size=(80, 24)) as driver:
        assert "Space freeze" in driver.pane_text("#hints")
        await driver.press("C")
        hints = driver.pane_text("#hints")
        assert all(hint in hints for hint in ("1 left", "2 right", "m next kind", "? help", "q quit"))
        assert "alerts" not in hints


@pytest.mark.parametrize("width", [80, 81, 120])
async def test_the_frames_have_the_range_however_long_its_name(width: int) -> None:
    async with driven(size=(width, 24)) as driver:
        for _ in RANGES:
            await driver.press("t")
            name = driver.app.scene.view.range
            for pane in ("#chart", "#models"):
                frame = driver.pane_text(pane).splitlines()[0]
                assert re.search(rf"\b{name}\b", frame), frame


async def test_range_order_and_filter_are_told_only_where_they_hold() -> None:
    async with driven(size=(80, 24)) as driver:
        assert "1h · by rate" in driver.pane_text("#status")
        await driver.press("enter")
        assert "LIVE · 3 sources" in driver.pane_text("#status")


async def test_models_without_room_are_summed_in_the_same_columns() -> None:
    async with driven(many_models, size=(80, 24)) as driver:
        *_, shown, others = driver.pane_text("#models").splitlines()
        assert others.split() == ["+2", "more", "$3.64", "17%", "39%"]
        assert others.index("%") == shown.index("%")


def many_models(view: View) -> Snapshot:
    snapshot = busy(view)
    one, other, last = snapshot.models
    return replace(snapshot, models=(one, last._replace(model="x", cost_share=0.0, money=Money()), other, last))


async def test_models_without_a_header_have_their_figures_named_in_the_frame() -> None:
    async with driven(many_models, size=(80, 24)) as driver:
        assert "% of cost, tok · 1h" in driver.pane_text("#models").splitlines()[0]
    async with driven(many_models, size=(200, 50)) as driver:
        frame, header, *_ = driver.pane_text("#models").splitlines()
        assert "% of cost" not in frame
        assert header.strip("│ ").split() == ["model", "cost", "share", "tok"]


async def test_writes_of_both_kinds_are_in_one_figure_where_lines_are_few() -> None:
    async with driven(size=(120, 42)) as driver:
        assert driver.pane_text("#cache").count("\n") == 5
        written = format_count(busy(View()).cache.tokens_range.cache_write)
        assert re.search(rf"writes +{re.escape(written)} *│", driver.pane_text("#cache"))


@pytest.mark.parametrize(("pressed", "kept", "left_out"), [
    ((), "today", "in range"), (("s",), "in range▼", "today"), (("t", "t", "t"), "in range", "today"),
])  # fmt: skip
async def test_the_cost_in_the_table_is_the_one_that_is_sorted_by_or_asked_for(
    pressed: tuple[str, ...], kept: str, left_out: str
) -> None:
    async with driven(size=(80, 24)) as driver:
        await driver.press(*pressed)
        await driver.settle()
        header = driver.pane_text("#sessions").splitlines()[1]
        assert kept in header
        assert left_out not in header


async def test_only_the_cost_that_makes_the_order_is_marked() -> None:
    async with driven(size=(200, 50)) as driver:
        await driver.press("s")
        await driver.settle()
        header = driver.pane_text("#sessions").splitlines()[1]
        assert "in range▼" in header
        assert "today " in header


async def test_the_footer_says_what_a_key_does_now() -> None:
    async with driven() as driver:
        await driver.press("space")
        assert "Space resume" in driver.pane_text("#hints")
        await driver.press("space", "left_square_bracket")
        await driver.settle()
        assert "Space back to now" in driver.pane_text("#hints")
        await driver.press("space", "e")
        await driver.settle()
        assert "Space freeze" in driver.pane_text("#hints")
        assert "Enter change" in driver.pane_text("#hints")


async def test_leaving_stops_both_threads() -> None:
    ingest, questions = CannedIngest(), CannedQuestions()
    async with driven(ingest=ingest, questions=questions) as driver:
        await driver.press("enter")
    assert ingest.over.wait(PATIENCE_SECONDS)
    assert questions.closed.wait(PATIENCE_SECONDS)


async def test_a_theme_chosen_on_screen_is_kept() -> None:
    kept: list[str] = []

    def keep(name: str) -> str:
        kept.append(name)
        return "the disk is full"

    settings = UiSettings(alphabet="block", interval_seconds=60, theme="tokentui-safe", keep_theme=keep)
    async with driven(settings=settings) as driver:
        driver.app.theme = "nord"
        await driver.until(lambda: "the disk is full" in driver.text())
    assert kept == ["nord"]
