"""The question before a session is interrupted, and what becomes of it."""

from __future__ import annotations

from tests.conftest import Compare
from tests.kit.canned import busy, session
from tests.kit.canned_alerts import (
    LOG,
    STORM,
    CannedWatch,
    stormy,
)
from tests.kit.driving import driven
from tests.kit.fakes import CannedQuestions
from tokentui.ui.screens.interrupt import InterruptScreen
from tokentui.watch.interrupt import Refusal


class TestStoppingASession:
    async def test_it_names_session_process_and_the_command_as_text(self) -> None:
        async with driven(watch=CannedWatch()) as driver:
            await driver.press("K")
            await driver.until(lambda: isinstance(driver.app.screen, InterruptScreen))
            assert "Move the ingest loop to bounded batches" in driver.text()
            assert "process 4100: claude --resume [/b]" in driver.text()

    async def test_one_key_pressed_twice_sends_one_signal(self) -> None:
        watch = CannedWatch()
        async with driven(watch=watch) as driver:
            await driver.press("K")
            await driver.until(lambda: isinstance(driver.app.screen, InterruptScreen))
            await driver.press("y", "y", "y")
            await driver.until(lambda: "SIGINT was sent" in driver.text())
            assert [what[0] for what in watch.done] == ["find", "interrupt"]

    async def test_a_refusal_says_why_and_what_to_run(self) -> None:
        watch = CannedWatch(found=Refusal("process 7 belongs to another user [/b]", "sudo kill -INT 7"))
        async with driven(watch=watch) as driver:
            await driver.press("K")
            await driver.until(lambda: isinstance(driver.app.screen, InterruptScreen))
            assert "process 7 belongs to another user [/b]" in driver.text()
            assert "sudo kill -INT 7" in driver.text()
            await driver.press("y", "T")
            assert [what[0] for what in watch.done] == ["find"]

    async def test_what_refuses_at_the_last_moment_is_said(self) -> None:
        watch = CannedWatch(refusal=Refusal("process 4100 has ended"))
        async with driven(watch=watch) as driver:
            await driver.press("K")
            await driver.until(lambda: isinstance(driver.app.screen, InterruptScreen))
            await driver.press("y")
            await driver.until(lambda: "process 4100 has ended" in driver.text())
            await driver.press("T")
            assert [what[0] for what in watch.done] == ["find", "interrupt"]

    async def test_from_the_tree_and_from_the_log(self) -> None:
        watch = CannedWatch()
        async with driven(questions=CannedQuestions(stormy, log=LOG), watch=watch) as driver:
            await driver.press("enter", "K")
            await driver.until(lambda: watch.done == [("find", session(0).session_id)])
            await driver.until(lambda: isinstance(driver.app.screen, InterruptScreen))
            await driver.press("escape", "escape", "a", "K")
            await driver.until(lambda: watch.done[1:] == [("find", STORM.session_id)])

    async def test_a_search_that_fails_is_said(self) -> None:
        async with driven(watch=CannedWatch(fail="no registry")) as driver:
            await driver.press("K")
            await driver.until(lambda: "OSError: no registry [/b]" in driver.said())


async def test_the_question_has_room_on_the_smallest_screen() -> None:
    async with driven(busy, watch=CannedWatch(), size=(40, 12)) as driver:
        await driver.press("K")
        await driver.until(lambda: isinstance(driver.app.screen, InterruptScreen))
        await driver.settle()
        lines = driver.text().splitlines()
        assert len(lines) == 12
        assert lines[0].strip().startswith("╭─ interrupt a session")
        assert lines[-1].strip().startswith("╰──")


async def test_picture_of_the_question(compare_picture: Compare) -> None:
    async with driven(busy, watch=CannedWatch(), size=(80, 24)) as driver:
        await driver.press("K")
        await driver.until(lambda: isinstance(driver.app.screen, InterruptScreen))
        await driver.settle()
        compare_picture("interrupt-80x24", driver.app.export_screenshot())
