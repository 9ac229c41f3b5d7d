"""Finds types of agents that run on a costly model here, and on a cheaper one elsewhere in the same project."""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from collections.abc import Iterator
from datetime import date
from operator import sub
from typing import NamedTuple

from tokentui.figures import plural
from tokentui.instants import QUARTER_MS, utc_day
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
SELECT project, agent_type, model.name, agent_row, session, agent, min(quarter_ms), sum(input_tokens),
       sum(output_tokens), sum(cache_write_5m_tokens), sum(cache_write_1h_tokens), sum(cache_read_tokens),
       sum(cost_pico_usd)
FROM agent_names AS names CROSS JOIN usage_quarter AS used ON used.agent_id = names.agent_row
CROSS JOIN model ON model.id = used.model_id
WHERE names.last_at_ms >= :since_ms AND quarter_ms >= :since_ms AND agent_kind = 'sub-agent' AND agent_type <> ''
    AND unpriced_responses = 0
GROUP BY agent_row, model_id
"""  # an agent's responses all lie between its first and last line


_LONG = """
SELECT agent_id, model.name, sum(input_tokens), sum(output_tokens), sum(cache_write_5m_tokens),
       sum(cache_write_1h_tokens), sum(cache_read_tokens)
FROM response JOIN model ON model.id = model_id
WHERE at_ms >= ? AND input_tokens + cache_write_5m_tokens + cache_write_1h_tokens + cache_read_tokens > ?
GROUP BY +agent_id, model_id
"""  # with a bare column SQLite would walk the whole history in the order of that index


class _Agent(NamedTuple):
    row: int
    model: str
    session_id: str
    agent_id: str
    day: date
    tokens: Tokens
    cost_pico_usd: int


class _LongPrompts:
    """What agents used in prompts above a length, for which some models charge more; read once for each length."""

    def __init__(self, connection: sqlite3.Connection, since_ms: int) -> None:
        self._connection, self._since_ms = connection, since_ms
        self._found: dict[int, dict[tuple[int, str], Tokens]] = {}

    def of(self, agent: _Agent, threshold: int) -> Tokens | None:
        """The agent's tokens in prompts longer than this many; None where there were none."""
        if threshold not in self._found:
            rows = self._connection.execute(_LONG, (self._since_ms, threshold))
            self._found[threshold] = {(row[0], row[1]): Tokens(*row[2:]) for row in rows}
        return self._found[threshold].get((agent.row, agent.model))


class _Cheaper(NamedTuple):
    saved: int
    model: str
    agents: list[_Agent]


def model_choices(connection: sqlite3.Connection, book: RateBook, since_ms: int) -> Iterator[Finding]:
    """One finding for each project, type of agent and model that a cheaper one could take over from."""
    groups: dict[tuple[str, str], dict[str, list[_Agent]]] = defaultdict(lambda: defaultdict(list))
    for row in connection.execute(_USED, {"since_ms": since_ms}):
        project, agent_type, model, agent_row, session, agent, at_ms, *tokens, cost = row
        used = _Agent(agent_row, model, session, agent, utc_day(at_ms), Tokens(*tokens), cost)
        groups[project, agent_type][model].append(used)
    long = _LongPrompts(connection, -(-since_ms // QUARTER_MS) * QUARTER_MS)
    for (project, agent_type), models in groups.items():
        for model, agents in models.items():
            found = _best(book, long, model, agents, models)
            if found is not None:
                yield _finding((project, agent_type, model), agents, found)


def _best(
    book: RateBook, long: _LongPrompts, model: str, agents: list[_Agent], models: dict[str, list[_Agent]]
) -> _Cheaper | None:
    """The cheapest of the models that this type of agent already runs on in the project."""
    cost = sum(agent.cost_pico_usd for agent in agents)
    options = [
        _Cheaper(cost - price, other, served)
        for other, served in models.items()
        if other != model and len(served) >= LEAST_AGENTS and (price := _price(book, long, other, agents)) is not None
    ]
    best = max(options, default=None)
    return best if best is not None and best.saved > 0 else None


def _price(book: RateBook, long: _LongPrompts, model: str, agents: list[_Agent]) -> int | None:
    """What the agents' tokens cost with another model, each prompt at the price for its length."""
    whole = 0
    for agent in agents:
        card = book.card(model, agent.day)
        if card is None:
            return None
        short = agent.tokens
        if card.long_threshold and (part := long.of(agent, card.long_threshold)):
            short = Tokens(*map(sub, short, part))
            whole += sum_pico_usd(BilledUsage(model, part), card, long=True)
        whole += sum_pico_usd(BilledUsage(model, short), card, long=False)
    return whole


def _finding(about: tuple[str, str, str], agents: list[_Agent], cheaper: _Cheaper) -> Finding:
    project, agent_type, model = about
    cost = sum(agent.cost_pico_usd for agent in agents)
    price = cost - cheaper.saved
    mine, theirs = sum(agent.tokens.total for agent in agents), sum(agent.tokens.total for agent in cheaper.agents)
    # price × (their tokens per agent ÷ mine), but never less than the price itself
    dearer = max(price, price * theirs * len(agents) // max(mine * len(cheaper.agents), 1))
    evidence = [Evidence(agent.session_id, agent.agent_id, None, "", agent.cost_pico_usd) for agent in agents]
    ran = plural(len(agents), f"{agent_type} agent")
    return Finding(
        key=finding_key("model choice", *about),
        kind="model choice",
        project=project,
        subject=agent_type,
        text=f"{ran} ran on {model}; {cheaper.model} served {len(cheaper.agents)} here",
        reckoning=_RECKONING,
        low_pico_usd=max(cost - dearer, 0),
        high_pico_usd=cheaper.saved,
        count=len(agents),
        evidence=costliest(evidence),
    )
