"""The help names every key that works."""

from __future__ import annotations

import pytest

from tests.kit.canned import LIVE, NOTHING_FOUND, busy, empty
from tests.kit.driving import driven
from tokentui.ui.drawing.lines import line_width
from tokentui.ui.keymap.keys import KEYS
from tokentui.ui.screens.help import HelpText


@pytest.mark.parametrize("width", [40, 60, 80])
async def test_the_help_has_every_word_about_every_key_and_the_mouse(width: int) -> None:
    async with driven(size=(width, 24)) as driver:
        await driver.press("question_mark")
        help_text = driver.app.screen.query_one(HelpText)
        lines = help_text.text(driver.app.scene, help_text.inner_size.width)
        told = " ".join(" ".join(text for text, _ in line[-1:]).strip() for line in lines)
        assert not [key.id for key in KEYS if key.context in ("everywhere", "dashboard") and key.tooltip not in told]
        assert told.endswith("Move up and down")
        assert max(map(line_width, lines)) <= help_text.inner_size.width


async def test_the_help_has_the_key_for_the_demo_where_it_works() -> None:
    for report, make, is_there in ((NOTHING_FOUND, empty, True), (LIVE, busy, False)):
        async with driven(make, report) as driver:
            await driver.press("question_mark")
            help_text = driver.app.screen.query_one(HelpText)
            lines = help_text.text(driver.app.scene, 80)
            assert any("Play a made-up agent run" in text for line in lines for text, _ in line) is is_there
