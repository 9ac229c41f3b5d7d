"""Rules about longer times: budgets by level and by pace, and a day that is not like the others."""

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

_AFTER = timedelta(hours=1)
"""A mark of a rolling window may be raised again after this."""


def budget_level(facts: Facts, _usual: Usuals, _limits: Limits) -> Iterator[Finding]:
    """Spend against the highest of the budget's marks that it has reached; shipped budgets are only noted."""
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
    """The slower of the recent pace and the window's own against the limit, once enough is spent and has passed.

    A week's pace is no part of it: of a project that began today it says nothing yet.
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
    """What the slower of the present paces leads to at the end of the window."""
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
    """The session that spends most of it now."""
    return budget.spending[0] if budget.spending else ""


def _period(budget: BudgetNow) -> str:
    """A name for the window; rolling windows have none."""
    return "" if budget.window.startswith("rolling") else budget.start_at.strftime("%Y%m%dT%H%MZ")


def _end_ms(budget: BudgetNow) -> int:
    rolls = budget.window.startswith("rolling")
    return ms_of(budget.end_at + _AFTER * rolls)


def _tomorrow_ms(today: DayNow) -> int:
    return ms_of(today.start_at + timedelta(hours=25))
