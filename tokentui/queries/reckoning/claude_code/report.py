"""Anthropic's own report on Claude Code, read back: by day and model, by who used it, and what was done with it."""

from __future__ import annotations

import sqlite3
from typing import NamedTuple

from tokentui.billed import CodePlace
from tokentui.pricing.model_names import normalise

SUBSCRIPTION = "subscription"
"""Of the customer types the one that no bill of the API has."""


class CodeTokens(NamedTuple):
    """Tokens as this report counts them."""

    input: int = 0
    output: int = 0
    cache_write: int = 0
    """Of both lifetimes."""
    cache_read: int = 0

    @property
    def total(self) -> int:
        """All kinds."""
        return sum(self)

    def plus(self, other: CodeTokens) -> CodeTokens:
        """Both together."""
        return CodeTokens(*(mine + theirs for mine, theirs in zip(self, other, strict=True)))


class CodeVoice(NamedTuple):
    """What the report says of one model on one day, of everybody together."""

    api: CodeTokens = CodeTokens()
    """Paid for by key: a part of what the Usage API reports."""
    subscription: CodeTokens = CodeTokens()
    """In no bill of the API."""
    estimated_pico_usd: int = 0
    """Anthropic's own estimate, no bill."""

    @property
    def tokens(self) -> CodeTokens:
        """However it is paid for."""
        return self.api.plus(self.subscription)

    def plus(self, other: CodeVoice) -> CodeVoice:
        """Both together."""
        return CodeVoice(
            self.api.plus(other.api),
            self.subscription.plus(other.subscription),
            self.estimated_pico_usd + other.estimated_pico_usd,
        )


class CodeUse(NamedTuple):
    """What one actor used of one model in one kind of terminal."""

    place: CodePlace
    model: str
    """Normalised."""
    tokens: CodeTokens
    estimated_pico_usd: int


class CodeWork(NamedTuple):
    """What one actor did in one kind of terminal."""

    place: CodePlace
    sessions: int
    lines_added: int
    lines_removed: int
    commits: int
    pull_requests: int
    accepted_edits: int
    rejected_edits: int


_SUMS = (
    "sum(input_tokens), sum(output_tokens), sum(cache_write_tokens), sum(cache_read_tokens), sum(estimated_pico_usd)"
)
_PLACE = ", ".join(CodePlace._fields)
_WITHIN = "start_ms >= ? AND start_ms < ?"


def code_voices(connection: sqlite3.Connection, from_ms: int, until_ms: int) -> dict[tuple[int, str], CodeVoice]:
    """By start of the UTC day and model."""
    rows = connection.execute(
        f"SELECT start_ms, model, customer_type = '{SUBSCRIPTION}', {_SUMS} FROM claude_code_model "
        f"WHERE {_WITHIN} GROUP BY 1, 2, 3",
        (from_ms, until_ms),
    )
    voices: dict[tuple[int, str], CodeVoice] = {}
    for day_ms, model, is_subscription, *sums in rows:
        tokens = CodeTokens(*sums[:4])
        voice = CodeVoice(subscription=tokens) if is_subscription else CodeVoice(api=tokens)
        key = (day_ms, normalise(model) if model else "")
        voices[key] = voices.get(key, CodeVoice()).plus(voice._replace(estimated_pico_usd=sums[4]))
    return voices


def code_use(connection: sqlite3.Connection, from_ms: int, until_ms: int) -> tuple[CodeUse, ...]:
    """Over a range of whole UTC days, the most expensive first."""
    rows = connection.execute(
        f"SELECT {_PLACE}, model, {_SUMS} FROM claude_code_model WHERE {_WITHIN} "
        f"GROUP BY {_PLACE}, model ORDER BY sum(estimated_pico_usd) DESC, actor, model, terminal_type",
        (from_ms, until_ms),
    )
    return tuple(
        CodeUse(_place(row), normalise(row[5]) if row[5] else "", CodeTokens(*row[6:10]), row[10]) for row in rows
    )


def code_work(connection: sqlite3.Connection, from_ms: int, until_ms: int) -> tuple[CodeWork, ...]:
    """Over a range of whole UTC days, who had most sessions first."""
    sums = ", ".join(f"sum({name})" for name in CodeWork._fields[1:])
    rows = connection.execute(
        f"SELECT {_PLACE}, {sums} FROM claude_code_day WHERE {_WITHIN} GROUP BY {_PLACE} "
        "ORDER BY sum(sessions) DESC, actor, terminal_type",
        (from_ms, until_ms),
    )
    return tuple(CodeWork(_place(row), *row[5:]) for row in rows)


def _place(row: tuple[str, str, str, str, int]) -> CodePlace:
    return CodePlace(*row[:4], bool(row[4]))
