"""When Python looks for garbage in the monitor."""

from __future__ import annotations

import gc

import pytest

from tests.driving import CALM, driven
from tests.fakes import CannedQuestions
from tokentui.cli import garbage


def test_no_look_while_the_monitor_starts_and_few_ones_later() -> None:
    before = gc.get_threshold()
    with garbage.later() as begin:
        assert not gc.isenabled()
        begin()
        assert gc.isenabled()
        assert gc.get_freeze_count() > 0
        assert gc.get_threshold() == garbage.NEW_OBJECTS
    assert (gc.isenabled(), gc.get_freeze_count(), gc.get_threshold()) == (True, 0, before)


def test_a_monitor_that_never_comes_to_show_anything_looks_for_garbage_again() -> None:
    with pytest.raises(RuntimeError), garbage.later():
        raise RuntimeError
    assert gc.isenabled()


@pytest.mark.parametrize("fail", ["", "no such table"])
async def test_the_first_word_on_screen_is_told_once(fail: str) -> None:
    told: list[str] = []
    settings = CALM._replace(on_shown=lambda: told.append("shown"))
    async with driven(questions=CannedQuestions(fail=fail), settings=settings, settled=False) as driver:
        await driver.until(lambda: told)
        driver.app.ask_again()
        await driver.until(lambda: driver.app.scene.failures if fail else driver.app.scene.snapshot)
    assert told == ["shown"]
