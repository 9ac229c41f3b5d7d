"""Answers about Anthropic's side: a month that comes out, one that does not, and one of which nothing is known."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

from tests.kit.canned import HOSTILE, NOW, OPUS, SONNET
from tokentui.queries.reckoning.billing import Billing, BillingGrouping, BillingRow
from tokentui.queries.reckoning.cells import Reason
from tokentui.queries.reckoning.estimates import Estimate
from tokentui.queries.reckoning.reported.reach import ImportedFile, SyncRun, SyncState
from tokentui.queries.reckoning.results import Finding, KeyRow, Reckoning, ReckoningRow
from tokentui.queries.reckoning.running_month import MonthSoFar
from tokentui.queries.reckoning.screen import BilledSide, by_day
from tokentui.records import Tokens

USD = 10**12
CENT = USD // 100
TODAY = NOW.date()
LOGGED = Tokens(120_000, 80_000, 400_000, 60_000, 9_000_000)
OTHER_KEYS = Tokens(3_000, 1_000, 20_000, 0, 250_000)
TITLES = Tokens(1_200, 80, 0, 0, 0)


def reckoned(day: date, model: str, parts: tuple[tuple[Reason, Tokens], ...], place: int = 0) -> ReckoningRow:
    """A row whose parts add up to its difference."""
    api = LOGGED
    for _, tokens in parts:
        api = api.plus(tokens)
    csv = api if place % 3 == 0 else None
    logged, listed, exported = Estimate(9 * USD), Estimate(10 * USD), None if csv is None else 995 * CENT
    return ReckoningRow(
        day, model, LOGGED, 210, place % 2, api, csv, "api", 60, parts, logged, listed, 994 * CENT, exported
    )


def rows(parts: tuple[tuple[Reason, Tokens], ...] = ()) -> tuple[ReckoningRow, ...]:
    """Nine days of two models; `parts` are of yesterday."""
    found: list[ReckoningRow] = []
    for ago in range(9, -1, -1):
        day = TODAY - timedelta(days=ago)
        usual: tuple[tuple[Reason, Tokens], ...] = (("other keys", OTHER_KEYS),) if ago % 2 else ()
        found.append(reckoned(day, OPUS, parts if ago == 1 and parts else usual, ago))
        found.append(reckoned(day, SONNET, (("unlogged requests", TITLES),) if ago % 3 else (), ago))
    return tuple(found)


NAMES: dict[BillingGrouping, tuple[str, ...]] = {
    "day": tuple((TODAY - timedelta(days=ago)).isoformat() for ago in range(9, -1, -1)),
    "month": (f"{TODAY:%Y-%m}",),
    "model": (OPUS, SONNET),
    "project": ("/home/ada/src/tokentui", "/home/ada/src/[wip]/parser", HOSTILE),
    "key": ("ci-nightly", "", HOSTILE),
    "workspace": ("", "research"),
}


def bill(by: BillingGrouping) -> Billing:
    """What was billed by any grouping."""
    has_bill, has_logs = by != "project", by not in ("key", "workspace")
    found = tuple(
        BillingRow(
            name, Estimate((12 - place) * USD) if has_logs else None, LOGGED if has_bill else None,
            Estimate((13 - place) * USD, open_tokens=place % 2) if has_bill else None,
            (1290 - 100 * place) * CENT if has_bill else None,
        )
        for place, name in enumerate(NAMES[by])
    )  # fmt: skip
    total = BillingRow("", Estimate(90 * USD) if has_logs else None, LOGGED, Estimate(99 * USD), 98 * USD)
    month = MonthSoFar(TODAY.replace(day=1), 81 * USD, TODAY, 143 * USD, 76 * USD, 131 * USD, False)
    return Billing(NOW, by, TODAY - timedelta(days=29), TODAY + timedelta(days=1), found, total, month)


KEYS = (
    KeyRow("ci-nightly", "", OTHER_KEYS, Tokens(), Estimate(USD), None, 0.02, True),
    KeyRow(HOSTILE, "research", LOGGED, Tokens(), Estimate(USD), None, 0.97, False),
)
DONE = SyncRun(NOW - timedelta(seconds=20), NOW - timedelta(seconds=12), 44, 900, 8_000, "done", "")
NEVER = SyncState(None, None, None, None)
SYNCED = SyncState(DONE, DONE.finished_at, NOW - timedelta(minutes=2), NOW.replace(hour=0, minute=0, second=0))
IMPORT = ImportedFile(1, "cost", "cost.csv", NOW, NOW - timedelta(days=30), NOW, 412, 0)


def side(by: BillingGrouping, found: tuple[ReckoningRow, ...], findings: tuple[Finding, ...] = ()) -> BilledSide:
    """An answer with these rows of the reckoning."""
    month = bill(by)
    reckoning = Reckoning(NOW, month.since, month.until, found, KEYS, (), (), findings, 0)
    return BilledSide(month, reckoning, by_day(reckoning), SYNCED, (IMPORT,))


def with_days(answer: BilledSide, days: int) -> BilledSide:
    """The same rows, said to be over so many days."""
    since = TODAY - timedelta(days=days - 1)
    reckoning, billing = replace(answer.reckoning, since=since), replace(answer.billing, since=since)
    return replace(answer, reckoning=reckoning, billing=billing)


def well(by: BillingGrouping = "day") -> BilledSide:
    """It comes out."""
    return side(by, rows())


def double(by: BillingGrouping = "day") -> BilledSide:
    """More was logged than billed."""
    text = f"{TODAY - timedelta(days=1)} {OPUS}: 52,000 tokens more logged than billed"
    finding = Finding("double counting", text, is_off=True)
    return side(by, rows((("double counting", Tokens(-2_000, -1_000, 0, 0, -49_000)),)), (finding,))


def unknown(by: BillingGrouping = "day") -> BilledSide:
    """Nothing of Anthropic's side is stored."""
    found = tuple(
        replace(row, api=None, csv=None, against="", parts=(), billed_estimate=Estimate(), api_billed_pico_usd=None,
                csv_billed_pico_usd=None)
        for row in rows()
    )  # fmt: skip
    answer = side(by, found)
    bare = tuple(replace(row, reported_tokens=None, reported=None, billed_pico_usd=None) for row in answer.billing.rows)
    month = replace(answer.billing.month, billed_pico_usd=None, billed_until=None, billed_projected_pico_usd=None)
    total = BillingRow("", Estimate(90 * USD), None, None, None)
    billing = replace(answer.billing, rows=bare, total=total, month=month)
    return replace(answer, billing=billing, sync=NEVER, imports=())
