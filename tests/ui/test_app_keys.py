"""Every key does what it says."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import timedelta

import pytest

from tests.kit.canned import LIVE, NOTHING_FOUND, NOW, busy, empty, session
from tests.kit.canned_alerts import LOG, STORM, CannedWatch, stormy
from tests.kit.canned_budgets import CannedBook
from tests.kit.driving import PATIENCE_SECONDS, Driver, driven
from tests.kit.fakes import CannedQuestions
from tokentui.config.budget_drafts import BudgetDraft
from tokentui.ui.chrome.layout import PANES
from tokentui.ui.keymap.insight_keys import VIEWS
from tokentui.ui.keymap.keys import KEYS
from tokentui.ui.panes.dashboard.sessions import SessionsPane
from tokentui.ui.screens.alerts import AlertsScreen
from tokentui.ui.screens.budget_form import BudgetForm, RemovalScreen
from tokentui.ui.screens.budgets import BudgetsScreen
from tokentui.ui.screens.dashboard import DashboardScreen
from tokentui.ui.screens.help import HelpScreen
from tokentui.ui.screens.interrupt import InterruptScreen
from tokentui.ui.screens.session import SessionScreen
from tokentui.ui.settings import UiSettings
from tokentui.view import View

Check = Callable[[Driver, str], Awaitable[None]]
CHECKS: dict[str, Check] = {}
BY_ID = {key.id: key for key in KEYS}


def checks(*key_ids: str) -> Callable[[Check], Check]:
    """This function proves these keys."""

    def register(check: Check) -> Check:
        CHECKS.update(dict.fromkeys(key_ids, check))
        return check

    return register


def dashboard(driver: Driver) -> DashboardScreen:
    screen = driver.app.live_screen
    assert isinstance(screen, DashboardScreen)
    return screen


def watch_of(driver: Driver) -> CannedWatch:
    assert isinstance(driver.watch, CannedWatch)
    return driver.watch


def book_of(driver: Driver) -> CannedBook:
    assert isinstance(driver.book, CannedBook)
    return driver.book


def table(driver: Driver) -> SessionsPane:
    return driver.app.screen.query_one(SessionsPane)


@checks("drill")
async def opens_the_row(driver: Driver, key: str) -> None:
    await driver.press("down", key)
    assert isinstance(driver.app.screen, SessionScreen)
    assert "Port billing exports" in driver.text()


@checks("back")
async def goes_back(driver: Driver, key: str) -> None:
    await driver.press("enter", key)
    assert isinstance(driver.app.screen, DashboardScreen)


@checks("filter")
async def opens_the_filter_line(driver: Driver, key: str) -> None:
    await driver.press(key)
    assert dashboard(driver).body.is_filtering
    assert driver.app.focused is driver.app.screen.query_one("#filter-input")


@checks("freeze")
async def freezes_and_thaws(driver: Driver, key: str) -> None:
    await driver.press(key)
    assert "FROZEN" in driver.text()
    await driver.press(key)
    assert "FROZEN" not in driver.text()


@checks("range", "zoom_in", "zoom_out", "reset_range")
async def changes_the_range(driver: Driver, key: str) -> None:
    expected = {"t": "6h", "plus": "15m", "minus": "6h", "equals_sign": "1h"}[key]
    if key == "equals_sign":
        await driver.press("t", "t")
    await driver.press(key)
    assert driver.app.scene.view.range == expected
    assert f" · {expected} · " in driver.text()
    assert driver.questions.asked[-1].range == expected


@checks("billed")
async def shows_what_was_billed(driver: Driver, key: str) -> None:
    await driver.press(key)
    assert driver.app.screen.name == "billed"
    await driver.press(key, "escape")
    assert isinstance(driver.app.screen, DashboardScreen)


@checks("group", "next_table")
async def changes_what_is_billed(driver: Driver, key: str) -> None:
    await driver.press("b")
    await driver.press(key)
    if key == "m":
        await driver.until(lambda: "by model" in driver.pane_text("#bill"))
    else:
        assert driver.app.focused is driver.app.screen.query_one("#bill")


@checks("budgets")
async def opens_the_budgets(driver: Driver, key: str) -> None:
    await driver.press(key)
    assert isinstance(driver.app.screen, BudgetsScreen)
    await driver.press(key, "escape")
    assert isinstance(driver.app.screen, DashboardScreen)


@checks("add_budget", "save_budget", "leave_budget", "next_field", "previous_field")
async def fills_in_a_budget(driver: Driver, key: str) -> None:
    await driver.press("e", "n")
    assert isinstance(driver.app.screen, BudgetForm)
    await driver.press("x", "tab" if key in ("n", "enter", "escape") else "down", "7")
    if key in ("tab", "down", "shift+tab", "up"):
        expected = "field-unit" if key in ("tab", "down") else "field-name"
        await driver.press(key)
        assert driver.app.focused is driver.app.screen.query_one(f"#{expected}")
        return
    await driver.press("escape" if key == "escape" else "enter")
    await driver.until(lambda: isinstance(driver.app.screen, BudgetsScreen))
    draft = BudgetDraft("x", "7", "usd", "day", "everything", ("50", "75", "90", "100"))
    assert book_of(driver).done == ([] if key == "escape" else [draft])


@checks("budget_past")
async def moves_between_the_budgets_and_their_past(driver: Driver, key: str) -> None:
    await driver.press("e", key)
    assert driver.app.focused is driver.app.screen.query_one("#budget-past")
    await driver.press(key)
    assert driver.app.focused is driver.app.screen.query_one("#budget-table")


@checks("remove_budget", "confirm_removal", "keep_budget")
async def asks_before_a_budget_goes(driver: Driver, key: str) -> None:
    await driver.press("e", key if key == "delete" else "D")
    assert isinstance(driver.app.screen, RemovalScreen)
    assert book_of(driver).done == []
    await driver.press("y" if key in ("D", "delete") else key)
    await driver.until(lambda: isinstance(driver.app.screen, BudgetsScreen))
    assert driver.app.is_running
    assert book_of(driver).done == (["day"] if key in ("D", "delete", "y") else [])


@checks("sync")
async def says_that_there_is_no_key_to_sync_with(driver: Driver, key: str) -> None:
    await driver.press(key)
    assert "no Admin key" in driver.said()


@checks("split")
async def splits_the_chart(driver: Driver, key: str) -> None:
    await driver.press(key)
    assert "by model" in driver.pane_text("#chart")
    assert "sonnet-4-5" in driver.pane_text("#chart")


@checks("sort", "reverse")
async def changes_the_order(driver: Driver, key: str) -> None:
    await driver.press(key)
    view = driver.app.scene.view
    assert (view.sort, view.reverse) == {"s": ("cost", False), "r": ("rate", True)}[key]
    assert {"s": "by cost ▼", "r": "by rate ▲"}[key] in driver.text()
    assert {"s": "in range▼", "r": "tok/min▲"}[key] in driver.text()


@checks(*(f"pane_{pane}" for pane in PANES))
async def focuses_then_hides_the_pane(driver: Driver, key: str) -> None:
    pane = PANES[int(key) - 1]
    driver.app.set_focus(dashboard(driver).pane("chart" if pane == "sessions" else "sessions"))
    await driver.press(key)
    assert driver.app.focused is dashboard(driver).pane(pane)
    assert pane in dashboard(driver).placed_panes()
    await driver.press(key)
    assert pane not in dashboard(driver).placed_panes()
    assert driver.app.focused is not dashboard(driver).pane(pane)
    await driver.press(key)
    assert pane in dashboard(driver).placed_panes()


@checks("zoom")
async def zooms_the_pane(driver: Driver, key: str) -> None:
    await driver.press("2", key)
    assert dashboard(driver).placed_panes() == ["chart"]
    assert "1 now" not in driver.text()
    await driver.press("escape")
    assert len(dashboard(driver).placed_panes()) > 3


@checks("next_pane", "previous_pane")
async def moves_the_focus(driver: Driver, key: str) -> None:
    await driver.press(key)
    expected = "headline" if key == "tab" else "budgets"
    assert driver.app.focused is dashboard(driver).query_one(f"#{expected}")


@checks("up", "down", "page_up", "page_down", "top", "bottom")
async def moves_the_cursor(driver: Driver, key: str) -> None:
    await driver.press("down", "down")
    await driver.press(key)
    expected = {
        "up": 1, "k": 1, "down": 3, "j": 3, "pageup": 0, "ctrl+b": 0, "home": 0, "g": 0,
    }.get(key, 8)  # fmt: skip
    assert table(driver).rows.index(table(driver).cursor_row) == expected


@checks("culprit")
async def jumps_to_the_culprit(driver: Driver, key: str) -> None:
    await driver.press(key)
    assert isinstance(driver.app.screen, SessionScreen)
    assert driver.app.screen.session_id == STORM.session_id
    assert "▲ general-purpose" in driver.text()


@checks("alerts")
async def opens_the_alert_log(driver: Driver, key: str) -> None:
    await driver.press(key)
    assert isinstance(driver.app.screen, AlertsScreen)
    assert "too many agents at once" in driver.pane_text("#alerts")
    await driver.press("escape")
    assert isinstance(driver.app.screen, DashboardScreen)


@checks("moment")
async def shows_the_moment_of_the_alert(driver: Driver, key: str) -> None:
    await driver.press("a", key)
    assert isinstance(driver.app.screen, DashboardScreen)
    assert driver.questions.asked[-1].as_of == STORM.raised_at


@checks("earlier", "later", "much_earlier", "much_later")
async def steps_through_the_past(driver: Driver, key: str) -> None:
    await driver.press("left_curly_bracket", "left_curly_bracket")
    await driver.press(key)
    seconds = {"left_square_bracket": -60, "right_square_bracket": 60, "left_curly_bracket": -3600}.get(key, 3600)
    assert driver.questions.asked[-1].as_of == NOW + timedelta(seconds=seconds - 7200)
    assert "THE PAST" in driver.text()


@checks("acknowledge", "mute_rule", "mute_session")
async def tells_the_watch(driver: Driver, key: str) -> None:
    await driver.press("a", key)
    expected = {
        "c": ("acknowledge", "31"),
        "m": ("mute", "agents_at_once", ""),
        "M": ("mute", "", STORM.session_id),
    }[key]
    await driver.until(lambda: expected in watch_of(driver).done)


@checks("interrupt", "send_interrupt", "send_end", "leave_interrupt")
async def asks_before_each_signal(driver: Driver, key: str) -> None:
    await driver.press("K")
    await driver.until(lambda: isinstance(driver.app.screen, InterruptScreen))
    assert watch_of(driver).done == [("find", session(0).session_id)]
    await driver.press("T")
    if key in ("y", "T"):
        await driver.press("y")
        await driver.until(lambda: watch_of(driver).done[1:] == [("interrupt", session(0).session_id)])
        await driver.press("y")
    if key == "T":
        await driver.press("T")
        await driver.until(lambda: watch_of(driver).done[2:] == [("end", session(0).session_id)])
    if key not in ("y", "T", "K"):
        await driver.press(key)
        assert isinstance(driver.app.screen, DashboardScreen)
        assert driver.app.is_running
    assert len(watch_of(driver).done) == {"y": 2, "T": 3}.get(key, 1)


@checks(*(f"view_{name}" for name, _ in VIEWS), "next_view", "previous_view")
async def changes_the_view(driver: Driver, key: str) -> None:
    names = [name for name, _ in VIEWS]
    expected = {"greater_than_sign": "turns", "less_than_sign": "agents"}.get(key) or names[int(key) - 1]
    await driver.press("enter", "2", key)
    screen = driver.app.screen
    assert isinstance(screen, SessionScreen)
    assert screen.tabs.shown == expected
    shown = [pane.id for pane in screen.query(".framed") if pane.display]
    panes = {"timeline": ["concurrency", "lanes"], "cache": ["cache-clock", "rebuilds"], "tools": ["tools", "growth"],
             "context": ["context", "context-growth"]}  # fmt: skip
    assert shown == panes.get(expected, [expected])
    assert driver.app.focused is not None
    assert driver.app.focused.id in shown


@checks("zoom_lane")
async def zooms_the_timeline(driver: Driver, key: str) -> None:
    await driver.press("enter", "2", "end", "up", "up", key)
    assert "zoomed" in driver.pane_text("#lanes")
    assert "9m54s of 42m00s" in driver.pane_text("#concurrency")
    await driver.press(key)
    assert "zoomed" not in driver.pane_text("#lanes")
    assert "42m00s in all" in driver.pane_text("#concurrency")


@checks("order", "tool_group")
async def changes_order_and_grouping(driver: Driver, key: str) -> None:
    await driver.press("enter", "5", key)
    expected = {"s": "most carried first", "m": "by MCP server · 9 calls"}[key]
    assert expected in driver.pane_text("#tools")


@checks("next_agent", "previous_agent")
async def takes_another_agents_context(driver: Driver, key: str) -> None:
    await driver.press("enter", "6", key)
    name = {"right": "explorer", "left": "compaction"}[key]
    await driver.until(lambda: f"context · {name}" in driver.pane_text("#context"))


@checks("advice", "dismiss", "undo_dismiss", "show_dismissed")
async def dismisses_and_takes_back(driver: Driver, key: str) -> None:
    await driver.press("A")
    if key == "A":
        assert "4.10 –   $12.62" in driver.pane_text("#advice")
        await driver.press(key, "escape")
        assert isinstance(driver.app.screen, DashboardScreen)
        return
    await driver.press("d")
    await driver.until(lambda: "3 findings, 1 dismissed" in driver.pane_text("#advice"))
    if key in ("u", "v"):
        await driver.press(key)
        await driver.until(lambda: "4 findings" in driver.pane_text("#advice"))
    assert driver.marks == [("f1", True), *([("f1", False)] if key == "u" else [])]


@checks("mark", "compare")
async def sets_two_side_by_side(driver: Driver, key: str) -> None:
    await driver.press(key)
    if key == "c":
        assert "◆ Move the ingest loop" in driver.text()
        await driver.press("down", "c")
        assert "two sessions" in driver.pane_text("#figures")
        assert "Port billing exports" in driver.pane_text("#figures")
    else:
        assert "two weeks" in driver.pane_text("#figures")
    await driver.press("C", "escape")
    assert isinstance(driver.app.screen, DashboardScreen)


@checks("compare_left", "compare_right", "compare_kind")
async def chooses_what_to_compare(driver: Driver, key: str) -> None:
    await driver.press("C", "m", "end", key)
    head = driver.pane_text("#figures").splitlines()[1].split()
    expected = {"1": "haiku", "2": "haiku", "m": "Port"}[key]
    assert expected in head[{"1": 1, "2": 2, "m": 2}[key]] or expected in " ".join(head)


@checks("stop_history")
async def stops_history(driver: Driver, key: str) -> None:
    await driver.press(key)
    assert driver.ingest.is_history_stopped


@checks("demo")
async def leaves_for_the_demo(driver: Driver, key: str) -> None:
    await driver.pilot.press(key)
    await driver.until(lambda: not driver.app.is_running or driver.app.return_value)
    assert driver.app.return_value == "demo"


@checks("keep_filter", "close_filter")
async def leaves_the_filter_line(driver: Driver, key: str) -> None:
    await driver.type("slash", "o", "p", "u", "s", key)
    await driver.until(lambda: driver.app.scene.view.filter.source == "opus")
    assert not dashboard(driver).body.is_filtering
    assert driver.app.focused is table(driver)
    assert "filter: opus" in driver.text()


@checks("help", "close_help")
async def opens_and_closes_the_help(driver: Driver, key: str) -> None:
    is_opening = key in ("question_mark", "f1")
    await driver.press(key if is_opening else "question_mark")
    assert isinstance(driver.app.screen, HelpScreen)
    assert "formulas" in driver.text()
    await driver.press("escape" if is_opening else key)
    assert isinstance(driver.app.screen, DashboardScreen)


@checks("palette")
async def opens_the_palette(driver: Driver, key: str) -> None:
    await driver.pilot.press(key)
    await driver.until(lambda: driver.app.screen is not driver.app.live_screen)
    assert driver.app.screen.__class__.__name__ == "CommandPalette"


@checks("redraw")
async def shows_the_same_as_before(driver: Driver, key: str) -> None:
    before = driver.text()
    await driver.press(key)
    assert driver.text() == before


@checks("suspend")
async def stays_where_there_is_no_shell(driver: Driver, key: str) -> None:
    await driver.press(key)
    assert driver.app.is_running
    assert driver.said() == "there is no shell to go back to"


@checks("quit")
async def quits(driver: Driver, key: str) -> None:
    await driver.pilot.press(key)
    await driver.until(lambda: not driver.app.is_running)
    assert driver.ingest.over.wait(PATIENCE_SECONDS)
    assert driver.questions.closed.wait(PATIENCE_SECONDS)
    assert driver.app.return_value is None


def physical_keys() -> list[tuple[str, str]]:
    return [(key.id, physical) for key in KEYS for physical in key.keys.split(",")]


@pytest.mark.parametrize(("key_id", "physical"), physical_keys())
async def test_key(key_id: str, physical: str) -> None:
    is_demo = key_id == "demo"
    questions = CannedQuestions(empty if is_demo else stormy if key_id == "culprit" else busy, log=LOG)
    report = NOTHING_FOUND if is_demo else LIVE
    async with driven(report=report, questions=questions, watch=CannedWatch(), book=CannedBook()) as driver:
        await CHECKS[key_id](driver, physical)


def test_every_key_has_a_check() -> None:
    assert set(CHECKS) == set(BY_ID)


@pytest.mark.parametrize("pressed", [("a",), ("2", "3"), ("ctrl+p",), ("escape", "enter")])
async def test_keys_after_the_one_that_leaves_do_nothing(pressed: tuple[str, ...]) -> None:
    async with driven() as driver:
        await driver.press("enter")
        for key in ("q", *pressed):
            driver.app.simulate_key(key)
        await driver.until(lambda: driver.app._exit)


async def test_letters_typed_into_the_filter_are_not_keys() -> None:
    async with driven() as driver:
        await driver.type("slash", "q", "z", "s", "6")
        assert driver.app.is_running
        assert driver.app.scene.view.sort == "rate"


async def test_the_palette_offers_what_the_keys_do() -> None:
    async with driven() as driver:
        offered = [command.title for command in driver.app.get_system_commands(driver.app.screen)]
        assert "freeze (Space)" in offered
        assert any(title.startswith("theme") for title in offered)


async def test_a_view_from_the_settings_is_shown_first() -> None:
    view = View()._replace(range="24h", sort="cost")
    async with driven(settings=UiSettings(view=view, alphabet="block", interval_seconds=60)) as driver:
        assert " · 24h · " in driver.text()
        await driver.press("t", "equals_sign")
        assert driver.app.scene.view.range == "24h"
