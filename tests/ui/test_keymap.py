"""The declared keys fit together, and the README lists them."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.kit.key_table import key_table_markdown
from tokentui.ui.keymap.key import Key
from tokentui.ui.keymap.keys import KEYS
from tokentui.ui.keymap.spelled import shown_keys

BY_ID = {key.id: key for key in KEYS}


def test_ids_are_unique() -> None:
    assert len(BY_ID) == len(KEYS)


def test_no_key_means_two_things_in_one_place() -> None:
    together: dict[str, tuple[str, ...]] = {
        "dashboard": ("everywhere", "dashboard", "rows", "scrolling", "session", "nothing found"),
        "alerts": ("everywhere", "rows", "scrolling", "session", "alerts"),
        "interrupt": ("interrupt", "scrolling"),
        "budgets": ("everywhere", "rows", "scrolling", "budgets"),
        "budget form": ("budget form",),
        "removal": ("removal", "scrolling"),
        "filter": ("filter",),
        "help": ("help", "scrolling"),
        "session": ("everywhere", "rows", "scrolling", "session", "session views", "two tables"),
        "sessions": ("everywhere", "dashboard", "rows", "scrolling", "session", "sessions table"),
        "advice": ("everywhere", "rows", "scrolling", "advice"),
        "compare": ("everywhere", "rows", "scrolling", "compare", "two tables"),
        "views": ("everywhere", "rows", "scrolling", "session views", "two tables", "ordered", "tools", "context"),
        "lanes": ("everywhere", "rows", "scrolling", "session", "session views", "two tables", "timeline"),
    }
    for contexts in together.values():
        pressed = [physical for key in KEYS if key.context in contexts for physical in key.keys.split(",")]
        assert len(pressed) == len(set(pressed))


def test_no_key_has_a_name_that_terminals_never_send() -> None:
    pressed = {physical for key in KEYS for physical in key.keys.split(",")}
    assert not pressed & {"esc", "return", "ctrl+i", "ctrl+m"}


def test_the_table_for_the_readme_names_every_key() -> None:
    lines = key_table_markdown().splitlines()
    assert len(lines) == len(KEYS) + 2
    assert "| `Esc` | Leave the past, zoom, filter or the drill-down, one step | everywhere |" in lines


def test_the_readme_has_the_table() -> None:
    readme = Path(__file__).parents[2] / "README.md"
    assert key_table_markdown() in readme.read_text(encoding="utf-8")


@pytest.mark.parametrize("key", [key for key in KEYS if key.hint], ids=lambda key: key.id)
def test_hints_are_short(key: Key) -> None:
    assert len(shown_keys(key.keys.split(",")[0])) + len(key.description) <= 24
