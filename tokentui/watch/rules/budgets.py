"""Rules about longer times: marks and projections of budgets, and a day unlike the others."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta

from tokentui.figures import format_count, format_duration_ms, format_usd, whole_percent
from tokentui.instants import ms_of
from tokentui.records import PICO_PER_USD
from tokentui.watch.amounts import amount_text
from tokentui.watch.budget_facts import WEEKS_PACE, BudgetNow, DayNow
from tokentui.watch.facts import Facts
from tokentui.watch.rules.findings import Finding, Limits, culprit, sentence
from tokentui.watch.usual import Usuals

_ROLLING_AGAIN = timedelta(hours=1)
"""After this time a mark of a rolling window may be raised again."""


def budget_level(facts: Facts, _usual: Usuals, _limits: Limits) -> Iterator[Finding]:
    """Spend against the highest mark of a budget that it has reached; default budgets get no more than a note."""
    for budget in facts.budgets:
        reached = [
            (mark, grade)
            for mark, grade in zip(budget.thresholds, budget.grades, strict=True)
            if budget.spent >= budget.limit * mark / 100
        ]
        if not reached or not budget.spending:
            continue
        mark, grade = reached[-1]
        spent = amount_text(budget.spent, budget.unit, budget.is_lower_bound)
        share, limit = whole_percent(budget.spent / budget.limit), amount_text(budget.limit, budget.unit)
        lead = f"budget {budget.name} is at {share} %: {spent} of {limit}"
        subject = f"{budget.name}@{mark}@{_period(budget)}"
        yield Finding(
            "budget_level", subject, budget.spent, budget.limit * mark / 100, budget.unit, _said(facts, budget, lead),
            _spender(budget), grade="note" if budget.is_default else grade, lasts_until_ms=_end_ms(budget),
        )  # fmt: skip


def budget_pace(facts: Facts, _usual: Usuals, limits: Limits) -> Iterator[Finding]:
    """Projection of a budget against its limit, once enough is spent and enough of the window has passed.

    It goes by the slower of the recent pace and the window's own. The pace of the last seven days is left out, since
    it says nothing about a project that began today.
    """
    for budget in facts.budgets:
        is_early = budget.elapsed_share < limits["elapsed_share"]
        is_low = budget.spent < budget.limit * limits["spent_share"]
        if not budget.spending or is_early or is_low or budget.spent >= budget.limit:
            continue
        band = budget.projection
        low, high = amount_text(band.low, budget.unit), amount_text(band.high, budget.unit)
        limit = amount_text(budget.limit, budget.unit)
        lead = f"budget {budget.name} is heading for {low} to {high} of {limit}"
        if budget.runs_out_at is not None:
            left_ms = budget.runs_out_at.timestamp() * 1000 - facts.at_ms
            lead += f", and runs out in {format_duration_ms(left_ms)} at the faster pace"
        yield Finding(
            "budget_pace", f"{budget.name}@pace@{_period(budget)}", _reaches(budget), budget.limit, budget.unit,
            _said(facts, budget, lead), _spender(budget), grade="note" if budget.is_default else None,
            lasts_until_ms=_end_ms(budget),
        )  # fmt: skip


def _reaches(budget: BudgetNow) -> float:
    """What will be spent at the window's end, by the slower of the recent pace and the window's own."""
    ends = [pace.reaches for pace in budget.projection.paces if pace.name != WEEKS_PACE]
    return min(ends, default=budget.projection.low)


def unusual_day(facts: Facts, usual: Usuals, limits: Limits) -> Iterator[Finding]:
    """Today's tokens, cost and calls ÷ those of the average day; the one furthest beyond its threshold counts."""
    average, today = usual.day, facts.today
    if average is None or average.days < limits["days"] or not facts.is_spending:
        return
    parts: list[tuple[int, float, str, Callable[[float], str]]] = [
        (today.tokens, average.tokens, "tokens", format_count),
        (today.pico_usd, average.pico_usd, "usd", lambda value: format_usd(round(value))),
        (today.responses, average.responses, "responses", format_count),
    ]
    found: list[tuple[float, float, float, str]] = []
    for value, mean, name, shown in parts:
        floor = limits[f"floor_{name}"] * (PICO_PER_USD if name == "usd" else 1)
        if mean > 1e-6 and value >= floor:
            word = {"usd": "", "responses": " calls"}.get(name, f" {name}")
            lead = f"today {shown(value)}{word}, {value / mean:.1f} times the average day's {shown(mean)}"
            found.append((value / mean / limits[f"times_{name}"], value / mean, limits[f"times_{name}"], lead))
    if found:
        _, times, limit, lead = max(found)
        session, share = culprit(facts, lambda session: session.last_minute.fresh)
        said = sentence(facts, (lead,), session, share)
        session_id = session.session_id if session else ""
        yield Finding(
            "unusual_day", today.start_at.date().isoformat(), times, limit, "times", said, session_id,
            lasts_until_ms=_tomorrow_ms(today),
        )  # fmt: skip


def _said(facts: Facts, budget: BudgetNow, lead: str) -> str:
    scope = "" if budget.scope == "everything" else f"for {budget.scope}"
    session = next((session for session in facts.sessions if session.session_id in budget.spending[:1]), None)
    return sentence(facts, (lead, scope), session, None)


def _spender(budget: BudgetNow) -> str:
    """The session that spends most in the budget's scope now; empty if none does."""
    return budget.spending[0] if budget.spending else ""


def _period(budget: BudgetNow) -> str:
    """The window's start as part of a subject; empty for rolling windows, which have no fixed one."""
    return "" if budget.window.startswith("rolling") else budget.start_at.strftime("%Y%m%dT%H%MZ")


def _end_ms(budget: BudgetNow) -> int:
    """Until when a mark that was raised is not raised again."""
    rolls = budget.window.startswith("rolling")
    return ms_of(budget.end_at + _ROLLING_AGAIN * rolls)


def _tomorrow_ms(today: DayNow) -> int:
    """A moment after the end of today, also if clocks are set back today."""
    return ms_of(today.start_at + timedelta(hours=25))
