"""The shortest sequence that changes a terminal from one style to another."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

PLAIN = "0"
"""The parameters that reset to no style."""
_PARAMETER = re.compile(
    r"(?:(?P<foreground>38;5;\d+|38;2;\d+;\d+;\d+|3[0-7]|9[0-7])"
    r"|(?P<background>48;5;\d+|48;2;\d+;\d+;\d+|4[0-7]|10[0-7])"
    r"|(?P<attribute>[1-9]|21|5[1-3]))(?:;|$)"
)


class _Style(NamedTuple):
    attributes: frozenset[str] = frozenset()
    foreground: str = "39"
    background: str = "49"


@lru_cache(1024)
def change_of_style(before: str, after: str) -> str:
    """The sequence that leads from one style to another.

    Both are the parameters of `ESC [ … m` that lead there from no style at all (ECMA-48, 8.3.117).
    """
    if before == after:
        return ""
    if after == PLAIN:
        return "\x1b[0m"
    old, new = _style(before), _style(after)
    if old is None or new is None or not old.attributes <= new.attributes:
        return f"\x1b[0;{after}m"
    changes = sorted(new.attributes - old.attributes)
    changes += [new.foreground] * (new.foreground != old.foreground)
    changes += [new.background] * (new.background != old.background)
    return f"\x1b[{';'.join(changes)}m" if changes else ""


def _style(parameters: str) -> _Style | None:
    """The style that parameters stand for; None if any of them is unknown."""
    if parameters == PLAIN:
        return _Style()
    attributes: set[str] = set()
    style, end = _Style(), 0
    for found in _PARAMETER.finditer(parameters):
        if found.start() != end:
            return None
        end = found.end()
        if found["attribute"]:
            attributes.add(found["attribute"])
        elif found["foreground"]:
            style = style._replace(foreground=found["foreground"])
        else:
            style = style._replace(background=found["background"])
    return style._replace(attributes=frozenset(attributes)) if end == len(parameters) else None
