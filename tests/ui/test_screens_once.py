"""Screens of which one is enough are gone back to, not opened twice."""

from __future__ import annotations

import pytest

from tests.kit.canned_alerts import CannedWatch, stormy
from tests.kit.driving import driven
from tokentui.ui.screens.dashboard import DashboardScreen

ONE_EACH = {"a": "alerts", "e": "budgets", "b": "billed", "A": "advice", "C": "compare"}
"""The screens of which one is enough, by their key."""


@pytest.mark.parametrize("key", ONE_EACH)
async def test_a_screen_that_lies_below_others_is_gone_back_to(key: str) -> None:
    async with driven() as driver:
        for other in [other for other in ONE_EACH if other != key]:
            await driver.press(key, other, key)
            assert [screen.name for screen in driver.app.screen_stack[1:]] == [ONE_EACH[key]]
        await driver.press("escape")
        assert isinstance(driver.app.screen, DashboardScreen)


@pytest.mark.parametrize("key", ["A", "b"])
async def test_what_was_opened_from_it_leads_back_to_it_too(key: str) -> None:
    async with driven() as driver:
        await driver.press(key, "enter")
        assert len(driver.app.screen_stack) == 3
        await driver.press(key)
        assert [screen.name for screen in driver.app.screen_stack[1:]] == [ONE_EACH[key]]


@pytest.mark.parametrize("key", ONE_EACH)
async def test_a_screen_that_is_open_is_not_offered(key: str) -> None:
    async with driven() as driver:
        assert key in driver.app.screen.active_bindings
        await driver.press(key)
        assert key not in driver.app.screen.active_bindings


async def test_the_alert_log_is_gone_back_to_from_a_culprit() -> None:
    async with driven(stormy, watch=CannedWatch()) as driver:
        await driver.press("a", "exclamation_mark", "a")
        assert [screen.name for screen in driver.app.screen_stack[1:]] == ["alerts"]


@pytest.mark.parametrize("key", ONE_EACH)
async def test_a_screen_is_left_and_opened_again_at_once(key: str) -> None:
    async with driven() as driver:
        await driver.type(*[key, "escape"] * 4, key)
        assert [screen.name for screen in driver.app.screen_stack[1:]] == [ONE_EACH[key]]
