"""Made-up exports of the console, in every generation of their headers."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

TOKENS_11 = (
    "usage_date_utc,model_version,api_key,workspace,usage_type,usage_input_tokens_no_cache,"
    "usage_input_tokens_cache_write_5m,usage_input_tokens_cache_write_1h,usage_input_tokens_cache_read,"
    "usage_output_tokens,web_search_count"
)
TOKENS_12 = TOKENS_11.replace("usage_type,", "usage_type,context_window,")
TOKENS_14 = TOKENS_12 + ",inference_geo,speed"
COSTS = {
    "2024-03": "usage_date_utc,model,api_key,usage_type,token_type,cost_usd",
    "2024-07": "usage_date_utc,model,usage_type,token_type,cost_usd",
    "2024-08": "usage_date_utc,model,workspace,api_key,usage_type,token_type,cost_usd",
    "2025-12": "usage_date_utc,model,workspace,api_key,usage_type,context_window,token_type,cost_usd,cost_type",
    "2026-02": "usage_date_utc,model,workspace,api_key,usage_type,context_window,token_type,cost_usd,cost_type,"
    "inference_geo,speed",
    "2026-03": "usage_date_utc,model,workspace,api_key,usage_type,context_window,token_type,cost_usd,list_price_usd,"
    "cost_type,inference_geo,speed",
    "2026-08": "usage_date_utc,model,workspace,api_key,usage_type,context_window,token_type,cost_usd,list_price_usd,"
    "cost_type,inference_geo,speed,api_key_id,api_key_status",
}
VALUES = {
    "usage_date_utc": "2026-04-02", "model_version": "claude-sonnet-4-5-20250929", "model": "Claude Sonnet 4.5",
    "api_key": "build", "workspace": "Default", "usage_type": "standard", "context_window": "≤ 200k",
    "usage_input_tokens_no_cache": "11", "usage_input_tokens_cache_write_5m": "22",
    "usage_input_tokens_cache_write_1h": "33", "usage_input_tokens_cache_read": "44", "usage_output_tokens": "55",
    "web_search_count": "6", "inference_geo": "global", "speed": "standard", "token_type": "input_no_cache",
    "cost_usd": "1.23", "list_price_usd": "1.50", "cost_type": "token", "api_key_id": "apikey_1",
    "api_key_status": "active",
}  # fmt: skip


def line(header: str, **values: str) -> str:
    cells = ({**VALUES, **values}.get(name, "") for name in header.split(","))
    return ",".join(f'"{cell}"' if "," in cell else cell for cell in cells)


def export(folder: Path, name: str, header: str, rows: Iterable[dict[str, str]] = ({},)) -> Path:
    path = folder / name
    path.write_text("\n".join([header, *(line(header, **row) for row in rows)]) + "\n", encoding="utf-8")
    return path
