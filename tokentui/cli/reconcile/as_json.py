"""A reconciliation as JSON."""

from __future__ import annotations

from typing import Any

from tokentui.cli.printing.answers import head, utc_text
from tokentui.cli.printing.dollars import exact_usd
from tokentui.cli.reconcile.claude_code import code_fields, code_tokens_fields, voice_fields
from tokentui.queries.reckoning.differences import TOLERATED_SHARE, TOLERATED_TOKENS
from tokentui.queries.reckoning.estimates import Estimate
from tokentui.queries.reckoning.results import (
    REASONS,
    TOLERATED_MONEY_SHARE,
    TOLERATED_PICO_USD,
    KeyRow,
    Reckoning,
    ReckoningRow,
    WorkspaceRow,
)
from tokentui.records import Tokens


def reckoning_fields(found: Reckoning) -> dict[str, Any]:
    """The answer as JSON."""
    return {
        **head(found.as_of),
        "since": found.since.isoformat(),
        "until": found.until.isoformat(),
        "days": "UTC; `until` is not itself in it",
        "is_off": found.is_off,
        "tolerances": {
            "tokens": TOLERATED_TOKENS,
            "tokens_share": TOLERATED_SHARE,
            "usd": exact_usd(TOLERATED_PICO_USD),
            "usd_share": TOLERATED_MONEY_SHARE,
            "usd_each_export_line": "0.005",
        },
        "findings": [{"kind": f.kind, "text": f.text, "is_off": f.is_off} for f in found.findings],
        "differences": [
            {"class": reason, "meaning": REASONS[reason], **tokens_fields(tokens)}
            for reason, tokens in found.by_reason().items()
        ],
        "rows": [_row_fields(row) for row in found.rows],
        "keys": [_key_fields(row) for row in found.keys],
        "workspaces": [_workspace_fields(row) for row in found.workspaces],
        "largest_differences": [
            {
                "start_at": utc_text(row.start_at),
                "seconds": row.seconds,
                "model": row.model,
                "class": row.reason,
                **tokens_fields(row.tokens),
            }
            for row in found.differences
        ],
        "claude_code": code_fields(found),
        "other_charges_usd": exact_usd(found.other_charges_pico_usd),
    }


def tokens_fields(tokens: Tokens) -> dict[str, int]:
    """The five kinds of tokens and their sum."""
    return {
        "input_tokens": tokens.input,
        "output_tokens": tokens.output,
        "cache_write_5m_tokens": tokens.cache_write_5m,
        "cache_write_1h_tokens": tokens.cache_write_1h,
        "cache_read_tokens": tokens.cache_read,
        "total_tokens": tokens.total,
    }


def estimate_fields(estimate: Estimate | None) -> dict[str, Any] | None:
    """A sum at list price as JSON; its amount is None if nothing could be priced."""
    if estimate is None:
        return None
    return {
        "usd": None if estimate.is_unknown else exact_usd(estimate.pico_usd),
        "tokens_that_may_cost_more": estimate.open_tokens,
        "unpriced_tokens": estimate.unpriced_tokens,
        "lower_bound_responses": estimate.inexact_responses,
    }


def _optional(tokens: Tokens | None) -> dict[str, int] | None:
    return None if tokens is None else tokens_fields(tokens)


def _row_fields(row: ReckoningRow) -> dict[str, Any]:
    return {
        "day": row.day.isoformat(),
        "model": row.model,
        "responses": row.responses,
        "lower_bound_responses": row.lower_bound_responses,
        "logged": _optional(row.logged),
        "api": _optional(row.api),
        "csv": _optional(row.csv),
        "compared_with": row.against or None,
        "compared_by_seconds": row.grain_s or None,
        "differences": [{"class": reason, **tokens_fields(tokens)} for reason, tokens in row.parts],
        "logged_estimate": estimate_fields(row.logged_estimate),
        "reported_estimate": estimate_fields(row.billed_estimate if row.against else None),
        "api_billed_usd": exact_usd(row.api_billed_pico_usd),
        "csv_billed_usd": exact_usd(row.csv_billed_pico_usd),
        "claude_code": voice_fields(row.code),
    }


def _key_fields(row: KeyRow) -> dict[str, Any]:
    return {
        "key": row.api_key,
        "workspace": row.workspace,
        "api": tokens_fields(row.api),
        "csv": tokens_fields(row.csv),
        "estimate": estimate_fields(row.estimate),
        "csv_billed_usd": exact_usd(row.csv_billed_pico_usd),
        "share_used_while_logs_show_use": row.seen_here,
        "is_foreign": row.is_foreign,
        "claude_code": code_tokens_fields(row.code),
    }


def _workspace_fields(row: WorkspaceRow) -> dict[str, Any]:
    return {
        "workspace": row.workspace,
        "api": tokens_fields(row.api),
        "csv": tokens_fields(row.csv),
        "estimate": estimate_fields(row.estimate),
        "api_billed_usd": exact_usd(row.api_billed_pico_usd),
        "csv_billed_usd": exact_usd(row.csv_billed_pico_usd),
    }
