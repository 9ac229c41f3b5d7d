"""Claude Code's own report as a column of a bill: tokens and Anthropic's estimate under the names of its rows."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from tokentui.billed import CodePlace
from tokentui.instants import utc_day
from tokentui.queries.reckoning.claude_code.report import CodeTokens, code_use, code_voices

CODE_GROUPINGS = ("actor", "terminal")
"""What this report alone can be grouped by."""


class CodeSum(NamedTuple):
    """Tokens, and what Anthropic's report estimates for them."""

    tokens: CodeTokens = CodeTokens()
    pico_usd: int = 0

    def plus(self, other: CodeSum) -> CodeSum:
        """Both together."""
        return CodeSum(self.tokens.plus(other.tokens), self.pico_usd + other.pico_usd)


def code_sums(connection: sqlite3.Connection, by: str, from_ms: int, until_ms: int) -> dict[str, CodeSum]:
    """Sums by name of the row, over whole UTC days; empty where the report has no such grouping."""
    sums: dict[str, CodeSum] = {}
    for name, part in _parts(connection, by, from_ms, until_ms):
        sums[name] = sums.get(name, CodeSum()).plus(part)
    return sums


def total_of(sums: Iterable[CodeSum]) -> CodeSum | None:
    """The sum of all; None if there are none."""
    total: CodeSum | None = None
    for part in sums:
        total = part.plus(total or CodeSum())
    return total


def actor_name(place: CodePlace) -> str:
    """A key as `key NAME`, a person as kept; empty for all people together, from older versions."""
    return f"key {place.actor}" if place.actor_kind == "key" else place.actor


def terminal_name(place: CodePlace) -> str:
    """Where it ran; empty where that was not kept."""
    return f"{place.terminal_type} (remote)" if place.is_remote else place.terminal_type


def _parts(connection: sqlite3.Connection, by: str, from_ms: int, until_ms: int) -> Iterator[tuple[str, CodeSum]]:
    if by in ("day", "month", "model"):
        for (day, model), voice in code_voices(connection, from_ms, until_ms).items():
            text = utc_day(day).isoformat()
            name = {"day": text, "month": text[:7], "model": model}[by]
            yield name, CodeSum(voice.tokens, voice.estimated_pico_usd)
    elif by in ("key", *CODE_GROUPINGS):
        for use in code_use(connection, from_ms, until_ms):
            if by != "key" or use.place.actor_kind == "key":
                names = {"key": use.place.actor, "actor": actor_name(use.place), "terminal": terminal_name(use.place)}
                yield names[by], CodeSum(use.tokens, use.estimated_pico_usd)
