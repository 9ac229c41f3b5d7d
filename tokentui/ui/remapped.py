"""What is wrong with the keys that the user chose: names of no key, and two keys for one place."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from tokentui.text import safe_text
from tokentui.ui.key import Context, Key
from tokentui.ui.keys import KEYS, effective_keys, shown_key

_MOST_NAMED = 3
_ALONE: frozenset[Context] = frozenset({"filter", "help", "interrupt", "budget form", "removal"})
"""Where no key of another place is taken."""
_ON_MOST: frozenset[Context] = frozenset({"everywhere", "rows", "scrolling", "session"})
_TOGETHER: tuple[frozenset[Context], ...] = (
    frozenset({"dashboard", "sessions table", "nothing found"}),
    frozenset({"session views", "timeline", "ordered", "tools", "context", "two tables"}),
)


def complaints(keymap: Mapping[str, str]) -> Iterator[str]:
    """What the user should know, a sentence each; nothing where all is well."""
    unknown = sorted(keymap.keys() - {key.id for key in KEYS})
    if unknown:
        named = ", ".join(safe_text(name, 40) for name in unknown[:_MOST_NAMED])
        yield f"[keys] names no key: {named}"
    for mine in KEYS:
        for other in KEYS if mine.id in keymap else ():
            both = _parts(mine, keymap) & _parts(other, keymap)
            is_told = other.id in keymap and other.id <= mine.id
            if both and _meet(mine.context, other.context) and not is_told:
                shared = shown_key(safe_text(min(both), 20))
                yield f"[keys] {mine.id} and {other.id} share {shared}: only one of them will work where both could"


def _parts(key: Key, keymap: Mapping[str, str]) -> set[str]:
    return {part.strip() for part in effective_keys(key, keymap).split(",") if part.strip()}


def _meet(one: Context, other: Context) -> bool:
    """Whether there is a place where both hold."""
    if one == other:
        return True
    if one in _ALONE or other in _ALONE:
        return False
    return one in _ON_MOST or other in _ON_MOST or any(one in group and other in group for group in _TOGETHER)
