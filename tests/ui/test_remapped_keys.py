"""Remapped keys work, are named wherever keys are named, and mistakes in them are reported."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

import tokentui
from tests.kit.driving import driven
from tokentui.ui.keymap.keys import KEYS
from tokentui.ui.keymap.remapped import complaints
from tokentui.ui.keymap.spelled import with_keys
from tokentui.ui.screens.help import HelpText
from tokentui.ui.settings import UiSettings


async def test_a_remapped_key_works_and_is_what_footer_and_help_say() -> None:
    settings = UiSettings(keymap={"freeze": "p", "help": "f2"}, alphabet="block", interval_seconds=60)
    async with driven(settings=settings) as driver:
        assert "p freeze" in driver.text()
        assert "F2 help" in driver.text()
        await driver.press("space")
        assert "FROZEN" not in driver.text()
        await driver.press("p")
        assert "p to resume" in driver.text()
        await driver.press("f2", "end")
        assert "Hold the picture still" in driver.text()


async def test_remapped_keys_are_told_by_the_frame_of_the_help_and_by_what_was_dismissed() -> None:
    settings = UiSettings(keymap={"close_help": "x", "undo_dismiss": "p"}, alphabet="block", interval_seconds=60)
    async with driven(settings=settings) as driver:
        await driver.press("question_mark")
        assert "x closes" in driver.text()
        await driver.press("x", "A", "d")
        await driver.until(lambda: "p takes it back" in driver.said())


@pytest.mark.parametrize(("opens", "told"), [(("e",), "o changes one."), (("enter", "6"), "x and → take other agents")])
async def test_a_panes_words_name_remapped_keys(opens: tuple[str, ...], told: str) -> None:
    keymap = {"drill": "o,enter", "previous_agent": "x"}
    async with driven(settings=UiSettings(keymap=keymap, alphabet="block", interval_seconds=60)) as driver:
        await driver.press(*opens, "question_mark")
        help_text = driver.app.screen.query_one(HelpText)
        lines = help_text.text(driver.app.scene, 80)
        assert told in " ".join(" ".join(text for text, _ in line) for line in lines).replace("  ", " ")


def test_no_panes_words_name_a_key_but_by_its_id() -> None:
    written = [
        (file.name, str(shown.value))
        for file in (Path(tokentui.__file__).parent / "ui" / "panes").rglob("*.py")
        for call in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(call, ast.Call) and ast.unparse(call.func) == "texts.PaneHelp"
        for shown in ast.walk(call.args[1])
        if isinstance(shown, ast.Constant)
    ]
    assert len(written) > 20
    for name, words in written:
        assert "{" not in with_keys(words, {}), name
        assert not re.search(r"\b(Enter|Esc|Space|Tab)\b|[←→]|\([a-zA-Z]\)", words), name


async def test_a_name_under_keys_that_names_no_key_is_told() -> None:
    settings = UiSettings(keymap={"freeze": "p", "[b]freez": "q"}, alphabet="block", interval_seconds=60)
    async with driven(settings=settings) as driver:
        assert driver.said() == "[keys] names no key: [b]freez"


@pytest.mark.parametrize(
    ("keys", "said"),
    [
        ("crtl+p", "freeze: no key is called crtl+p"),
        ("f5, pgup", "freeze: no key is called pgup"),
        ("ctrl+f5, alt+ö, question_mark, greater_than_sign, +, pageup", ""),
    ],
)
def test_keys_that_are_none_are_told(keys: str, said: str) -> None:
    told = [complaint for complaint in complaints({"freeze": keys}) if "no key" in complaint]
    ending = "; they are such as p, f2, ctrl+p or space"
    assert told == ([f"[keys] {said}{ending}"] if said else [])


@pytest.mark.parametrize(
    ("keymap", "said"),
    [
        ({}, []),
        ({key.id: key.keys for key in KEYS}, []),
        ({"freeze": "z", "zoom": "space", "zoom_lane": "x,Z"}, ["zoom_lane and stop_history share x"]),
        ({"freeze": "z"}, ["freeze and zoom share z", "freeze and zoom_lane share z"]),
        ({"split": "a", "alerts": "a"}, ["alerts and split share a"]),
        ({"acknowledge": "s", "close_help": "t"}, []),
    ],
)
def test_two_keys_for_one_place_are_told(keymap: dict[str, str], said: list[str]) -> None:
    ending = ": only one of them will work where both could"
    assert list(complaints(keymap)) == [f"[keys] {one}{ending}" for one in said]
