"""When Python looks for garbage in the monitor."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from weakref import ref

import pytest
from textual.strip import Strip

from tests.kit.driving import CALM, driven
from tests.kit.fakes import CannedQuestions
from tokentui.cli.monitor import garbage
from tokentui.ui.panes.session.agents import AgentsPane


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


async def test_lines_that_are_drawn_anew_go_without_a_look_for_garbage() -> None:
    async with driven() as driver:
        with _garbage() as found:
            await driver.press("t", "m", "s")
        assert not [one for one in found if isinstance(one, Strip)]


async def test_what_a_screen_drew_goes_with_it() -> None:
    async with driven() as driver:
        await driver.press("enter")
        drawn = ref(driver.app.screen.query(AgentsPane).first()._styles_cache)
        await driver.press("escape")
        gc.collect()
        assert drawn() is None


@contextmanager
def _garbage() -> Iterator[list[object]]:
    """What came to refer to itself inside, once it is over."""
    found: list[object] = []
    gc.collect()
    gc.disable()
    try:
        yield found
        gc.set_debug(gc.DEBUG_SAVEALL)
        gc.collect()
        found += gc.garbage
    finally:
        gc.set_debug(0)
        gc.garbage.clear()
        gc.enable()
