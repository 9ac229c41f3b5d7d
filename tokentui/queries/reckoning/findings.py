"""What a reconciliation has to say aloud: double counting, reports that disagree, prices that do not come out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from tokentui.instants import DAY_MS, day_ms, utc_day
from tokentui.queries.reckoning.cells import minus
from tokentui.queries.reckoning.claude_code.findings import code_findings
from tokentui.queries.reckoning.differences import TOLERATED_SHARE, TOLERATED_TOKENS
from tokentui.queries.reckoning.reported.reach import Standing
from tokentui.queries.reckoning.reported.rows import HALF_A_CENT, CostSum, Origin, Whose
from tokentui.queries.reckoning.results import TOLERATED_MONEY_SHARE, TOLERATED_PICO_USD, Finding, ReckoningRow
from tokentui.records import PICO_PER_USD, Tokens

_OPEN = ": the report does not tell the prompt length that sets its price"
_DEARER = ": a price that `tokentui prices` has wrong, or a charge that the usage report does not count"
_PLAIN = ("tokens", "web_search", "")


def findings(
    rows: Sequence[ReckoningRow], costs: dict[Origin, list[CostSum]], stands: Standing, whose: dict[int, Whose]
) -> tuple[Finding, ...]:
    """All findings, those first because of which the reckoning does not come out."""
    lines = _lines(costs["csv"], whose)
    found = [*_double_counting(rows), *_reports_differ(rows, lines, stands), *_prices(rows, costs, stands, whose)]
    found += code_findings(rows, stands)
    if not any(row.against for row in rows):
        found.append(Finding("note", "there is neither API usage nor a token export to compare the logs with", False))
    return tuple(sorted(found, key=lambda finding: not finding.is_off))


def _double_counting(rows: Iterable[ReckoningRow]) -> Iterator[Finding]:
    for row in rows:
        tokens = dict(row.parts).get("double counting")
        if tokens:
            finest = "" if row.grain_s <= 60 else (
                " (by the day or hour only: use by a subscription beside the key looks alike, sync minutes to tell)"
            )  # fmt: skip
            text = f"{row.day} {row.model}: {-tokens.total:,} tokens more logged than billed{finest}"
            yield Finding("double counting", text, is_off=True)


def _reports_differ(
    rows: Iterable[ReckoningRow], lines: dict[tuple[str, str], int], stands: Standing
) -> Iterator[Finding]:
    for row in rows:
        name = f"{row.day} {row.model}"
        if row.api is not None and row.csv is not None and _differ(row.api, row.csv):
            is_late = row.csv.total < row.api.total and _is_last_day(row, stands)
            text = f"{name}: the API reports {row.api.total:,} tokens, the exports {row.csv.total:,}"
            why = "; the export was made before the day was over" if is_late else ""
            yield Finding("note" if is_late else "reports differ", text + why, is_off=not is_late)
        if row.api_billed_pico_usd and row.csv_billed_pico_usd:
            slack = HALF_A_CENT * lines.get((row.day.isoformat(), row.model), 0) + TOLERATED_PICO_USD
            if abs(row.api_billed_pico_usd - row.csv_billed_pico_usd) > slack:
                is_late = row.csv_billed_pico_usd < row.api_billed_pico_usd and _is_last_day(row, stands)
                text = f"{name}: billed {_usd(row.api_billed_pico_usd)} by the API, {_usd(row.csv_billed_pico_usd)} "
                yield Finding("note" if is_late else "reports differ", text + "by the exports", is_off=not is_late)


def _differ(api: Tokens, csv: Tokens) -> bool:
    """By kind, so that opposite differences do not cancel."""
    return sum(map(abs, minus(api, csv))) > max(TOLERATED_TOKENS, TOLERATED_SHARE * max(api.total, csv.total))


def _is_last_day(row: ReckoningRow, stands: Standing) -> bool:
    ends = [end for _, end in (*stands.csv_usage, *stands.csv_cost)]
    return any(utc_day(end - 1) == row.day for end in ends)


def _prices(
    rows: Iterable[ReckoningRow], costs: dict[Origin, list[CostSum]], stands: Standing, whose: dict[int, Whose]
) -> Iterator[Finding]:
    """Compare the bill with the list price of what was reported, for days that are over and fully known."""
    sums = {origin: _money(costs[origin], whose) for origin in costs}
    for row in rows:
        origin: Origin = "api" if row.api_billed_pico_usd is not None and row.against == "api" else "csv"
        key = (row.day.isoformat(), row.model)
        is_billed_day = any(day == key[0] for day, _ in sums[origin])
        if row.against != origin or not is_billed_day or not _is_whole(row, stands, origin):
            continue
        billed, listed, lines = sums[origin].get(key, (0, 0, 0))
        slack = TOLERATED_PICO_USD + TOLERATED_MONEY_SHARE * listed
        slack += HALF_A_CENT * lines if origin == "csv" else 0
        estimate = row.billed_estimate
        if estimate.unpriced_tokens:
            yield Finding("note", f"{row.day} {row.model}: no known price; billed {_usd(billed)}", is_off=False)
        elif listed > estimate.pico_usd + slack:
            is_open = estimate.open_tokens > 0
            why = _OPEN if is_open else _DEARER
            text = f"{row.day} {row.model}: billed {_usd(listed)}, list price {_usd(estimate.pico_usd)}{why}"
            yield Finding("note" if is_open else "price differs", text, is_off=not is_open)
        elif listed < estimate.pico_usd - slack:
            text = f"{row.day} {row.model}: billed {_usd(billed)}, list price {_usd(estimate.pico_usd)}"
            yield Finding("note", f"{text}: a discount, credits, or Priority Tier, which is not in it", is_off=False)
        elif billed < listed - slack:
            yield Finding("note", f"{row.day} {row.model}: discount of {_usd(listed - billed)}", is_off=False)


def _is_whole(row: ReckoningRow, stands: Standing, origin: Origin) -> bool:
    """Whether both the usage and the cost of the day are known to its end, with time for late data."""
    day_end = day_ms(row.day) + DAY_MS
    if origin == "api":
        return day_end <= stands.api_settled_ms and any(
            s <= day_end - DAY_MS and day_end <= e for s, e in stands.api_cost
        )
    ends = [max((e for _, e in stretches), default=0) for stretches in (stands.csv_usage, stands.csv_cost)]
    return day_end <= min(ends)


def _money(costs: Iterable[CostSum], whose: dict[int, Whose]) -> dict[tuple[str, str], tuple[int, int, int]]:
    """Money billed, list price and export lines by day and model, for kinds that the usage report counts too."""
    sums: dict[tuple[str, str], tuple[int, int, int]] = {}
    for cost in costs:
        model = whose[cost.group_id].model
        if model and cost.cost_type in _PLAIN:
            key = (utc_day(cost.day_ms).isoformat(), model)
            billed, listed, lines = sums.get(key, (0, 0, 0))
            sums[key] = (billed + cost.cost_pico_usd, listed + cost.list_pico_usd, lines + cost.lines)
    return sums


def _lines(costs: Iterable[CostSum], whose: dict[int, Whose]) -> dict[tuple[str, str], int]:
    return {key: lines for key, (_, _, lines) in _money(costs, whose).items()}


def _usd(pico_usd: int) -> str:
    return f"${pico_usd / PICO_PER_USD:,.4f}"
