"""The demo's month as its organization might be billed for it: exports of the console's Usage and Cost pages."""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Iterable, Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

from tests.kit.console_files import COSTS, TOKENS_14
from tokentui.anthropic_side import import_file, rate_book
from tokentui.instants import midnight
from tokentui.pricing.cost import rates_of
from tokentui.queries.reckoning.local_minutes import ConsoleMinute, console_minutes
from tokentui.records import PICO_PER_USD, BilledUsage, Tokens
from tokentui.store.database import open_reader
from tokentui.workspace import Workspace

DAYS = 7
LATE = timedelta(minutes=10)
"""What was used since is in no report yet."""
DISCOUNT = Decimal("0.92")
TITLE = Tokens(410, 24, 0, 0, 0)
"""A request that Claude Code makes and does not log."""
NIGHTLY = Tokens(900, 1_200, 0, 6_000, 52_000)
"""Another program, on a key of its own, each minute of half an hour every night."""
_KINDS = ("input_no_cache", "output", "input_cache_write_5m", "input_cache_write_1h", "input_cache_read")

Used = tuple[datetime, str, str, Tokens]
"""The minute, the model, the key, and the tokens."""


def bill(workspace: Workspace, folder: Path) -> None:
    """Make both exports from what the logs say, and import them."""
    now = workspace.clock()
    with closing(open_reader(workspace.home.database)) as reader:
        minutes = list(console_minutes(reader, midnight(now.date(), UTC) - timedelta(days=DAYS), now - LATE))
    used = [*_logged(minutes), *_nightly(now)]
    files = folder / "claude_api_tokens.csv", folder / "claude_api_cost.csv"
    _write(files[0], TOKENS_14, map(_token_line, used))
    _write(files[1], COSTS["2026-03"], _cost_lines(workspace, used))
    for file in files:
        import_file(workspace, file)


def _logged(minutes: Iterable[ConsoleMinute]) -> Iterator[Used]:
    """What the logs say of Claude's models; every ninth minute has a request more."""
    for number, minute in enumerate(minute for minute in minutes if minute.model_version.startswith("claude")):
        at = datetime.fromisoformat(minute.usage_date_utc).replace(tzinfo=UTC)
        tokens = Tokens(
            minute.usage_input_tokens_no_cache,
            minute.usage_output_tokens,
            minute.usage_input_tokens_cache_write_5m,
            minute.usage_input_tokens_cache_write_1h,
            minute.usage_input_tokens_cache_read,
        )
        yield at, minute.model_version, "agents", tokens
        if number % 9 == 0:
            yield at, "claude-haiku-5-5", "agents", TITLE


def _nightly(now: datetime) -> Iterator[Used]:
    for night in range(DAYS + 1):
        begun = midnight(now.date(), UTC) - timedelta(days=night) + timedelta(hours=2)
        for minute in range(30):
            yield begun + timedelta(minutes=minute), "claude-sonnet-5-5", "nightly", NIGHTLY


def _token_line(used: Used) -> list[object]:
    at, model, key, tokens = used
    fresh, output, write_5m, write_1h, read = tokens
    return [
        f"{at:%Y-%m-%d %H:%M}", model, key, "Default", "standard", "≤ 200k", fresh, write_5m, write_1h, read, output, 0,
        "global", "standard",
    ]  # fmt: skip


def _cost_lines(workspace: Workspace, used: Iterable[Used]) -> Iterator[list[object]]:
    """By day, model, key and kind of token, after the discount, for days that are over."""
    today = workspace.clock().date()
    sums: dict[tuple[datetime, str, str], list[int]] = defaultdict(lambda: [0] * 5)
    for at, model, key, tokens in used:
        if at.date() < today:
            place = midnight(at.date(), UTC), model, key
            sums[place] = [one + other for one, other in zip(sums[place], tokens, strict=True)]
    with closing(open_reader(workspace.home.database)) as reader:
        book = rate_book(reader, workspace)
    for (day, model, key), tokens_of_day in sorted(sums.items()):
        card = book.card(model, day.date())
        if card is None:
            raise RuntimeError(f"the demo's {model} has no price on {day:%Y-%m-%d}")
        for kind, count, rate in zip(_KINDS, tokens_of_day, rates_of(BilledUsage(model, Tokens()), card), strict=True):
            listed = Decimal(count * rate) / PICO_PER_USD
            yield [
                f"{day:%Y-%m-%d}", model, "Default", key, "standard", "≤ 200k", kind, f"{listed * DISCOUNT:.2f}",
                f"{listed:.2f}", "token", "global", "standard",
            ]  # fmt: skip


def _write(path: Path, header: str, lines: Iterable[list[object]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(header.split(","))
        writer.writerows(lines)
