"""Classes of a difference that only the Claude Code report can tell: use by subscription, and by other programs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from tokentui.queries.reckoning.cells import DAY_MINUTES, Cell, Explained, Reason
from tokentui.queries.reckoning.claude_code.report import CodeTokens, CodeVoice
from tokentui.records import Tokens

KNOWN_SHARE = 0.99
"""A report is incomplete if it has less than this share of what was both logged and billed."""
_POOLS = (0, 1, 2, 2, 3)
"""For each of the five kinds of tokens its place among the report's four."""


class CodeShare(NamedTuple):
    """How much of a day's difference in one model the report can account for."""

    subscription: CodeTokens = CodeTokens()
    """Used, and in no bill of the API."""
    other_programs: CodeTokens = CodeTokens()
    """Billed, and not used by Claude Code."""


def code_share(cells: Iterable[Cell], voice: CodeVoice, is_whole: bool) -> CodeShare:
    """Of one day and model. Other programs are told only by a report that is whole and knows of what was matched:
    `is_whole` for a day that is over and of which the report tells anything at all."""
    cells = list(cells)
    matched = sum(min(a, b) for cell in cells for a, b in zip(cell.logged, cell.billed, strict=True))
    if not is_whole or voice.tokens.total < KNOWN_SHARE * matched:
        return CodeShare(voice.subscription)
    billed = CodeTokens()
    for cell in cells:
        billed = billed.plus(pooled(cell.billed))
    others = CodeTokens(*(max(all_ - code, 0) for all_, code in zip(billed, voice.api, strict=True)))
    return CodeShare(voice.subscription, others)


def pooled(tokens: Tokens) -> CodeTokens:
    """Tokens as the report counts them."""
    return CodeTokens(tokens.input, tokens.output, tokens.cache_write_5m + tokens.cache_write_1h, tokens.cache_read)


def attributed(parts: Iterable[Explained], shares: Mapping[int, CodeShare]) -> list[Explained]:
    """The parts of one model's differences, what the report accounts for moved into its own classes."""
    by_day: dict[int, list[Explained]] = {}
    for part in parts:
        by_day.setdefault(part.minute // DAY_MINUTES, []).append(part)
    found: list[Explained] = []
    for day, said in by_day.items():
        share = shares.get(day)
        found += _of_day(said, share) if share else said
    return found


def _of_day(parts: list[Explained], share: CodeShare) -> list[Explained]:
    parts = _given(parts, ("billed elsewhere", "double counting"), "subscription", list(share.subscription))
    others = list(share.other_programs)
    _given(parts, ("other keys",), "other keys", others)  # they are programs too, and used up first
    return _given(parts, ("other machines", "unlogged requests"), "other programs", others)


def _given(parts: list[Explained], reasons: Sequence[Reason], to: Reason, left: list[int]) -> list[Explained]:
    """Move parts of these classes, the first class first, into another class, as far as its tokens last."""
    for reason in reasons:
        parts = [new for part in parts for new in (_split(part, to, left) if part.reason == reason else (part,))]
    return parts


def _split(part: Explained, to: Reason, left: list[int]) -> Iterator[Explained]:
    taken = [0] * 5
    for kind, (count, pool) in enumerate(zip(part.tokens, _POOLS, strict=True)):
        amount = min(abs(count), left[pool])
        left[pool] -= amount
        taken[kind] = amount if count > 0 else -amount
    rest = Tokens(*(count - amount for count, amount in zip(part.tokens, taken, strict=True)))
    if any(taken):
        yield part._replace(reason=to, tokens=Tokens(*taken))
    if any(rest):
        yield part._replace(tokens=rest)
