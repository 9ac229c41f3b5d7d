"""Keys as people read them: `Esc`, `Ctrl+P`, `?`, remapped or not."""

from __future__ import annotations

import re
from collections.abc import Mapping

from textual.keys import format_key

from tokentui.ui.keymap.key import Key
from tokentui.ui.keymap.keys import KEYS

_SIGNS = {"escape": "Esc", "enter": "Enter", "space": "Space", "tab": "Tab", "shift+tab": "Shift+Tab", "up": "↑",
          "down": "↓", "pageup": "PgUp", "pagedown": "PgDn", "home": "Home", "end": "End", "plus": "+", "minus": "-",
          "equals_sign": "=", "slash": "/", "left": "←", "right": "→", "question_mark": "?", "exclamation_mark": "!",
          "left_square_bracket": "[", "right_square_bracket": "]", "left_curly_bracket": "{",
          "less_than_sign": "<", "greater_than_sign": ">",
          "right_curly_bracket": "}", "delete": "Del"}  # fmt: skip


def effective_keys(key: Key, keymap: Mapping[str, str]) -> str:
    """The keys that do this, remapped by the user or as declared; separated by commas."""
    return keymap.get(key.id) or key.keys


def first_key(key_id: str, keymap: Mapping[str, str]) -> str:
    """The first of the keys with this id, as people read it. Raises StopIteration for an unknown id."""
    key = next(key for key in KEYS if key.id == key_id)
    return shown_key(effective_keys(key, keymap).split(",")[0].strip())


def with_keys(text: str, keymap: Mapping[str, str]) -> str:
    """A text that names keys by their ids, such as `{drill} opens`, with the keys as people read them."""
    return re.sub(r"\{(\w+)\}", lambda found: first_key(found[1], keymap), text)


def shown_keys(keys: str) -> str:
    """Keys as people read them: `Home g`."""
    return " ".join(shown_key(key.strip()) for key in keys.split(","))


def shown_key(key: str) -> str:
    """One key as people read it: `PgUp`, `Ctrl+P`, `?`."""
    if key.startswith("ctrl+"):
        return f"Ctrl+{key.removeprefix('ctrl+').upper()}"
    return _SIGNS.get(key) or (key.upper() if len(key) > 1 and key[0] == "f" and key[1:].isdigit() else format_key(key))
