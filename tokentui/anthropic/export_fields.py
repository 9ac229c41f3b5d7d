"""One line of a console export: its fields by name, made into a row."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from functools import lru_cache
from typing import NamedTuple

from tokentui.billed import DAY_S, HOUR_S, MONTH_S, CostRow, Group, UsageRow, context_window, service_tier, token_type
from tokentui.records import Tokens
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

_DIGITS = re.compile(r"\d+|\d{1,3}(?:[,'_ \u00a0\u202f]\d{3})+", re.ASCII)
_AMOUNT = re.compile(r"-?\$?(?P<whole>\d+|\d{1,3}(?:[,'_ \u00a0\u202f]\d{3})+)?(?P<part>\.\d+)?", re.ASCII)
_MOST_TOKENS = 10**15
_MOST_USD = 10**6
_FORMS = ("%Y-%m-%d %H:%M", "%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S")
_YEARS = range(2020, 2100)
_PICO_PER_USD = 10**12


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
    plain = text.removesuffix("Z").removesuffix(" UTC").strip()
    for form in _FORMS:
        if parsed := _parsed(plain, form):
            return Moment(_ms(parsed), HOUR_S)
    if day := _parsed(plain, "%Y-%m-%d"):
        return Moment(_ms(day), DAY_S)
    if month := _parsed(plain, "%Y-%m"):
        return Moment(_ms(month), MONTH_S)
    raise LineError(f"usage_date_utc: {safe_text(text, 40)!r} is no moment such as 2026-11-22 or 2026-11-22 14:05")


def _parsed(text: str, form: str) -> datetime | None:
    try:
        moment = datetime.strptime(text, form).replace(tzinfo=UTC, second=0)
    except ValueError:
        return None
    return moment if moment.year in _YEARS else None


def _ms(moment: datetime) -> int:
    return int(moment.timestamp()) * 1000


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
    match = _AMOUNT.fullmatch(text)
    if match is None or not (match["whole"] or match["part"]):
        raise LineError(f"{name}: {safe_text(text, 40)!r} is no amount")
    whole = "".join(char for char in match["whole"] or "0" if char.isdigit())
    amount = Decimal(whole + (match["part"] or ""))
    if amount > _MOST_USD:
        raise LineError(f"{name}: {safe_text(text, 40)!r} is too much")
    return round(amount * _PICO_PER_USD) * (-1 if text.startswith("-") else 1)
