"""A home with logs, and what Anthropic tells of the same time."""

from __future__ import annotations

import threading
from collections.abc import Iterable
from contextlib import closing
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from tests.kit.admin_api import COST, NOW, Row, Server, Time, minute_of, run_sync, usage_row
from tests.kit.answer_logs import HAIKU, SONNET, Answer, session_id, write_logs
from tokentui.anthropic_side import rate_book, reckon
from tokentui.fresh import bring_up_to_date
from tokentui.instants import ms_of
from tokentui.pricing.price import pricer
from tokentui.queries.reckoning.results import Reckoning
from tokentui.records import BilledUsage, Tokens
from tokentui.store.database import open_reader
from tokentui.workspace import Workspace, open_workspace

FIRST = datetime(2026, 11, 20, 9, 0, 20, tzinfo=UTC)
USE = Tokens(100, 2_000, 3_000, 400, 50_000)
LOGGED = [
    Answer(n, FIRST + timedelta(minutes=3 * n), SONNET, USE, session_id(1), "/work/project") for n in range(40)
] + [Answer(n, FIRST + timedelta(minutes=5 * n), HAIKU, USE, session_id(1), "/work/project") for n in range(40, 60)]
MORE = Tokens(10, 20, 30, 40, 500)
DAY_ONE, DAYS = date(2026, 11, 20), (date(2026, 11, 20), date(2026, 11, 23))


class World:
    """A home with logs, and what the server and files tell of the same time."""

    def __init__(self, home: Path, server: Server) -> None:
        self.home, self.server = home, server
        environment = {"TOKENTUI_HOME": str(home / "state"), "CLAUDE_CONFIG_DIR": str(home / "claude"),
                       "HOME": str(home), "TZ": "UTC"}  # fmt: skip
        self.workspace: Workspace = open_workspace(environment, time_zone="UTC", clock=lambda: NOW)

    @property
    def database(self) -> Path:
        return self.workspace.home.database

    def log(self, answers: Iterable[Answer]) -> None:
        write_logs(self.home / "claude", answers)
        bring_up_to_date(self.workspace, threading.Event())

    def sync(self, usage: list[Row], cost: Iterable[Row] = (), **more: Any) -> None:
        self.server.reset(usage=usage, cost=list(cost), **more)
        assert run_sync(self.server, self.database, Time()).outcome == "done"

    def reckon(self) -> Reckoning:
        with closing(open_reader(self.database)) as reader:
            return reckon(reader, self.workspace, *DAYS)


def as_billed(answers: Iterable[Answer]) -> list[Row]:
    return [usage_row(minute_of(answer.at), answer.tokens, answer.model) for answer in answers]


def reasons(found: Reckoning) -> dict[str, int]:
    return {reason: tokens.total for reason, tokens in found.by_reason().items()}


def list_price(world: World, answers: Iterable[Answer]) -> int:
    with closing(open_reader(world.database)) as reader:
        price = pricer(rate_book(reader, world.workspace))
    return sum(
        price(BilledUsage(answer.model, answer.tokens), ms_of(answer.at)).cost_pico_usd or 0 for answer in answers
    )


def costs(pico: dict[str, int]) -> list[Row]:
    """The cost report's rows of the first day, in cents."""
    return [{**COST, "day": "2026-11-20", "model": model, "amount": str(n / 1e10)} for model, n in pico.items()]
