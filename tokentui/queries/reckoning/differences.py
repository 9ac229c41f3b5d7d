"""Says why bill and logs differ: every token of a difference gets exactly one class. No SQL here.

Differences are billed minus logged, so that tokens that were billed and not logged are positive.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from tokentui.queries.reckoning.cells import DAY_MINUTES, Cell, Explained, Reason, minus
from tokentui.queries.reckoning.claude_code.shares import CodeShare, attributed
from tokentui.records import NO_TOKENS, Tokens

EDGE_MINUTES = 10
"""A response is logged when it ends and may be billed when it begins; long ones take that long."""
TOLERATED_TOKENS, TOLERATED_SHARE = 100, 0.001
"""Where a day and model have more logged than billed, a difference of no more than either of these is let pass."""


@dataclass(frozen=True, slots=True)
class Clues:
    """What decides between the classes of a difference. Minutes are counted from 1970."""

    active_minutes: Sequence[int]
    """Minutes in which any model was logged, rising."""
    first_logged_minute: int
    """The first minute of which there is any log."""
    settled_until_minute: int
    """The first minute for which reports may still be late, or were not asked for yet."""
    covered: Sequence[tuple[int, int]] = ((0, 1 << 62),)
    """The stretches of minutes that the report covers."""
    foreign_keys: frozenset[str] = frozenset()
    """Keys that were never used at a time when the logs show use."""
    code_shares: Mapping[int, CodeShare] = field(default_factory=dict)
    """What Claude Code's own report accounts for, by day since 1970."""


def explain(cells: Iterable[Cell], clues: Clues) -> list[Explained]:
    """The differences of one model, each part with its class; per cell, parts add up to its difference.

    A pair of parts that lies within one day is left out: it cancels itself.
    """
    cells = sorted(cells, key=lambda cell: cell.minute)
    left = [cell.difference for cell in cells]
    found: list[Explained] = []
    _lifetimes(cells, left, found)
    _edges(cells, left, found)
    billed = [cell.minute for cell in cells if cell.billed.total]
    for cell, rest in zip(cells, left, strict=True):
        if any(rest):
            above, below = Tokens(*(max(n, 0) for n in rest)), Tokens(*(min(n, 0) for n in rest))
            found += _billed_more(cell, above, clues)
            found += _logged_more(cell, below, clues, billed)
    return _tolerated(attributed(found, clues.code_shares), cells)


def _lifetimes(cells: Sequence[Cell], left: list[Tokens], found: list[Explained]) -> None:
    """Class cache writes that were billed as 1h and logged as 5m, because old logs do not split them."""
    for index, (cell, rest) in enumerate(zip(cells, left, strict=True)):
        moved = min(max(rest.cache_write_1h, 0), max(-rest.cache_write_5m, 0))
        if moved:
            part = Tokens(cache_write_5m=-moved, cache_write_1h=moved)
            found.append(Explained(cell.minute, cell.minutes, "cache lifetime", part))
            left[index] = minus(rest, part)


def _edges(cells: Sequence[Cell], left: list[Tokens], found: list[Explained]) -> None:
    """Class what was billed in one cell and logged in another one close to it."""
    fine = [index for index, cell in enumerate(cells) if cell.minutes == 1]
    for kind in range(5):
        _match_near(cells, left, found, fine, kind)
    for (one, first), (other, second) in pairwise(enumerate(cells)):
        if first.end == second.minute and max(first.minutes, second.minutes) > 1:
            for kind in range(5):
                a, b = left[one][kind], left[other][kind]
                if a * b < 0:
                    amount = min(abs(a), abs(b), first.tail_tokens[kind] + second.head_tokens[kind])
                    _move(cells, left, found, (one, other), kind, amount if a > 0 else -amount)


def _match_near(
    cells: Sequence[Cell], left: list[Tokens], found: list[Explained], fine: Sequence[int], kind: int
) -> None:
    """Cancel opposite differences of one kind in minutes at most ten apart, the oldest first."""
    open_: list[int] = []
    for index in fine:
        open_ = [o for o in open_ if cells[index].minute - cells[o].minute <= EDGE_MINUTES and left[o][kind]]
        for earlier in open_:
            a, b = left[earlier][kind], left[index][kind]
            if a * b < 0:
                amount = min(abs(a), abs(b))
                _move(cells, left, found, (earlier, index), kind, amount if a > 0 else -amount)
        if left[index][kind]:
            open_.append(index)


def _move(
    cells: Sequence[Cell], left: list[Tokens], found: list[Explained], pair: tuple[int, int], kind: int, amount: int
) -> None:
    """Take `amount` from the first cell's difference and give it to the second's."""
    if not amount:
        return
    part = Tokens(*(amount if k == kind else 0 for k in range(5)))
    first, second = (cells[index] for index in pair)
    left[pair[0]], left[pair[1]] = minus(left[pair[0]], part), left[pair[1]].plus(part)
    if first.minute // DAY_MINUTES != second.minute // DAY_MINUTES:
        found.append(Explained(first.minute, first.minutes, "time edges", part))
        found.append(Explained(second.minute, second.minutes, "time edges", minus(NO_TOKENS, part)))


def _billed_more(cell: Cell, rest: Tokens, clues: Clues) -> Iterable[Explained]:
    if cell.end <= clues.first_logged_minute:
        yield from _part(cell, "before the logs", rest)
        return
    if cell.has_lower_bound and rest.output:
        yield from _part(cell, "lower bounds", Tokens(output=rest.output))
        rest = rest._replace(output=0)
    foreign = NO_TOKENS
    for key, tokens in cell.by_key.items():
        if key in clues.foreign_keys:
            foreign = foreign.plus(tokens)
    foreign = Tokens(*(min(a, b) for a, b in zip(foreign, rest, strict=True)))
    yield from _part(cell, "other keys", foreign)
    is_active = any_within(clues.active_minutes, cell.minute - EDGE_MINUTES, cell.end + EDGE_MINUTES)
    yield from _part(cell, "unlogged requests" if is_active else "other machines", minus(rest, foreign))


def _logged_more(cell: Cell, rest: Tokens, clues: Clues, billed: Sequence[int]) -> Iterable[Explained]:
    if cell.end > clues.settled_until_minute:
        return _part(cell, "late data", rest)
    if not any(start < cell.end and cell.minute < end for start, end in clues.covered):
        return _part(cell, "not covered", rest)
    reach = EDGE_MINUTES if cell.minutes == 1 else 0
    if not any_within(billed, cell.minute - reach, cell.end + reach):
        return _part(cell, "billed elsewhere", rest)
    return _part(cell, "double counting", rest)


def _part(cell: Cell, reason: Reason, tokens: Tokens) -> Iterable[Explained]:
    return [Explained(cell.minute, cell.minutes, reason, tokens)] if any(tokens) else []


def _tolerated(found: list[Explained], cells: Sequence[Cell]) -> list[Explained]:
    """Rename double counting that is too little, over a day, to mean anything."""
    counted: dict[int, int] = {}
    billed: dict[int, int] = {}
    for cell in cells:
        billed[cell.minute // DAY_MINUTES] = billed.get(cell.minute // DAY_MINUTES, 0) + cell.billed.total
    for part in found:
        if part.reason == "double counting":
            day = part.minute // DAY_MINUTES
            counted[day] = counted.get(day, 0) - part.tokens.total
    small = {day for day, n in counted.items() if n <= max(TOLERATED_TOKENS, TOLERATED_SHARE * billed.get(day, 0))}
    return [
        part._replace(reason="within tolerance")
        if part.reason == "double counting" and part.minute // DAY_MINUTES in small
        else part
        for part in found
    ]


def any_within(minutes: Sequence[int], first: int, end: int) -> bool:
    """Whether any of the rising minutes lies in first … end - 1."""
    place = bisect_left(minutes, first)
    return place < len(minutes) and minutes[place] < end
