"""Claude Code's own report within a reconciliation: as JSON, and as tables."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tokentui.billed import CodePlace
from tokentui.cli.printing.dollars import cents_text, exact_usd
from tokentui.queries.reckoning.claude_code.report import CodeTokens, CodeVoice
from tokentui.queries.reckoning.results import Reckoning
from tokentui.text import safe_text
from tokentui.widths import shorten_end

MOST_ROWS = 30
_Table = tuple[Sequence[str], list[Sequence[str]]]


def code_tokens_fields(tokens: CodeTokens | None) -> dict[str, int] | None:
    """The four kinds of tokens and their sum as JSON; None if unknown."""
    if tokens is None:
        return None
    return {
        "input_tokens": tokens.input,
        "output_tokens": tokens.output,
        "cache_write_tokens": tokens.cache_write,
        "cache_read_tokens": tokens.cache_read,
        "total_tokens": tokens.total,
    }


def voice_fields(voice: CodeVoice | None) -> dict[str, Any] | None:
    """One model on one day as JSON."""
    if voice is None:
        return None
    return {
        "api": code_tokens_fields(voice.api),
        "subscription": code_tokens_fields(voice.subscription),
        "estimated_usd": exact_usd(voice.estimated_pico_usd),
    }


def code_fields(found: Reckoning) -> dict[str, Any]:
    """Who used what and what was done with it, as JSON."""
    return {
        "use": [
            {
                **_place_fields(row.place),
                "model": row.model,
                **(code_tokens_fields(row.tokens) or {}),
                "estimated_usd": exact_usd(row.estimated_pico_usd),
            }
            for row in found.code_use
        ],
        "work": [
            {**_place_fields(row.place), **dict(zip(row._fields[1:], row[1:], strict=True))} for row in found.code_work
        ],
    }


def _place_fields(place: CodePlace) -> dict[str, Any]:
    return {**place._asdict(), "is_remote": bool(place.is_remote)}


def code_tables(found: Reckoning) -> list[tuple[str, _Table]]:
    """The report as text: the largest rows, and how many more there are."""
    use: list[Sequence[str]] = [
        (*_place_cells(row.place), row.model or "–", f"{row.tokens.total:,}", cents_text(row.estimated_pico_usd))
        for row in found.code_use[:MOST_ROWS]
    ]
    work: list[Sequence[str]] = [
        (*_place_cells(row.place), f"{row.sessions:,}", f"+{row.lines_added:,} -{row.lines_removed:,}",
         f"{row.commits:,}", f"{row.pull_requests:,}", f"{row.accepted_edits:,} of "
         f"{row.accepted_edits + row.rejected_edits:,}")
        for row in found.code_work[:MOST_ROWS]
    ]  # fmt: skip
    place = ("who", "paid by", "terminal")
    return [
        (_titled("Claude Code's own report: use", len(found.code_use)),
         ((*place, "model", "tokens", "Claude Code's estimate"), use)),
        (_titled("Claude Code's own report: work", len(found.code_work)),
         ((*place, "sessions", "lines", "commits", "pull requests", "edits accepted"), work)),
    ]  # fmt: skip


def _titled(title: str, rows: int) -> str:
    return f"{title}, the first {MOST_ROWS} of {rows:,} rows; `--json` has all" if rows > MOST_ROWS else title


def _place_cells(place: CodePlace) -> tuple[str, str, str]:
    return actor_text(place), place.customer_type or "–", terminal_text(place)


def actor_text(place: CodePlace) -> str:
    """The person or key, in at most 40 cells."""
    name = shorten_end(safe_text(place.actor), 34)
    return f"key {name or '?'}" if place.actor_kind == "key" else name or "all people"


def terminal_text(place: CodePlace) -> str:
    """The terminal it ran in."""
    name = shorten_end(safe_text(place.terminal_type), 30) or "–"
    return f"{name} (remote)" if place.is_remote else name
