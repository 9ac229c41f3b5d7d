"""Each rule by example, and what holds for all of them."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tokentui.config.settings import Budget
from tokentui.config.thresholds import RULE_DEFAULTS, RuleChange, settings_of
from tokentui.watch.budget_facts import BudgetNow, DayNow, Projection
from tokentui.watch.facts import AgentNow, CacheNow, Facts, LoopNow, SessionNow, Spend
from tokentui.watch.rules.catalogue import RULES, find
from tokentui.watch.rules.findings import Finding
from tokentui.watch.usual import AverageDay, Usual, Usuals

NOW = datetime(2026, 11, 22, 14, tzinfo=UTC)
NOW_MS = round(NOW.timestamp() * 1000)
USD = 10**12


def agent(number: int, depth: int = 1, seconds_ago: float = 300, **fields: object) -> AgentNow:
    name = "main" if not depth else "explorer"
    agent_id = f"a{number}" if depth else ""
    return replace(AgentNow(agent_id, name, depth, round(NOW_MS - seconds_ago * 1000), True), **fields)  # type: ignore[arg-type]


def session(number: int = 1, agents: int = 1, **fields: object) -> SessionNow:
    crew = (agent(0, 0), *(agent(place) for place in range(1, agents)))
    return replace(SessionNow(f"s{number}", f"task {number}", "/work", crew, is_spending=True), **fields)  # type: ignore[arg-type]


def facts(*sessions: SessionNow, budgets: tuple[BudgetNow, ...] = (), today: DayNow | None = None) -> Facts:
    return Facts(NOW_MS, today or DayNow(NOW.replace(hour=0)), sessions, budgets)


def spend(fresh: int = 0, usd: float = 0.0) -> Spend:
    return Spend(1, fresh, round(usd * USD))


def usual(median: float, p95: float) -> Usual:
    return Usual(median, p95, 500)


def found(rule: str, look: Facts, known: Usuals | None = None, **values: float) -> list[Finding]:
    changes = {rule: RuleChange(values)} if values else {}
    return [one for one in find(look, known or Usuals(), changes) if one.rule == rule]


def ratio(rule: str, look: Facts, known: Usuals | None = None, **values: float) -> float:
    return max((one.ratio for one in found(rule, look, known, **values)), default=0.0)


def budget(spent: float, low: float = 0.0, **fields: object) -> BudgetNow:
    made = BudgetNow(
        "daily", 20.0, "usd", "day", "everything", NOW.replace(hour=0), NOW.replace(hour=0) + timedelta(days=1), spent,
        0.5, Projection(low, low * 2, ()), (50, 75, 90, 100), ("note", "note", "warn", "alarm"), ("s1",), False,
    )  # fmt: skip
    return replace(made, **fields)  # type: ignore[arg-type]


# Evidence.


def test_the_evidence_names_culprit_and_figures() -> None:
    big = session(1, agents=12, title="refactor-api", last_minute=spend(900_000, 25.42), spawned=tuple("abcdefghi"))
    look = facts(big, session(2, agents=2, last_minute=spend(100_000, 5.58)))
    said = found("agents_at_once", look, Usuals(agents=usual(2, 4)))[0]
    assert said.evidence == (
        "14 agents working, usual 2; 9 spawned in 60 s; $31.00/min · session \"refactor-api\", 86 % of it"
    )  # fmt: skip
    assert (said.session_id, said.agents[:3], len(said.agents)) == ("s1", ("", "a1", "a2"), 12)
    money = found("usd_per_minute", look, Usuals(pico_usd=usual(0.4 * USD, 2 * USD)))[0]
    assert money.evidence.startswith("$31.00/min, usual $0.40; 14 agents working; 9 spawned in 60 s")
    assert money.evidence.endswith('· session "refactor-api", 82 % of it')


def test_a_long_title_is_cut() -> None:
    look = facts(session(agents=9, title="x" * 200))
    assert len(found("agents_at_once", look)[0].evidence) < 90


# Rules by example.


@pytest.mark.parametrize(("agents", "known", "raised"), [
    (9, Usuals(), False),
    (10, Usuals(), True),
    (10, Usuals(agents=usual(2, 5)), True),
    (12, Usuals(agents=usual(5, 8)), False),
    (16, Usuals(agents=usual(5, 8)), True),
])  # fmt: skip
def test_agents_at_once_against_floor_and_usual(agents: int, known: Usuals, raised: bool) -> None:
    assert (ratio("agents_at_once", facts(session(agents=agents)), known) >= 1) is raised


def test_agents_that_wait_while_nothing_is_spent_are_no_alarm() -> None:
    assert not found("agents_at_once", facts(session(agents=40, is_spending=False)))


def test_spawn_rate() -> None:
    look = facts(session(1, spawned=tuple(f"a{n}" for n in range(8))), session(2, spawned=("b1", "b2", "b3", "b4")))
    one = found("spawn_rate", look)[0]
    assert (one.value, one.session_id, len(one.agents)) == (12, "s1", 8)
    assert one.ratio >= 1
    assert one.evidence.startswith("12 spawned in 60 s; 2 agents working")


def test_spawn_depth() -> None:
    deep = session(agents=3)
    deep = replace(deep, agents=(*deep.agents, agent(7, 3), agent(8, 4)))
    one = found("spawn_depth", facts(deep))[0]
    assert (one.ratio, one.agents) == (1.0, ("a7", "a8"))
    assert one.evidence.startswith("2 agents at work 3 to 4 levels deep")
    assert ratio("spawn_depth", facts(replace(deep, agents=(agent(7, 3),)))) < 1


def test_spawning_after_a_limit_error() -> None:
    limited = session(limit_at_ms=NOW_MS - 60_000)
    begun = tuple(agent(n, seconds_ago=60 - 10 * n) for n in range(1, 4))
    one = found("spawn_after_limit", facts(replace(limited, agents=(agent(0, 0), agent(9), *begun))))[0]
    assert (one.ratio, one.agents) == (1.0, ("a1", "a2", "a3"))
    assert "3 agents spawned since the limit error 1m00s ago" in one.evidence
    assert not found("spawn_after_limit", facts(replace(limited, limit_at_ms=NOW_MS - 700_000, agents=begun)))


@pytest.mark.parametrize(("rule", "last", "raised"), [
    ("tokens_per_minute", spend(749_000), False),
    ("tokens_per_minute", spend(750_000), True),
    ("usd_per_minute", spend(1, 7.99), False),
    ("usd_per_minute", spend(1, 8.0), True),
    ("session_tokens_per_minute", spend(500_000), True),
    ("session_usd_per_minute", spend(1, 5.0), True),
    ("session_usd_per_minute", spend(1, 4.9), False),
])  # fmt: skip
def test_rates_against_their_floors(rule: str, last: Spend, raised: bool) -> None:
    assert (ratio(rule, facts(session(last_minute=last))) >= 1) is raised


def test_rates_against_usual() -> None:
    look = facts(session(last_minute=spend(900_000, 10)))
    busy = Usuals(fresh=usual(1e5, 4e5), pico_usd=usual(USD, 4 * USD), session_fresh=usual(1e5, 2e5))
    assert ratio("tokens_per_minute", look, busy) == pytest.approx(900 / 1200)
    assert ratio("usd_per_minute", look, busy) == pytest.approx(10 / 12)
    assert ratio("session_tokens_per_minute", look, busy) == pytest.approx(1.5)


def test_each_session_that_burns_is_named() -> None:
    look = facts(*(session(number, last_minute=spend(600_000)) for number in (1, 2, 3)))
    assert {one.session_id for one in found("session_tokens_per_minute", look)} == {"s1", "s2", "s3"}


def test_unattended() -> None:
    alone = session(unattended_ms=61 * 60_000, unattended_spend=spend(4_000_000, 21.0))
    one = found("unattended", facts(alone))[0]
    assert one.ratio >= 1
    assert one.evidence.startswith("$21.00 since the last human line 1h01m ago")
    assert not found("unattended", facts(replace(alone, unattended_ms=59 * 60_000)))
    assert ratio("unattended", facts(replace(alone, unattended_spend=spend(6_000_000)))) >= 1
    later = facts(replace(alone, unattended_ms=alone.unattended_ms + 5_000))
    assert replace(later, at_ms=NOW_MS + 5_000).at_ms - later.sessions[0].unattended_ms == NOW_MS - alone.unattended_ms
    assert found("unattended", replace(later, at_ms=NOW_MS + 5_000))[0].subject == one.subject


def test_context_growth() -> None:
    grown = session(agents=1)
    grown = replace(grown, agents=(agent(0, 0, prompt_tokens=210_000, prompt_growth=160_000),))
    assert found("context_growth", facts(grown))[0].evidence.startswith(
        "the context of main grew by 160k tokens in 5 min, to 210k"
    )
    small = replace(grown, agents=(agent(0, 0, prompt_tokens=180_000, prompt_growth=160_000),))
    assert not found("context_growth", facts(small))


def test_cache_rules() -> None:
    lost = CacheNow(2_000_000, 1_100_000, 400_000, 60_000, 330_000, 6, 5)
    look = facts(session(cache=lost))
    assert ratio("cache_hit_rate", look) == pytest.approx(0.85 / 0.5)
    assert (
        "cache hit rate 15.0 %; 5 of the last 6 responses lost the cache" in found("cache_hit_rate", look)[0].evidence
    )
    assert ratio("cache_write_share", look) == pytest.approx(0.55 / 0.5)
    assert ratio("cache_write_share", look, Usuals(write_share=usual(0.1, 0.4))) == pytest.approx(0.55 / 0.8)
    assert ratio("cache_write_share", look, Usuals(write_share=usual(0.5, 0.9))) == pytest.approx(0.55 / 0.9)
    assert not found("cache_hit_rate", facts(session(cache=replace(lost, lost=3))))
    assert not found("cache_write_share", facts(session(cache=replace(lost, written=500_000))))


def test_errors_and_loops() -> None:
    storm = session(errors=12, error_kinds=("529 ×9", "503 ×3"), is_spending=False)
    one = found("api_errors", facts(storm))[0]
    assert (one.value, one.ratio) == (12, 1.2)
    assert one.evidence.startswith("12 API errors and retries in 2 min (529 ×9, 503 ×3)")
    loop = session(loop=LoopNow("a1", "Bash", 11, 42.0))
    assert found("tool_loop", facts(loop))[0].evidence.startswith("Bash called 11× with the same input in 42s")
    assert ratio("tool_loop", facts(session(loop=LoopNow("", "Bash", 9, 42.0)))) < 1


@pytest.mark.parametrize(("spent", "subject", "grade"), [
    (9.99, None, None), (10.0, "50", "note"), (16.0, "75", "note"), (18.0, "90", "warn"), (20.0, "100", "alarm"),
    (400.0, "100", "alarm"),
])  # fmt: skip
def test_a_budget_speaks_at_each_mark(spent: float, subject: str | None, grade: str | None) -> None:
    one = next(iter(found("budget_level", facts(session(), budgets=(budget(spent),)))), None)
    assert (one.subject.split("@")[1] if one else None, one.grade if one else None) == (subject, grade)
    if one:
        assert one.ratio >= 1
        assert one.session_id == "s1"


def test_a_budget_that_may_be_further_says_so() -> None:
    look = facts(session(), budgets=(budget(24.1, is_lower_bound=True),))
    assert found("budget_level", look)[0].evidence.startswith("budget daily is at 120 %: ≥$24.10 of $20.00")


def test_a_shipped_budget_is_only_noted_and_a_silent_one_not_at_all() -> None:
    over = budget(30.0, 40.0)
    assert found("budget_level", facts(session(), budgets=(replace(over, is_default=True),)))[0].grade == "note"
    assert not found("budget_level", facts(session(), budgets=(replace(over, spending=()),)))


def test_a_budget_that_will_not_last() -> None:
    look = facts(session(), budgets=(budget(12.0, 26.0, runs_out_at=NOW + timedelta(hours=3)),))
    one = found("budget_pace", look)[0]
    assert one.ratio == pytest.approx(1.3)
    assert one.evidence.startswith(
        "budget daily is heading for $26.00 to $52.00 of $20.00, and runs out in 3h00m at the faster pace"
    )
    for quiet in (
        budget(9.0, 26.0),
        budget(21.0, 26.0),
        budget(12.0, 26.0, elapsed_share=0.05),
        budget(12.0, 26.0, spending=()),
    ):
        assert not found("budget_pace", facts(session(), budgets=(quiet,)))


@pytest.mark.parametrize(("tokens", "usd", "responses", "raised"), [
    (39_000_000, 19.0, 590, False), (41_000_000, 0, 0, True), (0, 21.0, 0, True), (0, 0, 601, True),
])  # fmt: skip
def test_an_unusual_day(tokens: int, usd: float, responses: int, raised: bool) -> None:
    known = Usuals(day=AverageDay(5, 20_000_000, 10 * USD, 200))
    look = facts(session(), today=DayNow(NOW.replace(hour=0), tokens, round(usd * USD), responses))
    assert (ratio("unusual_day", look, known) >= 1) is raised
    assert not found("unusual_day", look, Usuals(day=AverageDay(2, 1, 1, 1)))
    assert not found("unusual_day", look)


# What holds for all.

MANY = st.integers(0, 10**12)
SPENDS = st.builds(Spend, st.integers(0, 500), MANY, st.integers(0, 10**16))
AGENTS = st.builds(
    AgentNow, st.text("ab0", max_size=3), st.just("x"), st.integers(0, 9), st.integers(0, NOW_MS), st.booleans(),
    SPENDS, MANY, MANY,
)  # fmt: skip
SESSIONS = st.builds(
    SessionNow, st.sampled_from(("s2", "s3", "s4")), st.text("ab *·", max_size=5), st.just("/w"),
    st.lists(AGENTS, max_size=3).map(tuple),
    SPENDS, st.booleans(), st.lists(st.text("ab", max_size=2), max_size=4).map(tuple),
    st.builds(CacheNow, st.integers(1, 10**9), MANY, MANY, MANY, MANY, MANY, MANY), st.integers(0, 99),
    st.just(("529 ×1",)), st.none() | st.integers(NOW_MS - 10**6, NOW_MS), st.integers(0, 10**9), SPENDS,
    st.none() | st.builds(LoopNow, st.just(""), st.just("Bash"), st.integers(1, 99), st.floats(0, 600)),
)  # fmt: skip
USUAL = st.none() | st.builds(Usual, st.floats(0, 1e6), st.floats(0, 1e6), st.just(99))
USUALS = st.builds(
    Usuals, *[USUAL] * 8, st.none() | st.builds(AverageDay, st.integers(1, 7), *[st.floats(0, 1e15)] * 3)
)  # fmt: skip
BUDGETS = st.builds(
    lambda spent, low, share: budget(spent, low, elapsed_share=share),
    st.floats(0, 1e6), st.floats(0, 1e6), st.floats(0, 1),
)  # fmt: skip
LOOKS = st.builds(
    lambda sessions, budgets, tokens: Facts(
        NOW_MS, DayNow(NOW.replace(hour=0), tokens, tokens, tokens), tuple(sessions), tuple(budgets)
    ),
    st.lists(SESSIONS, max_size=3, unique_by=lambda one: one.session_id), st.lists(BUDGETS, max_size=1), MANY,
)  # fmt: skip


@given(LOOKS, USUALS)
def test_any_facts_give_findings_that_can_be_kept_and_shown(look: Facts, known: Usuals) -> None:
    for one in find(look, known, {}):
        assert one.rule in RULES
        assert math.isfinite(one.value)
        assert one.limit > 0
        assert one.evidence
        assert one.evidence.isprintable()
        assert one.session_id in {"", "s1", *(session.session_id for session in look.sessions)}


@given(LOOKS)
def test_what_is_usual_only_ever_makes_rules_quieter(look: Facts) -> None:
    loud = {(one.rule, one.subject): one.ratio for one in find(look, Usuals(), {})}
    busy = usual(1e5, 1e5)
    known = Usuals(busy, busy, busy, busy, busy, busy, usual(0.3, 0.6), usual(0.3, 0.6))
    for one in find(look, known, {}):
        assert one.ratio <= loud[one.rule, one.subject]


def test_nothing_is_found_where_nothing_happens() -> None:
    assert not list(find(facts(), Usuals(), {}))


def test_every_rule_has_a_formula_with_its_figures_and_can_be_switched_off() -> None:
    assert RULES.keys() == RULE_DEFAULTS.keys()
    for name, rule in RULES.items():
        assert "{" not in rule.formula_with(settings_of(name, {}).values)
    off = {name: RuleChange(enabled=False) for name in RULES}
    assert not list(find(facts(session(agents=99)), Usuals(), off))


def test_a_threshold_can_be_changed() -> None:
    check: Callable[..., float] = ratio
    assert check("agents_at_once", facts(session(agents=5)), floor_agents=5) == 1.0
    assert settings_of("agents_at_once", {"agents_at_once": RuleChange(grade="note")}).grade == "note"
    assert Budget("a", 1, "usd", "day").grade_at == ("note", "note", "warn", "alarm")
