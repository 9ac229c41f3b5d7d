"""The tables and sentences of a reconciliation for people, whichever way they are written."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from tokentui.cli.printing.dollars import cents_text
from tokentui.cli.reconcile.claude_code import code_tables
from tokentui.figures import format_share
from tokentui.queries.reckoning.differences import TOLERATED_SHARE, TOLERATED_TOKENS
from tokentui.queries.reckoning.estimates import Estimate
from tokentui.queries.reckoning.results import REASONS, Finding, Reckoning, ReckoningRow
from tokentui.records import Tokens
from tokentui.text import safe_text
from tokentui.widths import shorten_end

WORKBENCH, DEFAULT = "(Workbench)", "Default"
_MOST_NOTES = 30
_WORDS = ("day", "model", "class", "key", "workspace", "who", "paid by", "terminal")
"""Heads of columns that hold no figures."""
Table = tuple[Sequence[str], Sequence[Sequence[str]]]
"""Heads and rows."""
ABOUT = (
    f"Tolerances: logged above billed by {TOLERATED_TOKENS} tokens or {TOLERATED_SHARE:.1%} per day and model; money "
    "by a cent, 0.1%, and half a cent for each line of an export. Days are UTC. Differences are billed minus logged."
)


def verdict(found: Reckoning) -> str:
    """Whether logs and bill come out, in a sentence."""
    if found.is_empty:
        return "There is nothing to compare the logs with."
    if found.is_off:
        return "The reckoning does not come out."
    return "The reckoning comes out."


def finding_lines(found: Reckoning, grave: str, plain: str, end: str = "") -> list[str]:
    """A line for each finding, with what stands before and after a grave one, and before any other."""
    shown = found.findings[:_MOST_NOTES]
    lines = [f"{grave}{_finding(f)}{end}" if f.is_off else f"{plain}{_finding(f)}" for f in shown]
    more = len(found.findings) - len(shown)
    return [*lines, f"{plain}and {more:,} more; `--json` lists all"] if more else lines


def _finding(finding: Finding) -> str:
    """The sentence of a finding, with a loud beginning if it is about double counting."""
    loud = "DOUBLE COUNTING: " if finding.kind == "double counting" else ""
    return loud + safe_text(finding.text, 400)


def tables(found: Reckoning) -> list[tuple[str, Table]]:
    """The tables with their titles; those without rows too."""
    return [
        ("Days and models", _days(found.rows)),
        ("Why they differ", _reasons(found)),
        ("Keys", _keys(found)),
        ("Workspaces", _workspaces(found)),
        *code_tables(found),
    ]


def _days(rows: Iterable[ReckoningRow]) -> Table:
    rows = list(rows)
    has_code = any(row.code is not None for row in rows)
    code = ("Claude Code",) * has_code
    heads = ("day", "model", "logged", "API", "export", *code, "difference", "logged $", "list $", "billed $")
    lines: list[Sequence[str]] = []
    for row in rows:
        billed = row.billed
        difference = f"{billed.total - (row.logged or Tokens()).total:+,}" if billed is not None else "–"
        money = row.api_billed_pico_usd if row.api_billed_pico_usd is not None else row.csv_billed_pico_usd
        at_least = "≥" if row.lower_bound_responses else ""
        lines.append(
            (
                row.day.isoformat(), name_text(row.model, "–"), at_least + _count(row.logged), _count(row.api),
                _count(row.csv), *(_code(row),) * has_code, difference, estimate_text(row.logged_estimate),
                estimate_text(row.billed_estimate if row.against else None), cents_text(money),
            )
        )  # fmt: skip
    return heads, lines


def _reasons(found: Reckoning) -> Table:
    lines: list[Sequence[str]] = [
        (f"{reason}: {REASONS[reason]}", f"{tokens.total:+,}") for reason, tokens in found.by_reason().items()
    ]
    return ("class", "tokens"), lines


def _keys(found: Reckoning) -> Table:
    has_code = any(row.code is not None for row in found.keys)
    code = ("Claude Code",) * has_code
    heads = ("key", "workspace", "API", "export", *code, "list $", "billed $", "while logs show use")
    lines: list[Sequence[str]] = [
        (
            name_text(row.api_key, WORKBENCH), name_text(row.workspace, DEFAULT), _count(row.api), _count(row.csv),
            *(f"{row.code.total:,}" if row.code else "–",) * has_code,
            estimate_text(row.estimate), cents_text(row.csv_billed_pico_usd), format_share(row.seen_here),
        )
        for row in found.keys
    ]  # fmt: skip
    return heads, lines


def _workspaces(found: Reckoning) -> Table:
    heads = ("workspace", "API", "export", "list $", "billed $ (API)", "billed $ (export)")
    lines: list[Sequence[str]] = [
        (
            name_text(row.workspace, DEFAULT), _count(row.api), _count(row.csv), estimate_text(row.estimate),
            cents_text(row.api_billed_pico_usd), cents_text(row.csv_billed_pico_usd),
        )
        for row in found.workspaces
    ]  # fmt: skip
    return heads, lines


def name_text(text: str, otherwise: str) -> str:
    """A name in at most 40 cells, or what stands for none."""
    return shorten_end(safe_text(text), 40) or otherwise


def _code(row: ReckoningRow) -> str:
    return "–" if row.code is None else f"{row.code.tokens.total:,}"


def _count(tokens: Tokens | None) -> str:
    return "–" if tokens is None else f"{tokens.total:,}"


def estimate_text(estimate: Estimate | None) -> str:
    """A sum at list price: `≥` if part of it may cost more or has no price, `?` if nothing has one."""
    if estimate is None:
        return "–"
    if estimate.is_unknown:
        return "?"
    return cents_text(estimate.pico_usd, at_least=estimate.is_lower_bound)


def words_first(heads: Sequence[str]) -> int:
    """How many of the first columns hold words; the others hold figures."""
    return next((place for place, head in enumerate(heads) if head not in _WORDS), len(heads))
