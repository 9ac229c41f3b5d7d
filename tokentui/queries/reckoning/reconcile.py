"""Sets logs beside what Anthropic reports and bills, and says why they differ."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime

from tokentui.instants import DAY_MS, MINUTE_MS, day_ms, moment_of, utc_day
from tokentui.pricing.book import RateBook
from tokentui.queries.reckoning.cells import Explained, Reason
from tokentui.queries.reckoning.claude_code.report import (
    CodeTokens,
    CodeUse,
    CodeVoice,
    code_use,
    code_voices,
    code_work,
)
from tokentui.queries.reckoning.claude_code.shares import CodeShare, code_share
from tokentui.queries.reckoning.compared import Covered, ModelDay, Sides, day_of, side_by_side
from tokentui.queries.reckoning.differences import Clues, explain
from tokentui.queries.reckoning.estimates import Estimate, estimate
from tokentui.queries.reckoning.findings import findings
from tokentui.queries.reckoning.local_minutes import first_local_ms
from tokentui.queries.reckoning.reported.reach import Standing, standing
from tokentui.queries.reckoning.reported.rows import CostSum, Origin, cost_by_day
from tokentui.queries.reckoning.results import KeyRow, MinuteRow, Reckoning, ReckoningRow, WorkspaceRow
from tokentui.records import Tokens, all_tokens

MOST_DIFFERENCES = 200
Voices = Mapping[tuple[int, str], CodeVoice]
"""What the Claude Code report says, by start of the day and model."""


def reconcile(connection: sqlite3.Connection, book: RateBook, as_of: datetime, since: date, until: date) -> Reckoning:
    """Whole UTC days from `since` up to, not including, `until`, from one state of the store."""
    connection.execute("BEGIN")
    try:
        return _reckoning(connection, book, as_of, since, until)
    finally:
        connection.execute("ROLLBACK")


def _reckoning(connection: sqlite3.Connection, book: RateBook, as_of: datetime, since: date, until: date) -> Reckoning:
    first_ms, until_ms = day_ms(since), day_ms(until)
    stands = standing(connection)
    sides = side_by_side(connection, first_ms, until_ms, Covered(stands.api_usage, stands.csv_usage))
    foreign = frozenset(key for key, use in sides.keys.items() if not use.seen_here)
    voices = code_voices(connection, first_ms, until_ms)
    parts = _explained(connection, sides, stands, foreign, voices)
    costs: dict[Origin, list[CostSum]] = {
        "api": list(cost_by_day(connection, "api", first_ms, until_ms, sides.whose)),
        "csv": list(cost_by_day(connection, "csv", first_ms, until_ms, sides.whose)),
    }
    rows = tuple(_rows(sides, parts, costs, stands, book, voices))
    used = code_use(connection, first_ms, until_ms)
    return Reckoning(
        as_of=as_of.astimezone(UTC),
        since=since,
        until=until,
        rows=rows,
        keys=_key_rows(sides, costs, book, foreign, used),
        workspaces=_workspace_rows(sides, costs, book),
        differences=_largest(parts),
        findings=findings(rows, costs, stands, sides.whose),
        other_charges_pico_usd=_other_charges(costs),
        code_use=used,
        code_work=code_work(connection, first_ms, until_ms),
    )


def _explained(
    connection: sqlite3.Connection, sides: Sides, stands: Standing, foreign: frozenset[str], voices: Voices
) -> list[tuple[str, Explained]]:
    """Yield every part of every difference with its model."""
    first_local = first_local_ms(connection)
    logs_begin = 1 << 62 if first_local is None else first_local // MINUTE_MS
    found: list[tuple[str, Explained]] = []
    by_model: dict[tuple[str, str], list[ModelDay]] = {}
    for day in sides.days:
        by_model.setdefault((day.model, day.against), []).append(day)
    for (model, against), days in by_model.items():
        settled_ms = stands.api_settled_ms if against == "api" else stands.csv_settled_ms
        stretches = stands.api_usage if against == "api" else stands.csv_usage
        covered = [(start // MINUTE_MS, -(-end // MINUTE_MS)) for start, end in stretches]
        shares = _shares(days, voices, stands)
        clues = Clues(sides.active, logs_begin, settled_ms // MINUTE_MS, covered, foreign, shares)
        found += [(model, part) for part in explain((cell for day in days for cell in day.cells), clues)]
    return found


def _shares(days: Iterable[ModelDay], voices: Voices, stands: Standing) -> dict[int, CodeShare]:
    """What the Claude Code report accounts for in one model on these days, by day since 1970."""
    told = {day for day, _ in voices}
    return {
        day.day_ms // DAY_MS: code_share(
            day.cells,
            voices.get((day.day_ms, day.model), CodeVoice()),
            day.day_ms in told and day.day_ms + DAY_MS <= stands.code_settled_ms,
        )
        for day in days
        if stands.has_code(day.day_ms)
    }


def _rows(
    sides: Sides,
    parts: Iterable[tuple[str, Explained]],
    costs: dict[Origin, list[CostSum]],
    stands: Standing,
    book: RateBook,
    voices: Voices,
) -> Iterable[ReckoningRow]:
    by_day: dict[tuple[int, str], dict[Reason, Tokens]] = {}
    for model, part in parts:
        sums = by_day.setdefault((day_of(part.minute), model), {})
        sums[part.reason] = sums.get(part.reason, Tokens()).plus(part.tokens)
    billed = {origin: _billed_by_model(sides, costs[origin]) for origin in costs}
    days = {(day.day_ms, day.model): day for day in sides.days}
    for key in billed["api"].keys() | billed["csv"].keys() | voices.keys():
        days.setdefault(key, ModelDay(key[0], key[1], "", 0, [], [], {}))
    for (start_ms, model), day in sorted(days.items()):
        reasons = by_day.get((start_ms, model), {})
        yield ReckoningRow(
            day=utc_day(start_ms),
            model=model,
            logged=all_tokens(row.tokens for row in day.logged),
            responses=sum(row.responses for row in day.logged),
            lower_bound_responses=sum(row.lower_bound_responses for row in day.logged),
            api=day.reported("api") if stands.has_api_usage(start_ms) else None,
            csv=day.reported("csv") if stands.has_csv_usage(start_ms) else None,
            against=day.against,
            grain_s=day.grain_s,
            parts=tuple((reason, tokens) for reason, tokens in reasons.items() if any(tokens)),
            logged_estimate=_logged_estimate(day),
            billed_estimate=_billed_estimate(day, sides, book),
            api_billed_pico_usd=billed["api"].get((start_ms, model), 0) if stands.has_api_cost(start_ms) else None,
            csv_billed_pico_usd=billed["csv"].get((start_ms, model), 0) if stands.has_csv_cost(start_ms) else None,
            code=voices.get((start_ms, model), CodeVoice()) if stands.has_code(start_ms) else None,
        )


def _logged_estimate(day: ModelDay) -> Estimate:
    unpriced = sum(row.tokens.total for row in day.logged if row.unpriced_responses)
    is_open = sum(row.lower_bound_responses for row in day.logged)
    return Estimate(sum(row.cost_pico_usd for row in day.logged), 0, unpriced, is_open)


def _billed_estimate(day: ModelDay, sides: Sides, book: RateBook) -> Estimate:
    total = Estimate()
    for group_id, (tokens, searches) in day.by_group.get(day.against or "api", {}).items():
        total = total.plus(estimate(book, utc_day(day.day_ms), sides.whose[group_id], tokens, searches))
    return total


def _billed_by_model(sides: Sides, costs: Iterable[CostSum]) -> dict[tuple[int, str], int]:
    sums: dict[tuple[int, str], int] = {}
    for cost in costs:
        if model := sides.whose[cost.group_id].model:
            sums[cost.day_ms, model] = sums.get((cost.day_ms, model), 0) + cost.cost_pico_usd
    return sums


def _key_rows(
    sides: Sides, costs: dict[Origin, list[CostSum]], book: RateBook, foreign: frozenset[str], used: Iterable[CodeUse]
) -> tuple[KeyRow, ...]:
    by_key: dict[str, CodeTokens] = {}
    for one in used:
        if one.place.actor_kind == "key":
            by_key[one.place.actor] = by_key.get(one.place.actor, CodeTokens()).plus(one.tokens)
    billed = _by_place(sides, costs["csv"], with_key=True)
    rows = []
    for (workspace, key), (api, csv, total) in _usage_by_place(sides, book, with_key=True).items():
        use = sides.keys.get(key)
        share = use.seen_here / (use.tokens + use.coarse) if use and use.tokens + use.coarse else None
        has_minutes = use is not None and not use.coarse
        rows.append(
            KeyRow(
                key, workspace, api, csv, total, billed.get((workspace, key)), share if has_minutes else None,
                key in foreign, by_key.get(key),
            )
        )  # fmt: skip
    return tuple(sorted(rows, key=lambda row: (-row.estimate.pico_usd, row.api_key, row.workspace)))


def _workspace_rows(sides: Sides, costs: dict[Origin, list[CostSum]], book: RateBook) -> tuple[WorkspaceRow, ...]:
    api, csv = (_by_place(sides, costs[origin], with_key=False) for origin in ("api", "csv"))
    usage = _usage_by_place(sides, book, with_key=False)
    nothing = (Tokens(), Tokens(), Estimate())
    places = sorted(usage.keys() | api.keys() | csv.keys())
    rows = (WorkspaceRow(place[0], *usage.get(place, nothing), api.get(place), csv.get(place)) for place in places)
    return tuple(sorted(rows, key=lambda row: (-row.estimate.pico_usd, row.workspace)))


def _usage_by_place(
    sides: Sides, book: RateBook, with_key: bool
) -> dict[tuple[str, str], tuple[Tokens, Tokens, Estimate]]:
    """Tokens of both reports, and the estimate of the one compared with, by workspace (and key)."""
    sums: dict[tuple[str, str], tuple[Tokens, Tokens, Estimate]] = {}
    for day in sides.days:
        for origin, by_group in day.by_group.items():
            for group_id, (tokens, searches) in by_group.items():
                whose = sides.whose[group_id]
                place = (whose.workspace, whose.api_key if with_key else "")
                api, csv, total = sums.get(place, (Tokens(), Tokens(), Estimate()))
                if origin == (day.against or "csv"):
                    total = total.plus(estimate(book, utc_day(day.day_ms), whose, tokens, searches))
                is_api = origin == "api"
                sums[place] = (api.plus(tokens), csv, total) if is_api else (api, csv.plus(tokens), total)
    return sums


def _by_place(sides: Sides, costs: Iterable[CostSum], with_key: bool) -> dict[tuple[str, str], int]:
    sums: dict[tuple[str, str], int] = {}
    for cost in costs:
        whose = sides.whose[cost.group_id]
        place = (whose.workspace, whose.api_key if with_key else "")
        sums[place] = sums.get(place, 0) + cost.cost_pico_usd
    return sums


def _other_charges(costs: dict[Origin, list[CostSum]]) -> int:
    found = costs["api"] or costs["csv"]
    return sum(cost.cost_pico_usd for cost in found if cost.cost_type not in ("tokens", ""))


def _largest(parts: Iterable[tuple[str, Explained]]) -> tuple[MinuteRow, ...]:
    found = sorted(parts, key=lambda item: -sum(map(abs, item[1].tokens)))[:MOST_DIFFERENCES]
    return tuple(
        MinuteRow(moment_of(part.minute * MINUTE_MS), part.minutes * 60, model, part.reason, part.tokens)
        for model, part in found
    )
