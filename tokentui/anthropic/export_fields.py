"""One line of a console export: its fields by name, made into a row."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from typing import NamedTuple

from tokentui.billed import DAY_S, HOUR_S, MONTH_S, CostRow, Group, UsageRow, context_window, service_tier, token_type
from tokentui.records import PICO_PER_USD, Tokens
from tokentui.text import safe_text

Fields = Mapping[str, str]
TOKEN_COLUMNS = frozenset(
    {
        "usage_date_utc", "model_version", "api_key", "workspace", "usage_type", "context_window",
        "usage_input_tokens_no_cache", "usage_input_tokens_cache_write_5m", "usage_input_tokens_cache_write_1h",
        "usage_input_tokens_cache_read", "usage_output_tokens", "web_search_count", "inference_geo", "speed",
        "api_key_id", "api_key_status",
    }
)  # fmt: skip
COST_COLUMNS = frozenset(
    {
        "usage_date_utc", "model", "workspace", "api_key", "usage_type", "context_window", "token_type", "cost_usd",
        "list_price_usd", "cost_type", "inference_geo", "speed", "api_key_id", "api_key_status",
    }
)  # fmt: skip

_DIGITS = re.compile(r"\d+|\d{1,3}(?:[.,'_ \u00a0\u202f]\d{3})+", re.ASCII)
_AMOUNT = re.compile(r"-?\$?(?P<whole>\d+|\d{1,3}(?:[,'_ \u00a0\u202f]\d{3})+)?(?P<part>\.\d+)?", re.ASCII)
_WITH_COMMA = re.compile(r"(?P<whole>-?\$?(?:\d+|\d{1,3}(?:[.'_ \u00a0\u202f]\d{3})+)),(?P<cents>\d{1,2})", re.ASCII)
"""As spreadsheets write amounts where the comma is the sign for decimals: 1.234,50."""
_MOST_TOKENS = 10**15
_MOST_USD = 10**6
_TIME = re.compile(
    r"(?P<year>\d{4})-(?P<month>\d{1,2})(?:-(?P<day>\d{1,2})(?:[ T](?P<hour>\d{1,2}):(?P<minute>\d\d)"
    r"(?::(?P<second>\d\d)(?:[.,]\d+)?)?)?)? ?(?:Z|UTC|(?P<offset>[+-]\d\d:?\d\d))?",
    re.ASCII,
)
_YEARS = range(2020, 2100)


class LineError(ValueError):
    """A line that cannot be used; the message says why."""


class Moment(NamedTuple):
    """When, as a line says it."""

    ms: int
    grain_s: int
    """As far as the line alone tells."""

    @property
    def has_time(self) -> bool:
        """Whether it names more than a day."""
        return self.grain_s < DAY_S


def usage_row(fields: Fields) -> tuple[Moment, UsageRow]:
    """A line of a token export. Raises LineError."""
    moment = _moment(fields["usage_date_utc"])
    tokens = Tokens(
        _count(fields, "usage_input_tokens_no_cache"),
        _count(fields, "usage_output_tokens"),
        _count(fields, "usage_input_tokens_cache_write_5m"),
        _count(fields, "usage_input_tokens_cache_write_1h"),
        _count(fields, "usage_input_tokens_cache_read"),
    )
    group = _group(fields, "model_version")
    return moment, UsageRow(moment.ms, moment.grain_s, group, tokens, _count(fields, "web_search_count"))


def cost_row(fields: Fields) -> tuple[Moment, CostRow]:
    """A line of a cost export. Raises LineError."""
    moment = _moment(fields["usage_date_utc"])
    kind = fields.get("cost_type", "")
    listed = fields.get("list_price_usd", "")
    return moment, CostRow(
        moment.ms,
        moment.grain_s,
        _group(fields, "model"),
        safe_text("tokens" if kind in ("", "token") else kind),
        safe_text(token_type(fields.get("token_type", ""))),
        "",
        _pico_usd("cost_usd", fields["cost_usd"]),
        _pico_usd("list_price_usd", listed) if listed else None,
        1,
    )


def _group(fields: Fields, model_column: str) -> Group:
    workspace = safe_text(fields.get("workspace", ""))
    return Group(
        model=safe_text(fields[model_column]),
        api_key_id=safe_text(fields.get("api_key_id", "")),
        api_key=safe_text(fields.get("api_key", "")),
        workspace="" if workspace.lower() == "default" else workspace,
        service_tier=safe_text(service_tier(fields.get("usage_type", ""))),
        context_window=safe_text(context_window(fields.get("context_window", ""))),
        inference_geo=safe_text(fields.get("inference_geo", "")),
        speed=safe_text(fields.get("speed", "")),
    )


@lru_cache(4096)
def _moment(text: str) -> Moment:
    """A day, a month, or a time of day to the minute or finer; UTC unless an offset says otherwise."""
    match = _TIME.fullmatch(text)
    try:
        if match is None:
            raise ValueError
        year, month, day, hour, minute, second = (int(part or 0) for part in match.groups()[:6])
        moment = datetime(year, month, day or 1, hour, minute, second, tzinfo=UTC) - _offset(match["offset"])
    except (ValueError, OverflowError):
        moment = None
    if match is None or moment is None or moment.year not in _YEARS:
        raise LineError(f"usage_date_utc: {safe_text(text, 40)!r} is no moment such as 2026-11-22 or 2026-11-22 14:05")
    grain_s = HOUR_S if match["hour"] else DAY_S if match["day"] else MONTH_S
    return Moment(int(moment.replace(second=0).timestamp()) * 1000, grain_s)


def _offset(text: str | None) -> timedelta:
    """Of a time zone, as `+02:00` or `-0330`."""
    if not text:
        return timedelta()
    minutes = 60 * int(text[1:3]) + int(text[-2:])
    return timedelta(minutes=-minutes if text[0] == "-" else minutes)


def _count(fields: Fields, name: str) -> int:
    text = fields.get(name, "").removesuffix(".0")
    if not text:
        return 0
    if not _DIGITS.fullmatch(text):
        raise LineError(f"{name}: {safe_text(text, 40)!r} is no count")
    count = int("".join(char for char in text if char.isdigit()))
    if count > _MOST_TOKENS:
        raise LineError(f"{name}: {safe_text(text, 40)!r} is too many")
    return count


def _pico_usd(name: str, text: str) -> int:
    """Dollars, thousands separators allowed, in whole pico-USD."""
    other = _WITH_COMMA.fullmatch(text)
    match = _AMOUNT.fullmatch(f"{other['whole'].replace('.', '')}.{other['cents']}" if other else text)
    if match is None or not (match["whole"] or match["part"]):
        raise LineError(f"{name}: {safe_text(text, 40)!r} is no amount")
    whole = "".join(char for char in match["whole"] or "0" if char.isdigit())
    amount = Decimal(whole + (match["part"] or ""))
    if amount > _MOST_USD:
        raise LineError(f"{name}: {safe_text(text, 40)!r} is too much")
    return round(amount * PICO_PER_USD) * (-1 if text.startswith("-") else 1)
