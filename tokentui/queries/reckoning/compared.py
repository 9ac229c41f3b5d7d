"""Sets what was logged and reported in a range side by side, in the shortest stretches that the reports give."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from tokentui.billed import MINUTE_S
from tokentui.instants import DAY_MS, MINUTE_MS
from tokentui.queries.reckoning.cells import DAY_MINUTES, Cell
from tokentui.queries.reckoning.differences import EDGE_MINUTES, any_within
from tokentui.queries.reckoning.local_minutes import LocalMinute, local_minutes
from tokentui.queries.reckoning.reported.overlaps import Slot
from tokentui.queries.reckoning.reported.rows import Origin, Whose, groups, usage_slots
from tokentui.queries.reckoning.results import Against
from tokentui.records import NO_TOKENS, Tokens, all_tokens


@dataclass(slots=True)
class KeyUse:
    """How one key was used."""

    tokens: int = 0
    """Tokens billed by the minute, for which the logs can be asked whether anything was used then."""
    seen_here: int = 0
    """Those of `tokens` that were billed while the logs show use of the model."""
    coarse: int = 0
    """Tokens billed in longer stretches."""


@dataclass(slots=True)
class ModelDay:
    """One model on one UTC day."""

    day_ms: int
    model: str
    against: Against
    grain_s: int
    logged: list[LocalMinute]
    cells: list[Cell]
    by_group: dict[Origin, dict[int, tuple[Tokens, int]]]
    """Tokens and searches by group, per report."""

    def reported(self, origin: Origin) -> Tokens:
        """All tokens that a report has of the day."""
        return all_tokens(tokens for tokens, _ in self.by_group.get(origin, {}).values())


@dataclass(slots=True)
class Sides:
    """What was logged and what was reported in a range."""

    whose: dict[int, Whose]
    days: list[ModelDay] = field(default_factory=list)
    active: list[int] = field(default_factory=list)
    """Minutes in which anything was logged, rising."""
    keys: dict[str, KeyUse] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Covered:
    """The stretches of time that a report covers, in milliseconds."""

    api: tuple[tuple[int, int], ...]
    csv: tuple[tuple[int, int], ...]

    def against(self, day_ms: int) -> Against:
        """The report that a day's logs are compared with."""
        if meets(self.api, day_ms):
            return "api"
        return "csv" if meets(self.csv, day_ms) else ""


def meets(stretches: Iterable[tuple[int, int]], day_ms: int) -> bool:
    """Whether any of the stretches touches a day."""
    return any(start < day_ms + DAY_MS and day_ms < end for start, end in stretches)


def side_by_side(connection: sqlite3.Connection, first_ms: int, until_ms: int, covered: Covered) -> Sides:
    """All days of a range, which begins and ends at midnight UTC."""
    sides = Sides(groups(connection))
    for day_ms in range(first_ms, until_ms, DAY_MS):
        logged = local_minutes(connection, day_ms, day_ms + DAY_MS)
        sides.active += sorted({row.minute for row in logged})
        slots: dict[Origin, list[Slot]] = {
            "api": usage_slots(connection, "api", day_ms, day_ms + DAY_MS, sides.whose),
            "csv": usage_slots(connection, "csv", day_ms, day_ms + DAY_MS, sides.whose),
        }
        sides.days += _model_days(day_ms, covered.against(day_ms), logged, slots, sides)
    return sides


def _model_days(
    day_ms: int, against: Against, logged: list[LocalMinute], slots: dict[Origin, list[Slot]], sides: Sides
) -> Iterator[ModelDay]:
    """A day, model by model."""
    local: dict[str, list[LocalMinute]] = {}
    for row in logged:
        local.setdefault(row.model, []).append(row)
    reported: dict[str, dict[Origin, list[Slot]]] = {}
    for origin, found in slots.items():
        for slot in found:
            reported.setdefault(sides.whose[slot.part].model, {}).setdefault(origin, []).append(slot)
    coarsest = max((slot.grain_s for slot in slots[against or "api"]), default=MINUTE_S)
    for model in sorted(local.keys() | reported.keys()):
        rows, by_origin = local.get(model, []), reported.get(model, {})
        compared = by_origin.get(against, []) if against else []
        grain_s = max((slot.grain_s for slot in compared), default=coarsest)
        cells = _cells(rows, compared, grain_s, sides) if against else []
        by_group = {origin: _by_group(found) for origin, found in by_origin.items()}
        yield ModelDay(day_ms, model, against, grain_s, rows, cells, by_group)


def _by_group(slots: Iterable[Slot]) -> dict[int, tuple[Tokens, int]]:
    sums: dict[int, tuple[Tokens, int]] = {}
    for slot in slots:
        tokens, searches = sums.get(slot.part, (NO_TOKENS, 0))
        sums[slot.part] = (tokens.plus(Tokens(*slot.values[:5])), searches + slot.values[5])
    return sums


def _cells(logged: list[LocalMinute], slots: list[Slot], grain_s: int, sides: Sides) -> list[Cell]:
    """One cell for each stretch of the grain in which anything was logged or billed."""
    length = grain_s // MINUTE_S
    local: dict[int, list[LocalMinute]] = {}
    for row in logged:
        local.setdefault(row.minute // length * length, []).append(row)
    billed: dict[int, dict[str, Tokens]] = {}
    for slot in slots:
        by_key = billed.setdefault(slot.start_ms // MINUTE_MS // length * length, {})
        key = sides.whose[slot.part].api_key
        tokens, before = Tokens(*slot.values[:5]), by_key.get(key)
        by_key[key] = tokens if before is None else before.plus(tokens)
    _note_keys(billed, length, [row.minute for row in logged], sides.keys)
    return [_cell(start, length, local, billed.get(start, {})) for start in sorted(local.keys() | billed.keys())]


def _cell(start: int, length: int, local: dict[int, list[LocalMinute]], by_key: dict[str, Tokens]) -> Cell:
    rows = local.get(start, ())
    logged, billed = all_tokens([row.tokens for row in rows]), all_tokens(by_key.values())
    is_lower = any(row.lower_bound_responses for row in rows)
    if length == 1:
        return Cell(start, length, logged, billed, by_key, is_lower)
    head = [row.tokens for row in rows if row.minute < start + EDGE_MINUTES]
    tail = [row.tokens for row in rows if row.minute >= start + length - EDGE_MINUTES]
    return Cell(start, length, logged, billed, by_key, is_lower, all_tokens(head), all_tokens(tail))


def _note_keys(billed: dict[int, dict[str, Tokens]], length: int, minutes: list[int], keys: dict[str, KeyUse]) -> None:
    """Count for each key how much of it was billed while the logs show use of the same model; `minutes` are rising."""
    for start, by_key in billed.items():
        for key, tokens in by_key.items():
            use = keys.setdefault(key, KeyUse())
            reach = EDGE_MINUTES if length == 1 else 0
            use.seen_here += tokens.total * any_within(minutes, start - reach, start + length + reach)
            if length == 1:
                use.tokens += tokens.total
            else:
                use.coarse += tokens.total


def day_of(minute: int) -> int:
    """Start of the UTC day of a minute, in milliseconds."""
    return minute // DAY_MINUTES * DAY_MS
