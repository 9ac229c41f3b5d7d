"""Filters tried on a session: each field, each way to compare."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from tokentui.filters import parse_filter
from tokentui.queries.matching import Candidate, Figures, holds_of, model_matches

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
SESSION = Candidate(
    row_id=7,
    title="Prune the Trees",
    project="/work/Orchard",
    session_id="3f2a77aa-0000-4000-8000-000000000000",
    branch="feature/prune",
    last_at_ms=round((NOW - timedelta(minutes=30)).timestamp() * 1000),
)
FIGURES = Figures(
    cost_usd={7: 1.25},
    tokens={7: 1_500_000},
    agents={7: 3},
    models={7: frozenset({"claude-opus-5-5", "claude-haiku-5-5"})},
    agent_types={7: frozenset({"Explore", "general-purpose"})},
)


def matches(session: Candidate, text: str) -> bool:
    terms = parse_filter(text).terms
    return all(holds_of(term, FIGURES, round(NOW.timestamp() * 1000))(session) for term in terms)


@pytest.mark.parametrize(
    "text",
    ["", "prune", "ORCHARD", "feature", "3f2a", "haiku", '"the trees"', "project:orch", "project=orchard",
     "project=/work/orchard", "session:3f2a", "session:trees", "branch=feature/prune", "model:opus",
     "model=claude-opus-5-5", "agent:expl", "agent=explore", "cost>1", "cost<=1.25", "cost=$1.25", "tokens>=1.5m",
     "tokens<2b", "agents=3", "agents>2", "since:1h", "!cost>2", "!model:sonnet", "!model=opus", "prune cost>1"],
)  # fmt: skip
def test_it_matches(text: str) -> None:
    assert matches(SESSION, text)


@pytest.mark.parametrize(
    "text",
    ["explore", "quince", "project=orch", "project=work", "session=3f2a", "branch:main", "branch=prune",
     "model=opus-5-5", "agent=general", "cost>1.25", "cost<1", "tokens>1.5m", "agents<3", "since:29m", "!prune",
     "!since:1h", "!model=claude-opus-5-5", "prune cost>2"],
)  # fmt: skip
def test_it_does_not_match(text: str) -> None:
    assert not matches(SESSION, text)


@pytest.mark.parametrize(
    ("text", "lets_through"),
    [("model:opus", True), ("model=claude-opus-5-5", True), ("model=opus", False), ("!model:opus", False),
     ("cost>99", True)],
)  # fmt: skip
def test_words_about_models_choose_models(text: str, lets_through: bool) -> None:
    assert model_matches("claude-opus-5-5", parse_filter(text)) == lets_through


def test_a_session_without_usage_has_figures_of_nothing() -> None:
    idle = SESSION._replace(row_id=8)
    assert matches(idle, "cost<1 tokens=0 agents<1 !model:opus !agent:explore")
    assert not matches(idle, "cost>0")
