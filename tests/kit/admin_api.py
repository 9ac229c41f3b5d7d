"""What tests of Anthropic's side share: the made-up server in its own process, time that tests move, and truth."""

from __future__ import annotations

import json
import sqlite3
import ssl
import subprocess
import sys
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

import httpx

from tokentui.anthropic.asking import Asker, Pace
from tokentui.anthropic.client import Client
from tokentui.anthropic.key import AdminKey
from tokentui.ingest.sync import SyncPlan, SyncResult, sync
from tokentui.records import Tokens
from tokentui.store.billing import BillingStore
from tokentui.store.database import open_writer

KEY = "sk-ant-admin01-MADE-UP-0123456789abcdef-AA"
NOW = datetime(2026, 11, 22, 10, 0, 30, tzinfo=UTC)
SONNET, HAIKU, OPUS = "claude-sonnet-4-5-20250929", "claude-haiku-4-5-20251001", "claude-opus-4-5-20251101"
TLS = ssl.create_default_context()
"""Made once: that is what a client takes longest for."""
ROOT = Path(__file__).parents[2]
Row = dict[str, Any]


class Server:
    """The made-up server."""

    def __init__(self, port: int) -> None:
        self.url = f"http://127.0.0.1:{port}"
        self._http = httpx.Client(base_url=self.url, timeout=40)

    def tell(self, **told: Any) -> None:
        """Set what it holds and does."""
        self._http.post("/_control", json=told).raise_for_status()

    def reset(self, **told: Any) -> None:
        """Begin anew with this and nothing else."""
        fresh: Row = {"key": KEY, "now": NOW.isoformat(), "usage": [], "cost": [], "code": {}, "keys": [],
                      "workspaces": [], "faults": [], "expires_after": None, "page_limit": None, "every_minute": [],
                      "speed": "open", "accounts": "open", "list_limit": 1000,
                      "list_style": "id", "time_form": "Z", "page_form": "page_", "forget": True}  # fmt: skip
        self.tell(**{**fresh, **told})

    def seen(self, path: str = "") -> list[Row]:
        """Requests so far whose path holds this."""
        return [request for request in self._http.get("/_seen").json() if path in request["path"]]

    def wait_until_held(self) -> None:
        """Until it holds a request back."""
        self._http.get("/_held").raise_for_status()

    def release(self) -> None:
        """Let the request go."""
        self._http.post("/_release", content=b"{}").raise_for_status()

    def close(self) -> None:
        """Let go of the connection."""
        self._http.close()


@contextmanager
def running_server() -> Iterator[Server]:
    """The server in a process of its own."""
    command = [sys.executable, "-m", "tests.kit.anthropic_server"]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        server = Server(int(process.stdout.readline()))
        try:
            yield server
        finally:
            server.close()
            process.stdin.close()
            process.wait(10)


@dataclass
class Time:
    """A clock that only sleeping moves."""

    now: datetime = NOW
    slept: list[float] = field(default_factory=list)
    is_stopped_by_sleep: bool = False

    def read(self) -> datetime:
        """What it says."""
        return self.now

    def seconds(self) -> float:
        """The same, to count by."""
        return self.now.timestamp()

    def sleep(self, seconds: float) -> bool:
        """Pass the time."""
        self.slept.append(seconds)
        self.now += timedelta(seconds=seconds)
        return self.is_stopped_by_sleep

    def pace(self, run_seconds: float = 600.0) -> Pace:
        """Of one run."""
        return Pace(self.read, self.seconds, self.sleep, lambda: False, lambda: 0.5, run_seconds)


def run_sync(
    server: Server, database: Path, time: Time | None = None, plan: SyncPlan | None = None, key: str = KEY
) -> SyncResult:
    """One run against the server."""
    pace = (time or Time()).pace()
    client = closing(Client(AdminKey(key), server.url, httpx.HTTPTransport(verify=TLS), 5))
    with client as asks, closing(BillingStore(open_writer(database))) as store:
        return sync(store, Asker(asks, pace), pace, plan or SyncPlan(days=3))


def minute_of(moment: datetime) -> int:
    """Minutes since 1970."""
    return int(moment.timestamp()) // 60


def usage_row(minute: int, tokens: Tokens, model: str = SONNET, key: str | None = "apikey_1", **more: Any) -> Row:
    """What one key used of one model in one minute."""
    names = {"workspace_id": None, "service_tier": "standard", "context_window": "0-200k", "inference_geo": "global",
             "speed": "standard"}  # fmt: skip
    return {"minute": minute, "model": model, "api_key_id": key, **names, "counts": [*tokens, 0], **more}


def some_usage(first: datetime, minutes: int, seed: int = 1, share: float = 0.2) -> list[Row]:
    """Made-up usage in some of the minutes."""
    random = Random(seed)
    rows = []
    for minute in range(minute_of(first), minute_of(first) + minutes):
        for model in (SONNET, HAIKU, OPUS):
            if random.random() < share:
                tokens = Tokens(*(random.randrange(10**n) for n in (4, 4, 5, 3, 6)))
                key = random.choice(("apikey_1", "apikey_2", None))
                rows.append(usage_row(minute, tokens, model, key, workspace_id=random.choice((None, "wrkspc_1"))))
    return rows


def stored_usage(database: Path, grain_s: int = 60) -> dict[tuple[Any, ...], tuple[int, ...]]:
    """API usage as stored, by minute, model, key and workspace."""
    with closing(sqlite3.connect(database)) as connection:
        rows = connection.execute(
            """SELECT start_ms / 60000, model, api_key_id, workspace_id, input_tokens, output_tokens,
                      cache_write_5m_tokens, cache_write_1h_tokens, cache_read_tokens
               FROM billed_usage JOIN billed_group AS g ON g.id = group_id WHERE import_id = 0 AND grain_s = ?""",
            (grain_s,),
        ).fetchall()
    stored = {tuple(row[:4]): tuple(row[4:]) for row in rows}
    assert len(stored) == len(rows)
    return stored


def true_usage(rows: Iterable[Row]) -> dict[tuple[Any, ...], tuple[int, ...]]:
    """The same of what the server holds."""
    sums: dict[tuple[Any, ...], tuple[int, ...]] = {}
    for row in rows:
        key = (row["minute"], row["model"], row["api_key_id"] or "", row["workspace_id"] or "")
        before = sums.get(key, (0,) * 5)
        sums[key] = tuple(a + b for a, b in zip(before, row["counts"][:5], strict=True))
    return sums


def asked(database: Path, sql: str) -> list[tuple[Any, ...]]:
    """Rows of a question to a database."""
    with closing(sqlite3.connect(database)) as connection:
        return connection.execute(sql).fetchall()


def dump(database: Path) -> str:
    """Everything in a database, as text."""
    with closing(sqlite3.connect(database)) as connection:
        return "\n".join(connection.iterdump())


def pretty(value: object) -> str:
    """JSON to be searched."""
    return json.dumps(value, default=str)


DAY = datetime(2026, 11, 20, tzinfo=UTC)
BEFORE_NOW = [row for row in some_usage(DAY, 3 * 1440, share=0.05) if row["minute"] <= minute_of(NOW)]
"""Three days of usage, up to now."""
MESSAGES = "usage_report/messages"
COST = {"currency": "USD", "workspace_id": "wrkspc_1", "cost_type": "tokens", "context_window": "0-200k",
        "service_tier": "standard", "inference_geo": "global", "model": SONNET,
        "token_type": "uncached_input_tokens", "description": "Claude Sonnet 4.5 Usage - Input Tokens"}  # fmt: skip


def fault(kind: str, path: str = MESSAGES, **more: Any) -> Row:
    """What the next request to that path meets."""
    return {"kind": kind, "path": path, **more}
