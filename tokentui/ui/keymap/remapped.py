"""Mistakes in the user's `[keys]`: unknown ids, names that are no keys, and one key for two things in one place."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping

from textual.keys import KEY_NAME_REPLACEMENTS, Keys

from tokentui.text import safe_text
from tokentui.ui.keymap.key import Context, Key
from tokentui.ui.keymap.keys import KEYS
from tokentui.ui.keymap.spelled import effective_keys, shown_key

_MOST_NAMED = 3
_MODIFIERS = frozenset({"ctrl", "alt", "shift", "super", "hyper", "meta"})
_NAMED = frozenset(
    {key.value.rpartition("+")[2] for key in Keys}
    | set(KEY_NAME_REPLACEMENTS.values())
    | {re.sub(r"\W", "_", unicodedata.name(chr(code), "")).lower() for code in range(0x20, 0x250)}
)
"""Names of keys. For Latin letters and signs, Textual uses their Unicode names, such as `question_mark`."""
_ALONE: frozenset[Context] = frozenset({"filter", "help", "interrupt", "budget form", "removal"})
"""Contexts in which only their own keys work."""
_ON_MOST: frozenset[Context] = frozenset({"everywhere", "rows", "scrolling", "session"})
_TOGETHER: tuple[frozenset[Context], ...] = (
    frozenset({"dashboard", "sessions table", "nothing found"}),
    frozenset({"session views", "timeline", "ordered", "tools", "context", "two tables"}),
)


def complaints(keymap: Mapping[str, str]) -> Iterator[str]:
    """One sentence for each mistake in the keymap."""
    unknown = sorted(keymap.keys() - {key.id for key in KEYS})
    if unknown:
        named = ", ".join(safe_text(name, 40) for name in unknown[:_MOST_NAMED])
        yield f"[keys] names no key: {named}"
    remapped = [key for key in KEYS if key.id in keymap]
    yield from _no_keys(remapped, keymap)
    yield from _shared(remapped, keymap)


def _no_keys(remapped: Iterable[Key], keymap: Mapping[str, str]) -> Iterator[str]:
    for key in remapped:
        for part in sorted(_parts(key, keymap)):
            if not _is_key(part):
                named = safe_text(part, 20)
                yield f"[keys] {key.id}: no key is called {named}; they are such as p, f2, ctrl+p or space"


def _shared(remapped: Iterable[Key], keymap: Mapping[str, str]) -> Iterator[str]:
    for mine in remapped:
        for other in KEYS:
            both = _parts(mine, keymap) & _parts(other, keymap)
            is_told = other.id in keymap and other.id <= mine.id
            if both and _meet(mine.context, other.context) and not is_told:
                shared = shown_key(safe_text(min(both), 20))
                yield f"[keys] {mine.id} and {other.id} share {shared}: only one of them will work where both could"


def _parts(key: Key, keymap: Mapping[str, str]) -> set[str]:
    return {part.strip() for part in effective_keys(key, keymap).split(",") if part.strip()}


def _is_key(name: str) -> bool:
    """Whether Textual can report a key of this name: a sign, the name of a sign, or a named key."""
    *modifiers, last = name.split("+") if len(name) > 1 else [name]
    return set(modifiers) <= _MODIFIERS and (len(last) == 1 or last in _NAMED)


def _meet(one: Context, other: Context) -> bool:
    """Whether both contexts can be active at once."""
    if one == other:
        return True
    if one in _ALONE or other in _ALONE:
        return False
    return one in _ON_MOST or other in _ON_MOST or any(one in group and other in group for group in _TOGETHER)
