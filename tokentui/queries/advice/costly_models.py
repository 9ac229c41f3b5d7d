"""A costly model on a type of agent that a cheaper one serves elsewhere in the same project."""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from collections.abc import Iterator
from datetime import date
from typing import NamedTuple

from tokentui.instants import utc_day
from tokentui.pricing.book import RateBook
from tokentui.pricing.cost import sum_pico_usd
from tokentui.queries.advice.findings import Evidence, Finding, costliest, finding_key
from tokentui.records import BilledUsage, Tokens

LEAST_AGENTS = 3
"""Fewer agents of a type on the cheaper model do not show that it serves."""

_RECKONING = (
    "High: the same tokens at the cheaper model's list price. Low: the same, but with as many more tokens as the "
    "cheaper model's agents of this type used on average; nothing where that costs as much."
)
_USED = """
SELECT project, agent_type, model, session, agent, min(at_ms), sum(input_tokens), sum(output_tokens),
       sum(cache_write_5m_tokens), sum(cache_write_1h_tokens), sum(cache_read_tokens), sum(cost_pico_usd)
FROM quarter_usage
WHERE at_ms >= ? AND agent_kind = 'sub-agent' AND agent_type <> '' AND unpriced_responses = 0
GROUP BY agent_row, model
"""


class _Agent(NamedTuple):
    session_id: str
    agent_id: str
    day: date
    tokens: Tokens
    cost_pico_usd: int


class _Cheaper(NamedTuple):
    saved: int
    model: str
    agents: list[_Agent]


def model_choices(connection: sqlite3.Connection, book: RateBook, since_ms: int) -> Iterator[Finding]:
    """One finding for each project, type of agent and model that a cheaper one could take over from."""
    groups: dict[tuple[str, str], dict[str, list[_Agent]]] = defaultdict(lambda: defaultdict(list))
    for row in connection.execute(_USED, (since_ms,)):
        day = utc_day(row[5])
        groups[row[0], row[1]][row[2]].append(_Agent(row[3], row[4], day, Tokens(*row[6:11]), row[11]))
    for (project, agent_type), models in groups.items():
        for model, agents in models.items():
            found = _best(book, model, agents, models)
            if found is not None:
                yield _finding((project, agent_type, model), agents, found)


def _best(book: RateBook, model: str, agents: list[_Agent], models: dict[str, list[_Agent]]) -> _Cheaper | None:
    """The model that would have been cheapest, of those that serve this type of agent here."""
    cost = sum(agent.cost_pico_usd for agent in agents)
    options = [
        _Cheaper(cost - price, other, served)
        for other, served in models.items()
        if other != model and len(served) >= LEAST_AGENTS and (price := _price(book, other, agents)) is not None
    ]
    best = max(options, default=None)
    return best if best is not None and best.saved > 0 else None


def _price(book: RateBook, model: str, agents: list[_Agent]) -> int | None:
    """What the agents' tokens cost with another model; sums of requests, so that no long-prompt price applies."""
    whole = 0
    for agent in agents:
        card = book.card(model, agent.day)
        if card is None:
            return None
        whole += sum_pico_usd(BilledUsage(model, agent.tokens), card, long=False)
    return whole


def _finding(about: tuple[str, str, str], agents: list[_Agent], cheaper: _Cheaper) -> Finding:
    project, agent_type, model = about
    cost = sum(agent.cost_pico_usd for agent in agents)
    price = cost - cheaper.saved
    mine, theirs = sum(agent.tokens.total for agent in agents), sum(agent.tokens.total for agent in cheaper.agents)
    # price × (their tokens per agent ÷ mine), but never less than the price itself
    dearer = max(price, price * theirs * len(agents) // max(mine * len(cheaper.agents), 1))
    evidence = [Evidence(agent.session_id, agent.agent_id, None, "", agent.cost_pico_usd) for agent in agents]
    return Finding(
        key=finding_key("model choice", *about),
        kind="model choice",
        project=project,
        subject=agent_type,
        text=f"{len(agents)} {agent_type} agents ran on {model}; {cheaper.model} served {len(cheaper.agents)} here",
        reckoning=_RECKONING,
        low_pico_usd=max(cost - dearer, 0),
        high_pico_usd=cheaper.saved,
        count=len(agents),
        evidence=costliest(evidence),
    )
