"""The budgets on screen: what stands there, how they are changed, and what is refused."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest

from tests.conftest import Compare
from tests.kit.canned_budgets import DAY, HOURS, SIDE, CannedBook
from tests.kit.driving import Driver, driven
from tests.kit.fakes import CannedQuestions
from tokentui.cli.monitor.budgets import MonitorBudgets
from tokentui.config.budget_drafts import BudgetDraft, DraftError, draft_of, set_budget
from tokentui.config.load import load_settings
from tokentui.config.settings import DEFAULT_BUDGETS, ConfigError
from tokentui.config.watch import WatchedSettings
from tokentui.ui.screens.budget_form import BudgetForm, RemovalScreen
from tokentui.ui.screens.budgets import BudgetsScreen
from tokentui.workspace import open_workspace

FILE = '# mine\n[[budgets]]\nname = "day"  # the one\nlimit = 25\nwindow = "day"\n'


def form_text(driver: Driver) -> str:
    return " ".join(driver.text().split())


class TestTheScreen:
    async def test_it_shows_every_budget_and_the_past_of_one(self) -> None:
        async with driven(size=(120, 36)) as driver:
            await driver.press("e")
            table, past = driver.pane_text("#budget-table"), driver.pane_text("#budget-past")
            for words in ("day", "$22.90", "▲ 91% warn", "project:api [/b]", "✖ 120% over", "over", "$600.00"):
                assert words in table
            assert "at the pace of the last hour ($2.29/h) $54.96" in " ".join(past.split())
            assert "Sat 21 Nov" in past
            assert "✖ 112% over    $28.00 of $25.00" in past
            assert "≥$20.25 of $25.00" in past
            assert past.count("against today's limit") == 2

    @pytest.mark.parametrize("width", [80, 92, 100, 107, 108, 110, 132])
    async def test_past_windows_are_told_whole(self, width: int) -> None:
        async with driven(size=(width, 36)) as driver:
            await driver.press("e")
            for _ in range(3):
                assert "…" not in driver.pane_text("#budget-past")
                await driver.press("down")

    async def test_the_cursor_says_whose_past_is_shown(self) -> None:
        async with driven(size=(120, 36)) as driver:
            await driver.press("e", "down")
            assert "Sat 21 Nov 00:00" in driver.pane_text("#budget-past")
            assert "600k of 2.00M fresh tokens" in driver.pane_text("#budget-past")
            await driver.press("down")
            assert "no window before this one has any use" in driver.pane_text("#budget-past")

    async def test_the_past_of_another_is_shown_from_its_top(self) -> None:
        async with driven(size=(60, 14)) as driver:
            await driver.press("e", "tab", "end")
            assert "at the pace of" not in driver.pane_text("#budget-past")
            await driver.press("tab", "down")
            assert "at the pace of" in driver.pane_text("#budget-past")

    async def test_enter_on_the_dashboards_pane_leads_here(self) -> None:
        async with driven() as driver:
            await driver.press("5", "enter")
            await driver.until(lambda: isinstance(driver.app.screen, BudgetsScreen))

    async def test_so_does_a_second_click_while_the_first_focuses(self) -> None:
        async with driven() as driver:
            await driver.pilot.click("#budgets", offset=(8, 2))
            await driver.settle()
            assert driver.app.focused is driver.pane("#budgets")
            await driver.pilot.click("#budgets", offset=(8, 2), times=2)
            await driver.until(lambda: isinstance(driver.app.screen, BudgetsScreen))

    @pytest.mark.parametrize("size", [(40, 12), (60, 20), (80, 24), (200, 50)])
    async def test_it_fits(self, size: tuple[int, int]) -> None:
        async with driven(size=size, book=CannedBook()) as driver:
            await driver.press("e")
            assert "day" in driver.pane_text("#budget-table")
            await driver.press("n")
            strips = driver.strips()
            assert {strip.cell_length for strip in strips} == {size[0]}
            assert "saves" in driver.text()
            assert "Esc leaves" in driver.text() or "Esc back  │" in driver.text()

    async def test_the_keys_of_the_form_have_room_below_what_is_wrong(self) -> None:
        async with driven(size=(40, 12), book=CannedBook()) as driver:
            await driver.press("e", "n", "x", "enter")
            text = driver.text()
            assert "limit: a budget needs one" in " ".join(text.split())
            assert "│ 20 (dollars) or 500k (tokens)" in text
            assert "Enter saves · Tab next · Esc back" in text
            assert "name    x" in text

    async def test_below_a_form_no_key_of_the_screen_is_offered(self) -> None:
        async with driven(book=CannedBook()) as driver:
            await driver.press("e")
            assert "? help" in driver.text()
            await driver.press("n")
            assert "? help" not in driver.text()
            await driver.press("escape")
            assert "? help" in driver.text()


class TestTheForm:
    async def test_it_starts_from_what_is_set(self) -> None:
        book = CannedBook()
        async with driven(book=book) as driver:
            await driver.press("e", "enter")
            assert isinstance(driver.app.screen, BudgetForm)
            assert driver.app.screen.draft() == draft_of(DAY)
            assert driver.app.focused is driver.app.screen.query_one("#field-limit")
            await driver.press("end", "0", "enter")
            await driver.until(lambda: isinstance(driver.app.screen, BudgetsScreen))
            assert book.done == [BudgetDraft("day", "250", "usd", "day", "everything", ("50", "75", "90", "100"))]
            await driver.until(lambda: "day is kept" in driver.said())

    async def test_what_is_wrong_is_said_and_stays_to_be_mended(self) -> None:
        async with driven(book=CannedBook("limit: 'ten [/b]' is no amount")) as driver:
            await driver.press("e", "n", "enter")
            assert "a budget needs a name" in form_text(driver)
            await driver.press("x", "tab", "9", "enter")
            await driver.until(lambda: "'ten [/b]' is no amount" in form_text(driver))
            assert isinstance(driver.app.screen, BudgetForm)
            await driver.press("escape")
            await driver.until(lambda: isinstance(driver.app.screen, BudgetsScreen))

    async def test_a_name_of_hostile_text_is_only_text(self) -> None:
        async with driven(book=CannedBook(), size=(100, 30)) as driver:
            await driver.press("e", "down", "enter")
            assert "five hours [/b]" in driver.text()
            await driver.press("escape", "D")
            assert HOURS.name in driver.text()

    async def test_keys_typed_ahead_go_to_the_field_they_are_meant_for(self) -> None:
        book = CannedBook()
        async with driven(book=book) as driver:
            await driver.press("e", "n")
            await driver.type("a", "b", "tab", "3", "M", "tab", "t", "o", "k", "e", "n", "s", "tab", "w", "e", "e", "k")
            await driver.press("enter")
            await driver.until(lambda: book.done)
            assert book.done == [BudgetDraft("ab", "3M", "tokens", "week", "everything", ("50", "75", "90", "100"))]

    async def test_it_says_what_becomes_of_the_shipped_budgets(self) -> None:
        questions = CannedQuestions(side=replace(SIDE, budgets=DEFAULT_BUDGETS))
        async with driven(questions=questions, book=CannedBook()) as driver:
            await driver.press("e", "n")
            assert "takes the place of all shipped ones" in driver.text()

    async def test_a_refusal_to_remove_is_said(self) -> None:
        async with driven(book=CannedBook("'day' is a shipped budget")) as driver:
            await driver.press("e", "D", "y")
            await driver.until(lambda: "'day' is a shipped budget" in driver.text())
            assert isinstance(driver.app.screen, RemovalScreen)

    async def test_without_a_book_nothing_opens(self) -> None:
        async with driven() as driver:
            await driver.press("e", "n", "D", "enter")
            await driver.until(lambda: isinstance(driver.app.screen, BudgetsScreen))
            assert "edit the configuration file" in driver.said()


class TestTheFile:
    """The same file, checks and words as `tokentui budget`."""

    @pytest.fixture
    def path(self, tmp_path: Path) -> Path:
        path = tmp_path / "config.toml"
        path.write_text(FILE)
        return path

    def test_comments_and_order_stay(self, path: Path) -> None:
        set_budget(path, load_settings(path), BudgetDraft("day", "30", marks=("80=alarm",)))
        set_budget(path, load_settings(path), BudgetDraft("hours", "3M", "fresh_tokens", "rolling 5h"))
        text = path.read_text()
        assert text.startswith('# mine\n[[budgets]]\nname = "day"  # the one\nlimit = 30\n')
        day, hours = load_settings(path).budgets
        assert (day.limit, day.thresholds, day.grades) == (30.0, (80,), ("alarm",))
        assert (hours.limit, hours.unit, hours.window) == (3e6, "fresh_tokens", "rolling 5h")

    @pytest.mark.parametrize(
        ("draft", "words"),
        [
            (BudgetDraft("new"), "there is no budget 'new' yet: give it a limit"),
            (BudgetDraft("day", "ten"), "'ten' is no amount: expected dollars or tokens"),
            (BudgetDraft("day", "0"), "a limit has to be above 0"),
            (BudgetDraft("day", "5", unit="euro"), "unit 'euro': should be 'usd', 'tokens' or 'fresh_tokens'"),
            (BudgetDraft("day", "5", window="year"), "window 'year': expected day, week, month"),
            (BudgetDraft("day", "5", scope="room:9"), "scope 'room:9': expected everything, project:TEXT"),
            (BudgetDraft("day", "5", marks=("90=shout",)), "90=shout: expected a percentage and what happens there"),
            (BudgetDraft("day", "5", marks=("1001",)), "1001: expected a percentage and what happens there"),
            (BudgetDraft("day", "20000000g"), "limit 2e+16: should be at most 1e+15"),
            (BudgetDraft("x" * 41, "5"), f"name '{'x' * 41}': should have 1 to 40 characters"),
        ],
    )
    def test_what_is_no_budget_is_refused_and_nothing_written(self, path: Path, draft: BudgetDraft, words: str) -> None:
        with pytest.raises((DraftError, ConfigError), match=re.escape(words)):
            set_budget(path, load_settings(path), draft)
        assert path.read_text() == FILE

    def test_a_name_that_is_no_text_is_refused_and_no_half_written_file_stays(self, path: Path) -> None:
        with pytest.raises(ConfigError, match="not UTF-8 text, nothing was changed"):
            set_budget(path, load_settings(path), BudgetDraft("day\udcff", "5"))
        assert [(entry.name, entry.read_text()) for entry in path.parent.iterdir()] == [("config.toml", FILE)]

    def test_a_draft_of_a_budget_changes_nothing(self, path: Path) -> None:
        for budget in (DAY, HOURS):
            kept = set_budget(path, load_settings(path), draft_of(budget)).budget
            assert (kept.limit, kept.window, kept.scope, kept.grade_at) == (
                budget.limit, budget.window, budget.scope, budget.grade_at,
            )  # fmt: skip

    def test_the_monitors_book_writes_what_the_next_look_reads(self, tmp_path: Path) -> None:
        workspace = open_workspace({"TOKENTUI_HOME": str(tmp_path)}, (tmp_path,))
        settings = WatchedSettings(workspace.home.config_file, workspace.settings)
        book = MonitorBudgets(workspace, settings)
        assert "The shipped budgets no longer apply" in book.save(BudgetDraft("day", "5"))
        assert [budget.name for budget in settings.current().budgets] == ["day"]
        assert book.save(BudgetDraft("week", "$50", window="week")) == (
            "week: $50.00 a week, 50 % note, 75 % note, 90 % warn, 100 % alarm"
        )
        assert book.remove("day") == "day is gone; 1 left"
        assert [budget.name for budget in settings.current().budgets] == ["week"]


@pytest.mark.parametrize(("name", "size", "pressed"), [
    ("budgets-120x36", (120, 36), ("e",)),
    ("budget-form-80x24", (80, 24), ("e", "enter")),
])  # fmt: skip
async def test_picture(name: str, size: tuple[int, int], pressed: tuple[str, ...], compare_picture: Compare) -> None:
    async with driven(size=size, book=CannedBook()) as driver:
        await driver.press(*pressed)
        compare_picture(name, driver.app.export_screenshot())
