"""Rows of several grains and files that tell of the same time: the finest count, and what they leave of a coarser one.

An hour that a file gives by the minute is not added to that hour of another file. Where finer rows hold less than the
coarser one, which also covers time they do not, the rest of the coarser one counts. Of two files of one grain the
fuller counts: usage only grows, so the fuller was exported later.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from dataclasses import dataclass
from itertools import groupby
from typing import NamedTuple

Values = tuple[int, ...]


class Row(NamedTuple):
    """One stored row, whatever it counts."""

    start_ms: int
    grain_s: int
    import_id: int
    owner: Hashable
    """What two files have to agree on to mean the same usage."""
    part: int
    """Further distinguishes rows of one owner: the id of the group."""
    values: Values


@dataclass(frozen=True, slots=True)
class Slot:
    """What counts for one part in one stretch of time, after overlaps are resolved."""

    start_ms: int
    grain_s: int
    part: int
    values: Values


def resolved(rows: Iterable[Row], slack: int = 0) -> list[Slot]:
    """What counts of rows within one UTC day, by time.

    A rest whose first value is not above `slack` for each row it was compared with is rounding, and dropped.
    """
    rows = list(rows)
    if len({(row.grain_s, row.import_id) for row in rows}) <= 1:
        return [Slot(row.start_ms, row.grain_s, row.part, row.values) for row in rows]
    slots: list[Slot] = []
    by_owner: dict[Hashable, list[Row]] = {}
    for row in rows:
        by_owner.setdefault(row.owner, []).append(row)
    for owned in by_owner.values():
        slots += _of_owner(owned, slack)
    return sorted(slots, key=lambda slot: (slot.start_ms, slot.grain_s, slot.part))


def _of_owner(rows: list[Row], slack: int) -> list[Slot]:
    counted: list[Slot] = []
    rows = sorted(rows, key=lambda row: (row.grain_s, row.start_ms, row.import_id))
    for (grain_s, start_ms), same in groupby(rows, key=lambda row: (row.grain_s, row.start_ms)):
        fullest = _fullest(list(same))
        end_ms = start_ms + grain_s * 1000
        finer = [slot for slot in counted if start_ms <= slot.start_ms < end_ms]
        if not finer:
            counted += [Slot(start_ms, grain_s, row.part, row.values) for row in fullest]
            continue
        counted += _rests(fullest, finer, slack * (len(finer) + len(fullest)))
    return counted


def _fullest(rows: list[Row]) -> list[Row]:
    """The rows of the file that holds most; of equal ones the latest."""
    files: dict[int, list[Row]] = {}
    for row in rows:
        files.setdefault(row.import_id, []).append(row)
    return max(files.items(), key=lambda file: (sum(sum(row.values) for row in file[1]), file[0]))[1]


def _rests(coarse: list[Row], finer: list[Slot], slack: int) -> list[Slot]:
    """What is left of coarser rows once finer ones are taken away, value by value."""
    left = [sum(column) for column in zip(*(slot.values for slot in finer), strict=True)]
    rests: list[Slot] = []
    for row in coarse:
        taken = [min(value, max(have, 0)) for value, have in zip(row.values, left, strict=True)]
        left = [have - part for have, part in zip(left, taken, strict=True)]
        rest = tuple(value - part for value, part in zip(row.values, taken, strict=True))
        if any(rest) and (not slack or rest[0] > slack):
            rests.append(Slot(row.start_ms, row.grain_s, row.part, rest))
    return rests
