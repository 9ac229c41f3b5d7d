"""Responses that come into a large store while it is asked."""

from __future__ import annotations

import random
from pathlib import Path

from tokentui.counting import Owner, Response, Usage
from tokentui.pricing.price import Price
from tokentui.records import BilledUsage, Tokens
from tokentui.store.database import open_writer
from tokentui.store.names import Names
from tokentui.store.responses import add_responses


class Live:
    """Adds responses of now, by the store's own way."""

    def __init__(self, path: Path, now_ms: int) -> None:
        self._connection = open_writer(path)
        self._names = Names(self._connection)
        self._now_ms = now_ms
        self._dice = random.Random(11)
        self._agents = self._connection.execute(
            "SELECT session.session_id, agent.agent_id, log.path FROM agent JOIN session ON session.id ="
            " agent.session_id JOIN log ON log.id = agent.id WHERE agent.last_at_ms >= ? LIMIT 200",
            (now_ms - 60_000,),
        ).fetchall()

    def add(self, count: int) -> None:
        """So many, in one transaction."""
        self._connection.execute("BEGIN IMMEDIATE")
        add_responses(self._connection, self._names, _price, [self._response() for _ in range(count)])
        self._connection.execute("COMMIT")

    def close(self) -> None:
        """Let go of the database."""
        self._connection.close()

    def _response(self) -> Response:
        dice, at_ms = self._dice, self._now_ms - self._dice.randrange(2_000)
        session, agent, path = dice.choice(self._agents)
        tokens = Tokens(3, dice.randrange(900), 700, 0, 60_000)
        usage = Usage(tokens.output, at_ms, 0, tokens, "claude-opus-4-8", "standard", "", "", 0, ())
        name = f"{dice.getrandbits(96):024x}"
        return Response(f"msg_{name}", f"req_{name}", usage, Owner(0, session, agent, path), at_ms, at_ms, "", True)


def _price(usage: BilledUsage, at: object) -> Price:
    return Price(usage.tokens.total * 1_000_000, usage.tokens.total * 5_000_000, "bench")
